"""A model that listens as a file: the beat and the player are states of it, heard as the model hears them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from export.exporting import Written, export_each, source_of_file, source_of_run
from export.parity import BOUNDS, Music, Reference, check_parity, played_scores, stepped_scores, whole_scores
from export.saturation import MOST_PAIR
from music.encodings.event import EventEncoding
from music.listening.portrait import SIZE, UNKNOWN, Portrait, portrait_of
from music.settings import SettingError
from realtime.inference.bundle import PRECISIONS, StateShape
from realtime.inference.chance import chances
from realtime.inference.session import EventToken, Inputs, LaneInputs, ModelSession, ModelState, open_session
from tests.support.models import LISTENING, small_model, small_run
from tests.support.phrases import improvised
from training.models.event_model import EventModel, begin_event
from training.models.from_file import put_weights_of_file
from training.opened_run import opened

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("listening")]

SOMEBODY = portrait_of(improvised(5, notes=80).notes)
SOMEBODY_ELSE = portrait_of([replace(note, velocity=20, pitch=30) for note in improvised(6).notes])
Files = dict[str, Written]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("listening")
    run = small_run(folder, "listening", LISTENING)
    results = list(export_each(source_of_run(opened(run.path), None), folder / "out", PRECISIONS))
    return {found.bundle.header.precision: found for found in results if isinstance(found, Written)}


@pytest.fixture(scope="module")
def model() -> EventModel:
    return small_model(changes=LISTENING)


def session_of(files: Files, precision: str = "fp32") -> ModelSession:
    return open_session(files[precision].bundle.path)


def music(*, has_beat: bool, seed: int = 11, notes: int = 60) -> Music:
    events = EventEncoding().encode(improvised(seed, notes=notes, pedal=True))
    return np.concatenate([[begin_event(has_beat=has_beat)], events])


def test_the_beat_and_the_player_are_states_after_those_of_every_file(files: Files) -> None:
    assert files.keys() == set(PRECISIONS)
    for written in files.values():
        assert written.bundle.header.states == (
            *(StateShape("hidden", (2, -1, 32)), StateShape("cell", (2, -1, 32))),
            *(StateShape("sounding", (-1, 88)), StateShape("age", (-1, 88))),
            *(StateShape("clock", (-1, 1)), StateShape("beat", (-1, 1)), StateShape("portrait", (-1, SIZE))),
        )


@pytest.mark.parametrize("has_beat", [True, False])
@pytest.mark.parametrize("portrait", [UNKNOWN, SOMEBODY], ids=["nobody", "somebody"])
def test_the_model_at_once_and_event_by_event_and_the_file_are_alike(
    files: Files, model: EventModel, has_beat: bool, portrait: Portrait
) -> None:
    piece = music(has_beat=has_beat)
    whole = whole_scores(model, piece, portrait)
    np.testing.assert_allclose(stepped_scores(model, piece, portrait), whole, atol=1e-4)
    np.testing.assert_allclose(played_scores(session_of(files), piece, portrait), whole, atol=1e-4)


@pytest.mark.parametrize("precision", ["fp16", "int8"])
def test_a_smaller_file_listens_nearly_alike(files: Files, model: EventModel, precision: str) -> None:
    for has_beat in (True, False):
        piece = music(has_beat=has_beat)
        whole = whole_scores(model, piece, SOMEBODY)
        apart = np.abs(played_scores(session_of(files, precision), piece, SOMEBODY) - whole)
        assert 0 < apart.mean() <= BOUNDS[precision].mean
        assert apart.max() <= BOUNDS[precision].worst


def test_a_file_is_compared_with_its_model_in_beats_and_with_a_portrait_too(model: EventModel) -> None:
    reference = Reference.of_model(model, [music(has_beat=False)[1:]] * 2)
    assert [tuple(piece[0]) for piece in reference.pieces] == [begin_event(has_beat=True), begin_event()]
    assert [bool(portrait.any()) for portrait in reference.portraits] == [True, False]
    half = len(reference.whole) // 2
    assert not np.allclose(reference.whole[:half], reference.whole[half:])


def test_no_product_in_eight_bits_can_saturate(files: Files) -> None:
    found = files["int8"].found
    assert 0 < found.largest_pair <= MOST_PAIR
    check_parity(found, "int8")


def test_the_clock_and_the_beat_go_on_in_the_state_and_the_portrait_stays(files: Files) -> None:
    session = session_of(files)
    state = session.knowing(SOMEBODY, session.silent_state())
    for number, event in enumerate([session.begin_in_beats, (30, 40, 9), (30, 88 + 40, 0)]):
        state = session.feed(event, state)
        *_, clock, beat, portrait = state
        assert clock.item() == 30 * number % 48
        assert beat.item() == 1
        np.testing.assert_array_equal(portrait[0], SOMEBODY)
    *_, clock, beat, portrait = session.feed(session.begin, session.silent_state())
    assert (clock.item(), beat.item(), portrait.any()) == (0, 0, False)


def drawn(session: ModelSession, event: EventToken, state: ModelState) -> list[EventToken]:
    """Events at temperature 1."""
    events = []
    for number in range(40):
        outputs, state = session.step(Inputs(event, chances(1, 1, 0, number)), state)
        event = outputs.event
        events.append(event)
    return events


@pytest.mark.parametrize("precision", PRECISIONS)
def test_who_plays_and_whether_there_is_a_beat_change_what_is_drawn(files: Files, precision: str) -> None:
    session = session_of(files, precision)
    nobody, somebody, another = (
        drawn(session, session.begin, session.knowing(portrait, session.silent_state()))
        for portrait in (UNKNOWN, SOMEBODY, SOMEBODY_ELSE)
    )
    assert nobody == drawn(session, session.begin, session.silent_state())
    assert nobody != somebody != another
    assert nobody != drawn(session, session.begin_in_beats, session.silent_state())


def test_lanes_draw_what_each_would_draw_alone(files: Files) -> None:
    session = session_of(files)
    alone = [
        session.feed(session.begin_in_beats, session.knowing(portrait, session.silent_state()))
        for portrait in (SOMEBODY, SOMEBODY_ELSE)
    ]
    events: NDArray[np.int64] = np.array([(10, 40, 9), (20, 50, 12)])
    axes = [shape.index(-1) for shape in (state.shape for state in session.bundle.header.states)]
    together = tuple(
        np.concatenate(parts, axis) for axis, parts in zip(axes, zip(*alone, strict=True), strict=True)
    )
    chance = np.array([chances(1, 1, lane, 0) for lane in range(2)], np.float32)
    inputs = LaneInputs(
        events, chance, np.ones((2, 176), np.float32), np.array([0, 30]), (1.0, 1.0, 1.0), 0.95
    )
    made, cells, after = session.step_lanes(inputs, together)
    for lane, state in enumerate(alone):
        event, luck = tuple(events[lane].tolist()), tuple(chance[lane].tolist())
        outputs, single = session.step(Inputs(event, luck, top_p=0.95, gap_at_least=30 * lane), state)
        assert (tuple(made[lane].tolist()), cells[lane]) == (outputs.event, outputs.cells)
        for axis, one, all_lanes in zip(axes, single, after, strict=True):
            np.testing.assert_allclose(np.take(all_lanes, [lane], axis), one, atol=1e-5)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_a_model_that_listens_begins_with_a_file_that_does(files: Files, precision: str) -> None:
    begun = small_model(seed=2, changes=LISTENING)
    put_weights_of_file(begun, files[precision].bundle.path)
    piece = music(has_beat=True)
    apart = np.abs(
        whole_scores(begun, piece, SOMEBODY) - played_scores(session_of(files, precision), piece, SOMEBODY)
    )
    bound = BOUNDS[precision]
    assert apart.mean() <= bound.mean
    assert apart.max() <= bound.worst


def test_a_model_that_does_not_listen_does_not_begin_with_a_file_that_does(files: Files) -> None:
    with pytest.raises(SettingError, match=r"no place for its listening\..*say model\.listens=true"):
        put_weights_of_file(small_model(), files["fp32"].bundle.path)


def test_a_file_that_listens_is_exported_anew_without_its_run(files: Files, tmp_path: Path) -> None:
    source = source_of_file(files["fp32"].bundle.path, None)
    for found in export_each(source, tmp_path, ["int8", "fp16"]):
        assert isinstance(found, Written), found
        assert found.bundle.header.states == files["fp32"].bundle.header.states
        assert open_session(found.bundle.path).listens
