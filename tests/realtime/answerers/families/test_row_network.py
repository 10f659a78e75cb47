"""A model of every family answers a call: within its bounds, by its seed alone, however early it is asked."""

from dataclasses import replace
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from music.notes import NoteOff, NoteOn
from music.phrase import Phrase, events_of, phrase_of
from realtime.answerers.bounds import bounds_for, keeps_within
from realtime.answerers.families.row_network import RowNetwork
from realtime.answerers.ideas import OpenMind
from realtime.inference.bundle import ModelFileError, check_answers, read_bundle
from realtime.inference.rows.row_session import RowSession, open_rows
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import NOT_ASKED, Request
from realtime.shelf import Shelf
from tests.support.phrases import improvised

ZOO = sorted((Path(__file__).parents[3] / "golden" / "families").glob("*.onnx"))
CALL = improvised(3, notes=24, pedal=False)
REQUEST = Request(1, 1, 0, tuple(events_of(CALL.moved(7.0))), 0.5, CALL.until + 7.5, 3.0)
Event = NoteOn | NoteOff


@pytest.fixture(scope="module", params=ZOO, ids=lambda path: path.stem)
def session(request: pytest.FixtureRequest) -> RowSession:
    return open_rows(request.param)


def answer(session: RowSession, request: Request = REQUEST, steps: int = 0, seed: int = 1) -> list[Event]:
    """What is answered after so many steps of thinking."""
    network = RowNetwork(session, seed)
    network.expect(replace(request, attempt=NOT_ASKED))
    for _ in range(steps):
        network.think()
    events = list(network.answer(request))
    assert network.stood_in == 0
    return events


def test_an_answer_comes_in_time_and_within_the_bounds(session: RowSession) -> None:
    events = answer(session)
    struck = [event for event in events if isinstance(event, NoteOn)]
    assert struck
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert REQUEST.starts_after < struck[0].at <= REQUEST.starts_after + 1.0
    assert struck[-1].at < struck[0].at + REQUEST.length_s
    assert len(struck) == len(events) - len(struck)
    assert all(21 <= event.pitch <= 108 for event in events)
    assert all(1 <= event.velocity <= 127 for event in struck)
    assert keeps_within(phrase_of(events).notes, bounds_for(CALL.notes))


@pytest.mark.parametrize("steps", [5, 40])
def test_it_is_the_same_however_much_was_thought_ahead(session: RowSession, steps: int) -> None:
    assert answer(session, steps=steps) == answer(session)


def test_another_seed_or_attempt_is_another_answer(session: RowSession) -> None:
    again = replace(REQUEST, attempt=1, starts_after=REQUEST.starts_after + 1)
    assert len({str(answer(session)), str(answer(session, seed=2)), str(answer(session, again))}) == 3


def test_an_answer_cut_off_leaves_the_next_one_as_it_would_be(session: RowSession) -> None:
    network = RowNetwork(session, 1)
    begun = network.answer(REQUEST)
    next(begun)
    begun.close()
    assert list(network.answer(REQUEST)) == answer(session)


def test_a_knob_that_is_turned_changes_what_has_not_been_played(session: RowSession) -> None:
    whole, begun = answer(session), RowNetwork(session, 1).answer(REQUEST)
    played = [next(begun), begun.send(replace(DEFAULT_KNOBS, temperature=2.0))]
    assert played[0] == whole[0]
    at = [event.at for event in (*played, *begun)]
    assert at == sorted(at)


def test_nothing_is_answered_by_nothing(session: RowSession) -> None:
    assert list(RowNetwork(session, 1).answer(replace(REQUEST, call=()))) == []


def test_a_call_that_can_not_be_written_down_is_answered_by_rule() -> None:
    network = RowNetwork(open_rows(next(path for path in ZOO if "character" in path.stem)), 1)
    below = Phrase.of(replace(note, pitch=10) for note in CALL.notes)
    events = list(network.answer(replace(REQUEST, call=tuple(events_of(below)))))
    assert network.stood_in == 1
    assert events


