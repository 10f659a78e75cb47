"""The event model: streaming equals the whole, what can't be played is never predicted, the past matters."""

import pytest
import torch

from music.encodings.event import EventEncoding
from music.notes import KEYS
from tests.support.phrases import improvised
from training.models.event_model import EventModel, EventModelSettings, begin_event

SMALL = EventModelSettings(layers=2, width=24, gap_size=8, key_size=8, velocity_size=4, head=16)


@pytest.fixture
def model() -> EventModel:
    torch.manual_seed(1)
    return EventModel(SMALL).eval()


def played(seed: int, events: int = 60) -> torch.Tensor:
    tokens = EventEncoding().encode(improvised(seed, notes=events, pedal=True))[: events - 1]
    return torch.cat([torch.tensor([begin_event()]), torch.from_numpy(tokens)])[None]


def test_reading_event_by_event_equals_reading_the_whole(model: EventModel) -> None:
    events = torch.cat([played(1), played(2)])
    whole, after_whole = model(events, model.silent_state(2))
    state = model.silent_state(2)
    for place in range(events.shape[1]):
        read, state = model.step(events[:, place], state)
        torch.testing.assert_close(read.features[:, 0], whole.features[:, place], atol=1e-5, rtol=0)
        torch.testing.assert_close(read.sounding[:, 0], whole.sounding[:, place])
    for one, other in zip(state, after_whole, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


def test_reading_in_two_windows_equals_reading_in_one(model: EventModel) -> None:
    events = played(3)
    whole, _ = model(events, model.silent_state(1))
    _, halfway = model(events[:, :25], model.silent_state(1))
    rest, _ = model(events[:, 25:], halfway)
    torch.testing.assert_close(rest.features, whole.features[:, 25:], atol=1e-5, rtol=0)


def test_what_sounds_is_what_the_keyboard_says(model: EventModel) -> None:
    encoding, phrase = EventEncoding(), improvised(4, pedal=True)
    read, _ = model(played(4), model.silent_state(1))
    state = encoding.start()
    for place, token in enumerate(encoding.encode(phrase)[:59].tolist()):
        state, _ = encoding.perform(state, tuple(token))
        keys = [bool(state.keyboard.sounding >> pitch & 1) for pitch in range(21, 109)]
        assert read.sounding[0, place + 1].bool().tolist() == keys


def test_a_key_goes_down_only_if_silent_and_up_only_if_it_sounds(model: EventModel) -> None:
    read, _ = model(played(5), model.silent_state(1))
    gap = torch.zeros(read.features.shape[:2], dtype=torch.long)
    possible = model.key_logits(read, gap).softmax(-1) > 0
    assert torch.equal(possible[..., :KEYS], read.sounding == 0)
    assert torch.equal(possible[..., KEYS:], read.sounding == 1)


def test_the_surprise_of_real_music_is_finite_and_the_velocity_of_a_release_is_none(
    model: EventModel,
) -> None:
    events = played(6)
    read, _ = model(events[:, :-1], model.silent_state(1))
    nats = model.surprise(read, events[:, 1:])
    assert nats.isfinite().all()
    assert nats.max() < 100
    goes_up = events[0, 1:, 1] >= KEYS
    assert (nats[0, goes_up, 2] == 0).all()
    assert (nats[0, ~goes_up, 2] > 0).all()


def test_each_field_sees_the_ones_before_it(model: EventModel) -> None:
    events = played(7)
    read, _ = model(events[:, :-1], model.silent_state(1))
    gap, key = events[:, 1:, 0], events[:, 1:, 1]
    assert not torch.equal(model.key_logits(read, gap), model.key_logits(read, (gap + 1) % 100))
    velocity = model.velocity_logits(read, gap, key)
    assert not torch.equal(velocity, model.velocity_logits(read, (gap + 1) % 100, key))
    assert not torch.equal(velocity, model.velocity_logits(read, gap, (key + 1) % KEYS))


def test_how_long_a_key_has_sounded_matters(model: EventModel) -> None:
    events = played(8)[:, :10]
    _, state = model(events, model.silent_state(1))
    older = state._replace(age=state.age + 300 * state.sounding)
    following = torch.tensor([[5, 40, 10]])
    assert not torch.equal(model.step(following, state)[0].features, model.step(following, older)[0].features)
