"""The event model: streaming equals the whole on every trunk,
what can't be played is never predicted or drawn, the past matters."""

import pytest
import torch

from music.encodings.event import EventEncoding
from music.encodings.note import NoteEncoding
from music.listening.portrait import SIZE, UNKNOWN, Portrait, portrait_of
from music.notes import KEYS
from music.settings import SettingError
from music.tokens.scales import GAPS
from tests.support.learning import check_bfloat16, check_streaming, drawn, learnt_by_heart, needs_bfloat16
from tests.support.phrases import improvised
from tests.support.trunks import LIVE_TRUNKS, SMALL_TRUNKS, check_states_are_kept_apart
from training.models import event_model
from training.models.drawing import Drawing
from training.models.event_model import EventModel, EventModelSettings, begin_event, build


def small(trunk: str = "lstm", *, listens: bool = False) -> EventModel:
    torch.manual_seed(1)
    sizes = {"gap_size": 8, "key_size": 8, "velocity_size": 4, "head": 16}
    return EventModel(EventModelSettings(trunk=SMALL_TRUNKS[trunk], listens=listens, **sizes)).eval()


@pytest.fixture
def model() -> EventModel:
    return small()


def played(seed: int, events: int = 60, *, has_beat: bool = False) -> torch.Tensor:
    tokens = EventEncoding().encode(improvised(seed, notes=events, pedal=True))[: events - 1]
    return torch.cat([torch.tensor([begin_event(has_beat=has_beat)]), torch.from_numpy(tokens)])[None]


@pytest.mark.parametrize("trunk", SMALL_TRUNKS)
def test_reading_event_by_event_equals_reading_the_whole(trunk: str) -> None:
    check_streaming(small(trunk), torch.cat([played(1), played(2)]))


@pytest.mark.parametrize("trunk", SMALL_TRUNKS)
@pytest.mark.parametrize("has_beat", [True, False])
def test_a_model_that_listens_reads_alike_event_by_event_and_the_whole(trunk: str, has_beat: bool) -> None:
    rows = torch.cat([played(1, has_beat=has_beat), played(2, has_beat=has_beat)])
    check_streaming(small(trunk, listens=True), rows)


def test_a_model_that_listens_has_the_beat_and_the_player_in_its_state() -> None:
    model = small(listens=True)
    shapes = {name: tuple(value.shape) for name, value in model.silent_state(3).items()}
    assert shapes == {
        **{"hidden": (3, 2, 24), "cell": (3, 2, 24), "sounding": (3, 88), "age": (3, 88)},
        **{"clock": (3, 1), "beat": (3, 1), "portrait": (3, SIZE)},
    }
    assert not any(value.any() for value in model.silent_state(3).values())


def test_the_beat_and_the_player_change_what_a_model_that_listens_expects() -> None:
    model = small(listens=True)

    def surprise(rows: torch.Tensor, portrait: Portrait) -> torch.Tensor:
        known = model.silent_state(1) | {"portrait": torch.from_numpy(portrait)[None]}
        return model.surprise(model(rows[:, :-1], known)[0], rows[:, 1:])

    plain = surprise(played(1), UNKNOWN)
    assert not torch.allclose(surprise(played(1, has_beat=True), UNKNOWN), plain)
    assert not torch.allclose(surprise(played(1), portrait_of(improvised(1).notes)), plain)


@pytest.mark.parametrize("listens", [True, False])
def test_only_a_model_that_listens_is_shown_that_a_beat_is_kept(listens: bool) -> None:
    model = small(listens=listens)
    assert model.begin_row == begin_event()
    assert model.begin_row_in_beats == begin_event(has_beat=listens)


def test_a_model_that_listens_learns_too() -> None:
    before, after = learnt_by_heart(small(listens=True), played(9, has_beat=True), most_steps=60, times=2.0)
    assert after * 2 < before