def test_loudness_is_the_players_where_the_family_says_nothing_of_it() -> None:
    rolls = open_rows(next(path for path in ZOO if "nade" in path.stem))
    loud = Phrase.of(replace(note, velocity=101) for note in CALL.notes)
    events = answer(rolls, replace(REQUEST, call=tuple(events_of(loud))))
    assert {event.velocity for event in events if isinstance(event, NoteOn)} == {101}


@pytest.mark.parametrize("path", ZOO, ids=lambda path: path.stem)
def test_every_file_stands_on_the_shelf(path: Path) -> None:
    shelf = Shelf.of(str(path), [], "auto", 1)
    opened = shelf.open(shelf.begins_with)
    assert isinstance(opened.answerer, RowNetwork)
    assert opened.answerer.device == "cpu"


def test_a_model_that_learnt_backwards_is_refused_before_the_show() -> None:
    bundle = read_bundle(ZOO[0])
    backwards = replace(bundle, header=replace(bundle.header, is_backwards=True))
    with pytest.raises(ModelFileError, match="learnt music backwards, so it can't answer"):
        check_answers(backwards)


def test_a_grid_lies_on_the_beat_of_the_player() -> None:
    rolls = open_rows(next(path for path in ZOO if "nade" in path.stem))
    beats = Phrase.of(replace(CALL.notes[0], at=0.6 * n, length_s=0.3) for n in range(8))
    events = answer(rolls, replace(REQUEST, call=tuple(events_of(beats)), starts_after=5.5))
    struck = np.array([event.at for event in events if isinstance(event, NoteOn)])
    off = (struck / 0.6 * rolls.bundle.encoding.settings["steps"]) % 1.0
    assert np.minimum(off, 1 - off).max() < 0.1


def test_a_hand_that_steers_moves_the_call_that_is_written_down(session: RowSession) -> None:
    network = RowNetwork(session, 1)
    calls = []
    if session.bundle.encoding.name == "chord":
        network.expect(REQUEST, Knobs(density=2.0))
        assert network._expected is None  # of the chords that come of that it learnt none: the rule answers
        return
    for knobs in (DEFAULT_KNOBS, Knobs(register=12.0), Knobs(density=2.0)):
        network.expect(REQUEST, knobs)
        assert network._expected is not None
        calls.append(network._expected.heard.call)
    plain, higher, denser = calls
    assert fmean(note.pitch for note in higher) == pytest.approx(fmean(note.pitch for note in plain) + 12)
    assert len(denser) > 1.3 * len(plain)


def test_a_sketch_is_what_is_answered_without_time_to_think_and_changes_nothing(session: RowSession) -> None:
    network = RowNetwork(session, 1)
    network.expect(replace(REQUEST, attempt=NOT_ASKED))
    network.think()
    sketched = list(network.sketch(REQUEST))
    assert [event for event in sketched if event is not None] == answer(session)
    assert list(network.answer(REQUEST)) == answer(session)


def test_what_stands_ready_is_the_beginning_of_what_is_answered_and_grows(session: RowSession) -> None:
    network = RowNetwork(session, 1)
    assert network.ready(REQUEST) == ()
    network.expect(REQUEST)
    lengths = [len(network.ready(REQUEST))]
    while network.think():
        lengths.append(len(network.ready(REQUEST)))
    ready = network.ready(REQUEST)
    played = [event for event in answer(session) if isinstance(event, NoteOn)]
    assert lengths == sorted(lengths)
    assert len(ready) > lengths[0] == 0
    assert [(n.at, n.pitch, n.velocity) for n in ready] == [
        (n.at, n.pitch, n.velocity) for n in played[: len(ready)]
    ]
    assert network.ready(replace(REQUEST, turn=2)) == ()
    assert isinstance(network, OpenMind)
    assert network.likely_keys() == {}
