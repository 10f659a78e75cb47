"""The live graph draws by the model's probabilities, scores what is given, and never what can't be played."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from export.bundle import header_of
from export.step_graph import Pieces, joined
from music.encodings.event import EventEncoding
from music.notes import KEYS
from music.settings import SettingError
from music.tokens.scales import GAPS, gap_cells, gap_number, gap_width
from realtime.inference.bundle import Bundle, fingerprint_of, sealed
from realtime.inference.session import Array, EventToken, Inputs, ModelSession, ModelState
from tests.support.models import CORPUS_RECORD
from tests.support.phrases import improvised
from training.models.catalogue import model_for
from training.models.event_model import EventModel, EventModelSettings, Read, begin_event

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exported")]

DRAWS = 4000
EVENTS = np.concatenate([[begin_event()], EventEncoding().encode(improvised(3, notes=30, pedal=True))])


@pytest.fixture(scope="module")
def session(model: EventModel, pieces: Pieces) -> ModelSession:
    record = {"data": [CORPUS_RECORD], "tier": "own", "source_commit": "0123abcd"}
    header = header_of("small", record, EventEncoding(), model, "fp32")
    content = sealed(joined(pieces).SerializeToString(), header)
    return ModelSession(Bundle(Path("small.onnx"), header, fingerprint_of(content), content))


@pytest.fixture(scope="module")
def midway(session: ModelSession) -> tuple[EventToken, ModelState]:
    """An event in the middle of the music, with keys sounding, and the state from before it."""
    state = session.silent_state()
    for event in EVENTS[:20].tolist():
        state = session.feed(tuple(event), state)
    return tuple(EVENTS[20].tolist()), state


def read_by(model: EventModel, event: EventToken, state: ModelState) -> Read:
    states = dict(zip(model.silent_state(1), map(torch.from_numpy, state), strict=True))
    lanes_first = {name: value.transpose(0, 1) for name, value in states.items() if value.dim() == 3}
    with torch.no_grad():
        return model.step(torch.tensor([event]), states | lanes_first)[0]


def drawn(session: ModelSession, midway: tuple[EventToken, ModelState], **controls: Any) -> Array:
    """Many events drawn from one place, side by side: events x 3."""
    event, state = midway
    feeds = session._controls(DRAWS)
    feeds["event"][:] = event
    feeds["chance"][:] = np.random.default_rng(5).random((DRAWS, 3))
    for name, value in controls.items():
        feeds[name][:] = value
    lanes = tuple(np.repeat(part, DRAWS, axis=part.shape.index(1)) for part in state)
    return np.concatenate(
        [np.reshape(part, (DRAWS, -1)) for part in session._run(session._names, feeds, lanes)[:2]], 1
    )


def check_drawn(numbers: Array, expected: Array) -> None:
    """A chi-square of what was drawn against what was expected, rare ones together; up to five deviations."""
    counts = np.bincount(numbers, minlength=len(expected))
    assert not counts[expected == 0].any()
    often = expected * DRAWS >= 5
    seen = np.append(counts[often], counts[~often].sum())
    wanted = np.append(expected[often], expected[~often].sum()) * DRAWS
    seen, wanted = seen[wanted > 0], wanted[wanted > 0]
    square = float(((seen - wanted) ** 2 / np.maximum(wanted, 1.0)).sum())
    freedom = max(len(wanted) - 1, 1)
    assert square < freedom + 5 * np.sqrt(2 * freedom) + 5


def cut(shares: Array, top_p: float) -> Array:
    order = np.argsort(-shares)
    kept = np.cumsum(shares[order]) - shares[order] < top_p
    shares = np.where(np.isin(np.arange(len(shares)), order[kept]), shares, 0.0)
    return shares / shares.sum()


@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 1.0), (0.7, 0.9), (1.5, 0.6), (3.0, 1.0)])
def test_fields_are_drawn_as_their_probabilities_say(
    model: EventModel,
    session: ModelSession,
    midway: tuple[EventToken, ModelState],
    temperature: float,
    top_p: float,
) -> None:
    read = read_by(model, *midway)
    events = drawn(session, midway, temperature=temperature, top_p=top_p)
    with torch.no_grad():
        of_gap = (model.gap_logits(read)[0, 0] / temperature).softmax(-1).double().numpy()
    expected = cut(of_gap, top_p)
    expected[expected < 2e-5] = 0  # the last hundred-thousandth of a distribution is never drawn
    check_drawn(events[:, 0], expected / expected.sum() if top_p < 1 else expected + (expected == 0) * 1e-12)


def test_keys_and_velocities_are_drawn_after_the_gap_that_is_given(
    model: EventModel, session: ModelSession, midway: tuple[EventToken, ModelState]
) -> None:
    read, gap = read_by(model, *midway), torch.tensor([[12]])
    events = drawn(session, midway, given=(12, 0, 0), is_given=(True, False, False), top_p=0.95)
    with torch.no_grad():
        of_key = model.key_logits(read, gap)[0, 0].softmax(-1).double().numpy()
    check_drawn(events[:, 1], cut(of_key, 0.95))
    silent = int(np.flatnonzero(read.sounding[0, 0].numpy() == 0)[0])
    events = drawn(session, midway, given=(12, silent, 0), is_given=(True, True, False), top_p=0.95)
    with torch.no_grad():
        of_bin = model.velocity_logits(read, gap, torch.tensor([[silent]]))[0, 0].softmax(-1)
    check_drawn(events[:, 2] - 1, cut(of_bin.double().numpy(), 0.95))


def test_at_temperature_0_the_likeliest_is_taken_whatever_the_chance(
    model: EventModel, session: ModelSession, midway: tuple[EventToken, ModelState]
) -> None:
    events = drawn(session, midway, temperature=0.0)
    assert len(np.unique(events, axis=0)) == 1
    with torch.no_grad():
        assert events[0, 0] == model.gap_logits(read_by(model, *midway)).argmax()


def test_a_key_goes_down_only_if_silent_and_up_only_if_it_sounds_at_the_hottest(
    model: EventModel, session: ModelSession, midway: tuple[EventToken, ModelState]
) -> None:
    sounding = read_by(model, *midway).sounding[0, 0].numpy()
    assert sounding.any()
    keys = drawn(session, midway, temperature=10.0)[:, 1]
    assert (sounding[keys[keys < KEYS]] == 0).all()
    assert (sounding[keys[keys >= KEYS] - KEYS] == 1).all()
    assert (keys >= KEYS).any()


def test_what_the_mask_bars_is_not_drawn_and_a_mask_that_leaves_nothing_yields(
    model: EventModel, session: ModelSession, midway: tuple[EventToken, ModelState]
) -> None:
    sounding = read_by(model, *midway).sounding[0, 0].numpy()
    mask = np.zeros(2 * KEYS, np.float32)
    mask[KEYS:] = 1
    assert (drawn(session, midway, key_mask=mask, temperature=10.0)[:, 1] >= KEYS).all()
    nothing = np.zeros(2 * KEYS, np.float32)
    nothing[np.flatnonzero(sounding)] = 1  # keys to go down that sound already
    keys = drawn(session, midway, key_mask=nothing)[:, 1]
    assert (sounding[keys[keys < KEYS]] == 0).all()
    assert (sounding[keys[keys >= KEYS] - KEYS] == 1).all()


@pytest.mark.parametrize("passed", [0, 1, 57, 100, 101, 113, 900, 2935, 3100, 3200, 3201, 90_000])
@pytest.mark.parametrize("temperature", [0.0, 1.0, 10.0])
def test_a_gap_is_never_less_than_what_has_passed(
    session: ModelSession, midway: tuple[EventToken, ModelState], passed: int, temperature: float
) -> None:
    events = drawn(session, midway, gap_at_least=passed, temperature=temperature)
    assert (events[:, 3] >= passed).all()
    assert (events[:, 0] >= gap_number(passed)).all()


def test_a_gap_that_has_partly_passed_has_the_share_that_is_left(
    model: EventModel, session: ModelSession, midway: tuple[EventToken, ModelState]
) -> None:
    bucket = 125
    first = gap_cells(bucket) - (gap_width(bucket) - 1) // 2
    passed = first + gap_width(bucket) // 3
    with torch.no_grad():
        shares = model.gap_logits(read_by(model, *midway))[0, 0].softmax(-1).double().numpy()
    shares[:bucket] = 0
    shares[bucket] *= (first + gap_width(bucket) - passed) / gap_width(bucket)
    events = drawn(session, midway, gap_at_least=passed)
    check_drawn(events[:, 0], shares / shares.sum())
    assert (events[events[:, 0] == GAPS - 1, 3] == gap_cells(GAPS - 1)).all()


def test_the_same_inputs_give_the_same_event_and_the_state_is_left_as_it_was(
    session: ModelSession, midway: tuple[EventToken, ModelState]
) -> None:
    event, state = midway
    before = [part.copy() for part in state]
    inputs = Inputs(event, (0.3, 0.6, 0.9))
    first, after_first = session.step(inputs, state)
    session.step(Inputs(event, (0.9, 0.1, 0.2), temperature=(2.0, 2.0, 2.0)), state)
    again, after_again = session.step(inputs, state)
    assert first == again
    for one, other in zip((*after_first, *before), (*after_again, *state), strict=True):
        np.testing.assert_array_equal(one, other)


def test_feeding_leads_to_the_state_that_choosing_leads_to(
    session: ModelSession, midway: tuple[EventToken, ModelState]
) -> None:
    event, state = midway
    _, stepped = session.step(Inputs(event, (0.5, 0.5, 0.5)), state)
    for one, other in zip(stepped, session.feed(event, state), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_what_is_given_comes_out_and_a_key_going_up_has_no_velocity(
    session: ModelSession, midway: tuple[EventToken, ModelState], model: EventModel
) -> None:
    event, state = midway
    sounding = int(read_by(model, event, state).sounding[0, 0].argmax())
    outputs, _ = session.step(Inputs(event, (0.5, 0.5, 0.5), given=(7, KEYS + sounding, 12)), state)
    assert outputs.event == (7, KEYS + sounding, 0)
    assert outputs.cells == 7
    assert outputs.log_probability[2] == 0.0
    assert all(np.isfinite(outputs.log_probability))


def test_controls_change_what_is_drawn_and_not_what_is_scored(
    session: ModelSession, midway: tuple[EventToken, ModelState]
) -> None:
    event, state = midway
    given = (9, 3, 4)
    plain, _ = session.step(Inputs(event, (0.5, 0.5, 0.5), given=given), state)
    hot, _ = session.step(
        Inputs(event, (0.1, 0.1, 0.1), (0.2, 3.0, 5.0), 0.3, np.zeros(2 * KEYS), given, 300), state
    )
    assert plain.log_probability == hot.log_probability


def test_music_written_with_the_pedal_as_events_is_refused() -> None:
    with pytest.raises(SettingError, match="'event' with pedal=True"):
        model_for(EventModelSettings(), EventEncoding(pedal=True))