def test_its_state_tells_the_keyboard_beside_what_the_trunk_remembers(model: EventModel) -> None:
    shapes = {name: tuple(value.shape) for name, value in model.silent_state(3).items()}
    assert shapes == {"hidden": (3, 2, 24), "cell": (3, 2, 24), "sounding": (3, 88), "age": (3, 88)}


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


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1000.0])
def test_what_is_drawn_can_be_played_however_hot(model: EventModel, temperature: float) -> None:
    rows = drawn(model, Drawing(temperature, argmax_share=0.1), seed=1, rows=150, lanes=10)
    for lane in rows:
        sounding: set[int] = set()
        for gap, key, velocity in lane.tolist():
            assert 0 <= gap < GAPS
            assert (key in sounding) == (key >= KEYS)
            assert (1 <= velocity <= 32) if key < KEYS else velocity == 0
            sounding ^= {key + KEYS if key < KEYS else key}


def test_a_seed_draws_the_same_again_and_another_seed_something_else(model: EventModel) -> None:
    once, again, other = (drawn(model, Drawing(), seed, rows=20) for seed in (3, 3, 4))
    assert torch.equal(once, again)
    assert not torch.equal(once, other)


@pytest.mark.parametrize("state", ["sounding", "age"])
def test_a_trunk_whose_state_has_the_name_of_the_keyboards_is_refused(
    state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = played(1)[:, :5]
    check_states_are_kept_apart(
        event_model, state, lambda: EventModel(EventModelSettings()), rows, monkeypatch
    )


@needs_bfloat16
def test_it_learns_in_bfloat16_too(model: EventModel) -> None:
    check_bfloat16(model, played(1))


def test_barring_symbols_is_refused(model: EventModel) -> None:
    read, _ = model(played(1), model.silent_state(1))
    with pytest.raises(SettingError, match="no single symbol"):
        model.draw(read, Drawing(), torch.Generator(), torch.ones(1, GAPS, dtype=torch.bool))


def test_the_chances_of_each_field_sum_to_1(model: EventModel) -> None:
    read, _ = model(played(6)[:, :20], model.silent_state(1), 1)
    sounding = int(read.sounding[0, 0].argmax())
    silent = int(read.sounding[0, 0].argmin())
    cases = {
        0: [(gap, silent, 9) for gap in range(GAPS)],
        1: [(7, key, 9) for key in range(2 * KEYS)],
        2: [(7, silent, velocity) for velocity in range(1, 33)],
    }
    assert read.sounding[0, 0, sounding] == 1
    for place, rows in cases.items():
        following = torch.tensor(rows)[:, None]
        repeated = type(read)(*(part.expand(len(rows), -1, -1) for part in read))
        chances = (-model.surprise(repeated, following)[:, 0, place]).exp()
        assert chances.sum().item() == pytest.approx(1.0, abs=1e-5)


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
    older = state | {"age": state["age"] + 300 * state["sounding"]}
    following = torch.tensor([[5, 40, 10]])
    assert not torch.equal(model.step(following, state)[0].features, model.step(following, older)[0].features)


def test_dropout_falls_on_what_the_trunk_makes_and_not_on_the_keyboard() -> None:
    torch.manual_seed(1)
    model = EventModel(EventModelSettings(trunk=SMALL_TRUNKS["lstm"], head=16, dropout=0.9)).train()
    read, _ = model(played(2), model.silent_state(1))
    assert (read.features[..., :24] == 0).float().mean() > 0.7
    assert torch.equal(read.features[..., 24 : 24 + KEYS], read.sounding)


@pytest.mark.parametrize("trunk", LIVE_TRUNKS)
def test_it_learns_three_phrases_by_heart(trunk: str) -> None:
    rows = torch.cat([played(seed, 30) for seed in range(3)])
    before, after = learnt_by_heart(small(trunk), rows, most_steps=150, times=3)
    assert after < before / 3


@pytest.mark.parametrize("encoding", [EventEncoding(pedal=True), NoteEncoding()])
def test_it_reads_no_other_encoding(encoding: EventEncoding | NoteEncoding) -> None:
    with pytest.raises(SettingError, match="the event model reads the encoding 'event' as it stands, not"):
        build(EventModelSettings(), encoding)
