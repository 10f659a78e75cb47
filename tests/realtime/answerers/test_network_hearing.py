"""What a model is fed of a call as it grows, in its own beat if it listens; and the passages of an answer.

The model is a rule with random numbers: what is proved is the answerer's, and nothing of music.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from music.listening.beat_time import BEAT_CELLS, BEAT_S
from music.listening.portrait import portrait_of
from music.notes import KeyEvent, Note, NoteOff, NoteOn
from music.phrase import Phrase, events_of, phrase_of
from realtime.answerers.likeness import FIRST_LOOK, Likeness, in_its_own_beat, looks_within
from realtime.answerers.line import LONGEST_WAIT_S
from realtime.answerers.network import (
    HEAD_START_S,
    JOINED,
    LONGEST_PASSAGE_S,
    Network,
    _passage_s,
)
from realtime.answerers.passages.candidates import Candidates
from realtime.answerers.passages.part import SHORTEST_PASSAGE_S
from realtime.answerers.passages.thinking import Thought
from realtime.answerers.rule.imitation import Imitation
from realtime.inference.session import EventToken, ModelSession
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import Request
from tests.support.drawing import DrawingRuntime, drawing_session
from tests.support.phrases import check_each_strike_is_released, improvised

TEMPO_S = 0.6
IN_TIME = Phrase.of(
    Note(2.0 + place * TEMPO_S / 2, pitch, 70, 0.2)
    for place, pitch in enumerate((60, 62, 64, 65, 67, 65, 64, 62, 60, 64, 67, 72, 71, 67, 65, 62))
)


def events(phrase: Phrase) -> tuple[KeyEvent, ...]:
    return tuple(events_of(phrase))


def asked(call: Phrase = IN_TIME, silence_s: float = 0.4, length_s: float = 4.0, attempt: int = 0) -> Request:
    happened = events(call)
    return Request(1, 1, attempt, happened, silence_s, happened[-1].at + silence_s, length_s)


def thought_of(
    session: ModelSession, request: Request, knobs: Knobs = DEFAULT_KNOBS, seed: int = 5
) -> Network:
    """An answerer that had time to think."""
    network = Network(session, seed, lanes=3)
    network.expect(request, knobs)
    while network.think():
        pass
    return network


def onset_cells(fed: Sequence[EventToken]) -> list[int]:
    """The cells since the beginning at which keys went down; every gap is short enough to be exact."""
    cell, cells = 0, []
    for gap, key, _ in fed:
        cell += gap
        if key < 88:
            cells.append(cell)
    return cells


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> tuple[ModelSession, DrawingRuntime]:
    return drawing_session(monkeypatch)


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> tuple[ModelSession, DrawingRuntime]:
    return drawing_session(monkeypatch, listens=True)


def test_each_event_is_fed_once_as_a_call_grows(plain: tuple[ModelSession, DrawingRuntime]) -> None:
    session, runtime = plain
    network, call = Network(session, 1), events(IN_TIME)
    for length in range(1, len(call) + 1):
        network.hear(call[:length])
    grown = list(runtime.fed_events)
    assert len(grown) == len(call)  # the begin, and all but the last: that one is read with the first draw
    runtime.fed_events.clear()
    Network(session, 1).hear(call)
    assert runtime.fed_events == grown


def test_nothing_heard_feeds_nothing(plain: tuple[ModelSession, DrawingRuntime]) -> None:
    session, runtime = plain
    Network(session, 1).hear(())
    assert runtime.fed_events == []


def test_another_call_is_heard_from_its_beginning(plain: tuple[ModelSession, DrawingRuntime]) -> None:
    session, runtime = plain
    network = Network(session, 1)
    network.hear(events(IN_TIME))
    runtime.fed_events.clear()
    network.hear(events(improvised(3, notes=6)))
    assert runtime.fed_events[0] == session.begin


def test_a_model_that_does_not_listen_hears_seconds(plain: tuple[ModelSession, DrawingRuntime]) -> None:
    session, runtime = plain
    Network(session, 1).hear(events(IN_TIME))
    assert np.diff(onset_cells(runtime.fed_events[1:])).tolist() == [30] * 14 + [30]


def test_a_model_that_listens_hears_a_call_in_its_beat(
    listening: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, runtime = listening
    network = Network(session, 1)
    network.hear(events(IN_TIME))
    assert runtime.fed_events[0] == session.begin_in_beats != session.begin
    cells = np.diff(onset_cells(runtime.fed_events[1:]))
    beats = cells.mean() / BEAT_CELLS
    assert min(abs(beats - part) for part in (0.25, 0.5, 1.0)) < 0.01
    assert cells.max() - cells.min() <= 1


@pytest.mark.parametrize("tempo", [0.8, 1.0, 1.3])
def test_a_faster_or_slower_call_is_heard_alike(
    listening: tuple[ModelSession, DrawingRuntime], tempo: float
) -> None:
    session, runtime = listening
    at_its_tempo = Phrase.of(
        replace(note, at=note.at * tempo, length_s=note.length_s * tempo) for note in IN_TIME.notes
    )
    Network(session, 1).hear(events(at_its_tempo))
    cells = np.diff(onset_cells(runtime.fed_events[1:]))
    beats = np.log2(cells.mean() / BEAT_CELLS)
    assert beats == pytest.approx(round(beats), abs=0.03)


def test_a_growing_call_is_looked_at_for_its_beat_once_there_are_enough_events(
    listening: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, runtime = listening
    network, enough = Network(session, 1), FIRST_LOOK
    for length in range(1, enough):
        network.hear(events(IN_TIME)[:length])
    assert session.begin_in_beats not in runtime.fed_events
    network.hear(events(IN_TIME)[:enough])
    assert session.begin_in_beats in runtime.fed_events


def test_as_a_call_grows_it_is_heard_anew_a_few_times_at_most(
    listening: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, runtime = listening
    network, call = Network(session, 1), events(IN_TIME)
    for length in range(1, len(call) + 1):
        network.hear(call[:length])
    begun = [event for event in runtime.fed_events if event in (session.begin, session.begin_in_beats)]
    assert 2 <= len(begun) <= 4
    assert begun[-1] == session.begin_in_beats


def test_when_it_is_answered_the_model_knows_the_player(
    listening: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, runtime = listening
    list(Network(session, 1, lanes=0).answer(asked()))
    known = runtime.fed["portrait"][0]
    slower = TEMPO_S / BEAT_S
    nearest = min(
        np.abs(known - portrait_of(IN_TIME.notes, slower=slower * 2.0**by)).max() for by in (-1, 0, 1)
    )
    assert nearest < 0.05
    assert known.any()


def test_all_lanes_know_the_player(listening: tuple[ModelSession, DrawingRuntime]) -> None:
    session, runtime = listening
    network = Network(session, 1, lanes=4)
    network.expect(asked())
    assert network.think()
    portraits = runtime.fed["portrait"]
    assert len(portraits) == 4
    assert portraits[0].any()
    assert (portraits == portraits[0]).all()


@pytest.mark.parametrize("listens", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_an_answer_is_in_order_after_the_silence_and_let_go(
    monkeypatch: pytest.MonkeyPatch, listens: bool, seed: int
) -> None:
    session, _ = drawing_session(monkeypatch, listens=listens)
    request = asked(length_s=5.0)
    for network in (Network(session, seed), thought_of(session, request, seed=seed)):
        answer = list(network.answer(request))
        assert [event.at for event in answer] == sorted(event.at for event in answer)
        assert request.starts_after <= answer[0].at <= request.starts_after + LONGEST_WAIT_S
        check_each_strike_is_released(answer)


@pytest.mark.parametrize("listens", [False, True])
def test_the_same_seed_gets_the_same_answer_whatever_was_asked_before(
    monkeypatch: pytest.MonkeyPatch, listens: bool
) -> None:
    session, _ = drawing_session(monkeypatch, listens=listens)
    first = list(thought_of(session, asked()).answer(asked()))
    network = thought_of(session, asked(improvised(3, notes=20)))
    list(network.answer(asked(improvised(3, notes=20))))
    network.expect(asked())
    while network.think():
        pass
    assert list(network.answer(asked())) == first
    assert list(thought_of(session, asked(), seed=6).answer(asked())) != first


def test_a_call_heard_while_it_grew_is_heard_in_the_beat_of_one_heard_at_once(
    listening: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, runtime = listening
    call = asked().call
    Network(session, 5).hear(call)
    at_once = onset_cells(runtime.fed_events[1:])
    network = Network(session, 5)
    for length in range(1, len(call) + 1):
        network.hear(call[:length])
    begun = max(place for place, event in enumerate(runtime.fed_events) if event == session.begin_in_beats)
    grown = onset_cells(runtime.fed_events[begun + 1 :])
    off = [(one - other + 2) % BEAT_CELLS for one, other in zip(grown, at_once, strict=True)]
    assert len(off) >= len(IN_TIME.notes) - 1
    assert max(off) <= 2 + BEAT_CELLS / 8


def test_without_lanes_nothing_is_thought_of(plain: tuple[ModelSession, DrawingRuntime]) -> None:
    session, runtime = plain
    network = Network(session, 1, lanes=0)
    network.expect(asked())
    assert not network.think()
    assert runtime.lanes == []


def test_what_is_expected_again_is_not_thought_of_anew(plain: tuple[ModelSession, DrawingRuntime]) -> None:
    session, runtime = plain
    network = thought_of(session, asked())
    drawn = len(runtime.lanes)
    network.expect(replace(asked(), ticket=9, attempt=1))
    assert not network.think()
    assert len(runtime.lanes) == drawn
    network.expect(asked(), Knobs(temperature=0.3))
    assert network.think()


@pytest.mark.parametrize(
    ("length_s", "passage_s"),
    [(0.0, 0.0), (3.0, 3.0), (LONGEST_PASSAGE_S, LONGEST_PASSAGE_S), (9.0, 4.5), (24.0, 8.0), (25.0, 6.25)],
)
def test_a_long_answer_is_of_equal_passages(length_s: float, passage_s: float) -> None:
    assert _passage_s(length_s, IN_TIME.notes) == pytest.approx(passage_s)


@pytest.mark.parametrize(("notes_a_second", "passage_s"), [(4, 8.0), (16, 4.0), (300, SHORTEST_PASSAGE_S)])
def test_of_a_dense_call_the_first_passage_is_no_fuller_than_there_is_time_to_think_of(
    notes_a_second: int, passage_s: float
) -> None:
    dense = [Note(place / notes_a_second, 60 + place % 12, 70, 0.01) for place in range(10 * notes_a_second)]
    assert _passage_s(24.0, dense) == pytest.approx(passage_s, rel=0.15)


def test_what_is_ranked_already_is_played_though_not_all_is_judged(
    plain: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, _ = plain
    network = Network(session, 5, lanes=3)
    network.expect(asked())
    assert network._expected is not None
    thought = network._expected.thought
    while not thought.is_ready:
        network.think()
    assert not thought.is_complete
    expected = [note.pitch for note in thought.ranked[0]]
    answer = phrase_of(network.answer(asked())).notes
    assert sorted(note.pitch for note in answer) == sorted(expected)


@pytest.mark.parametrize("listens", [False, True])
def test_an_answer_of_several_passages_lasts_as_long_as_asked(
    monkeypatch: pytest.MonkeyPatch, listens: bool
) -> None:
    session, _ = drawing_session(monkeypatch, listens=listens)
    request = asked(length_s=20.0)
    answer = list(thought_of(session, request).answer(request))
    onsets = [event.at for event in answer if isinstance(event, NoteOn)]
    assert 20.0 - LONGEST_PASSAGE_S < onsets[-1] - onsets[0] < 22.0
    assert [event.at for event in answer] == sorted(event.at for event in answer)
    check_each_strike_is_released(answer)


def test_the_next_passage_is_thought_of_while_the_one_before_is_taken(
    plain: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, runtime = plain
    request = asked(length_s=16.0)
    answer = thought_of(session, request).answer(request)
    drawn = len(runtime.lanes)
    first = event = next(answer)
    while event.at < first.at + HEAD_START_S:
        event = next(answer)
        assert len(runtime.lanes) == drawn  # what comes first is waited for
    for _ in range(4):
        next(answer)
    assert len(runtime.lanes) > drawn


def test_a_knob_turned_in_an_answer_changes_what_follows_and_lets_go_of_what_sounds(
    plain: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, _ = plain
    request = asked(length_s=6.0)
    whole = list(thought_of(session, request).answer(request))
    answer = thought_of(session, request).answer(request)
    changed = [next(answer) for _ in range(5)]
    changed += [answer.send(Knobs(temperature=0.0)), *answer]
    assert changed[:5] == whole[:5]
    assert changed != whole
    assert [event.at for event in changed] == sorted(event.at for event in changed)
    check_each_strike_is_released(changed)


def test_a_knob_left_alone_or_another_one_turned_changes_nothing(
    plain: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, _ = plain
    whole = list(thought_of(session, asked()).answer(asked()))
    answer = thought_of(session, asked()).answer(asked())
    assert [next(answer), answer.send(DEFAULT_KNOBS), answer.send(Knobs(loudness=2.0)), *answer] == whole


def test_where_nothing_could_be_made_of_what_was_thought_the_rule_answers_and_is_counted(
    plain: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, _ = plain
    network = thought_of(session, asked())
    assert network._expected is not None
    network._expected.thought.ranked.clear()
    assert network.stood_in == 0
    assert list(network.answer(asked())) == list(Imitation(5).answer(asked()))
    assert network.stood_in == 1


def test_a_call_of_a_single_note_is_answered(plain: tuple[ModelSession, DrawingRuntime]) -> None:
    session, _ = plain
    request = asked(Phrase.of([Note(0.0, 60, 80, 0.5)]))
    assert phrase_of(thought_of(session, request).answer(request)).notes


def test_only_what_is_remembered_of_a_long_call_is_answered(
    plain: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, _ = plain
    long_ago = [Note(0.0, 24, 127, 0.1), *(replace(note, at=note.at + 60.0) for note in IN_TIME.notes)]
    request = asked(Phrase.of(long_ago))
    network = thought_of(session, request)
    assert network._expected is not None
    assert [note.pitch for note in network._expected.thought.call] == [note.pitch for note in IN_TIME.notes]
    assert all(isinstance(event, NoteOn | NoteOff) for event in network.answer(request))


TUNE = Phrase.of(  # a beat, then two halves of one
    Note(2.0 + (place + half) * TEMPO_S, 60 + place, 70, 0.15)
    for place in range(12)
    for half in ((0.0, 0.5) if place % 2 else (0.0,))
)
WITH_AN_UPBEAT = Phrase.of([Note(2.0 - 0.3 * TEMPO_S, 55, 70, 0.1), *TUNE.notes])


def test_an_upbeat_is_heard_before_the_beat_and_what_follows_on_it(
    listening: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, runtime = listening
    call = events(WITH_AN_UPBEAT)
    likeness = in_its_own_beat(call, call[0].at)
    assert likeness is not None
    assert 0.1 < likeness.begins_s < BEAT_S - 0.05
    Network(session, 1, lanes=1).expect(asked(WITH_AN_UPBEAT))
    cells = onset_cells(runtime.fed_events[1:])
    assert cells[0] == pytest.approx(likeness.begins_s * 100, abs=1)
    halves = [cell % (BEAT_CELLS / 2) for cell in cells[1:]]
    assert all(min(off, BEAT_CELLS / 2 - off) <= 2 for off in halves)


def test_the_silence_is_counted_from_the_last_event_in_the_models_time(
    listening: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, runtime = listening
    request = asked(WITH_AN_UPBEAT, silence_s=0.8)
    likeness = in_its_own_beat(request.call, request.call[0].at)
    assert likeness is not None
    network = Network(session, 1, lanes=2)
    network.expect(request)
    network.think()
    passed = runtime.fed["gap_at_least"].tolist()
    assert passed == pytest.approx([likeness.heard_s(0.8) * 100] * 2, abs=2)


def test_when_the_beat_of_a_long_call_is_found_again_nearly_the_same_nothing_is_heard_twice(
    monkeypatch: pytest.MonkeyPatch, listening: tuple[ModelSession, DrawingRuntime]
) -> None:
    monkeypatch.setattr("realtime.answerers.network.SHORT_CALL", 20)
    session, runtime = listening
    network, request = Network(session, 1, lanes=2), asked(WITH_AN_UPBEAT)
    *_, last = looks_within(len(request.call))
    early = request.call[:last]
    found, again = (in_its_own_beat(part, part[0].at) for part in (early, request.call))
    assert found is not None
    assert again is not None
    assert found != again
    network.hear(early)
    begun = runtime.fed_events.count(session.begin_in_beats)
    network.expect(request)
    assert runtime.fed_events.count(session.begin_in_beats) == begun


@pytest.mark.parametrize("short_call", [20, 256])
@pytest.mark.parametrize("lanes", [0, 2])
def test_an_answer_follows_from_what_was_played_however_often_it_was_heard(
    monkeypatch: pytest.MonkeyPatch,
    listening: tuple[ModelSession, DrawingRuntime],
    short_call: int,
    lanes: int,
) -> None:
    monkeypatch.setattr("realtime.answerers.network.SHORT_CALL", short_call)
    session, _ = listening
    request = asked(WITH_AN_UPBEAT)

    def after_hearing(*lengths: int) -> tuple[Likeness, list[NoteOn | NoteOff]]:
        """How the call is heard in the end, and what is answered, where it was heard at these lengths too."""
        network = Network(session, 1, lanes=lanes)
        for length in lengths:
            network.hear(request.call[:length])
        network.expect(request)
        while network.think():
            pass
        answer = list(network.answer(request))
        heard = network._heard or network._struck
        assert heard is not None
        return heard.likeness, answer

    at_once = after_hearing()
    assert after_hearing(*range(1, len(request.call))) == at_once
    assert after_hearing(3, 13, 24) == at_once
    assert after_hearing(len(request.call) - 1) == at_once


def test_the_next_passage_is_bound_by_the_end_of_the_one_before(
    monkeypatch: pytest.MonkeyPatch, plain: tuple[ModelSession, DrawingRuntime]
) -> None:
    befores: list[Sequence[Note]] = []

    def thinking(
        call: Sequence[Note],
        like: Sequence[Note],
        at: float,
        length_s: float,
        lanes: Candidates,
        before: Sequence[Note],
        ends: bool,
    ) -> Thought:
        befores.append(before)
        return Thought(call, like, at, length_s, lanes, before, ends)

    monkeypatch.setattr("realtime.answerers.network.Thought", thinking)
    session, _ = plain
    request = asked(length_s=16.0)
    answer = phrase_of(thought_of(session, request).answer(request)).notes
    first, second, *_ = befores
    assert first == ()
    assert JOINED - 6 <= len(second) <= JOINED
    pitches = [note.pitch for note in answer]
    ends_at = [note.at for note in answer].index(second[-1].at) + 1
    assert pitches[ends_at - len(second) : ends_at] == [note.pitch for note in second]


def test_handed_over_before_the_thinking_is_done_nothing_is_heard_again(
    listening: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, runtime = listening
    request = asked()
    network = Network(session, 5, lanes=3)
    network.hear(request.call)
    network.expect(request)
    runtime.fed_events.clear()
    first = next(network.answer(request))
    assert isinstance(first, NoteOn)
    assert len(runtime.fed_events) == 1  # the last key going down; that it is let go is read with the draw


def test_of_what_could_not_be_thought_to_its_end_the_beginning_is_played_and_it_goes_on(
    plain: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, _ = plain
    request = asked(length_s=6.0)
    network = Network(session, 5, lanes=3)
    network.expect(request)
    assert network._expected is not None
    thought = network._expected.thought
    while thought.candidates.done < 0.5:
        network.think()
    assert not thought.candidates.is_over
    answer = phrase_of(network.answer(request)).notes
    assert thought.candidates.is_cut_short
    first = thought.ranked[0]
    assert [note.pitch for note in answer[: len(first) // 2]] == [
        note.pitch for note in first[: len(first) // 2]
    ]
    assert answer[-1].at - answer[0].at >= 4.0
    assert list(network.answer(replace(request, attempt=1)))


# Steered by hand.

REGISTER = 5  # the place of the mean pitch in a portrait, in steps of ten semitones


def pitch_of(notes: Sequence[Note]) -> float:
    return sum(note.pitch for note in notes) / len(notes)


def test_a_hand_that_steers_moves_the_portrait_and_the_answer(
    listening: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, runtime = listening
    found = []
    for knobs in (DEFAULT_KNOBS, Knobs(register=12.0)):
        network = thought_of(session, asked(), knobs)
        found.append((runtime.fed["portrait"][0], phrase_of(network.answer(asked(), knobs)).notes))
    (portrait, plain), (steered_portrait, higher) = found
    assert steered_portrait[REGISTER] - portrait[REGISTER] == pytest.approx(1.2, abs=0.01)
    assert pitch_of(higher) - pitch_of(plain) == pytest.approx(12, abs=4)


def test_what_was_thought_of_before_a_hand_steered_is_not_played(
    listening: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, runtime = listening
    network = thought_of(session, asked())
    list(network.answer(asked(), Knobs(articulation=2.0)))
    assert len(runtime.fed["portrait"]) == 1  # drawn event by event, by a model that knows what is wished
    sounding = runtime.fed["portrait"][0][3]
    list(Network(session, 5, lanes=0).answer(asked()))
    assert sounding > runtime.fed["portrait"][0][3] + 0.2


@pytest.mark.parametrize("lanes", [0, 3])
def test_a_hand_that_steers_while_an_answer_sounds_is_heard_from_there_on(
    listening: tuple[ModelSession, DrawingRuntime], lanes: int
) -> None:
    session, runtime = listening
    network, request = Network(session, 5, lanes=lanes), asked()
    network.expect(request)
    while network.think():
        pass
    events = network.answer(request)
    next(events)
    events.send(DEFAULT_KNOBS)
    before = runtime.fed["portrait"][0][REGISTER]
    events.send(Knobs(register=24.0))
    next(events)
    assert runtime.fed["portrait"][0][REGISTER] - before == pytest.approx(2.4, abs=0.01)


def test_a_model_that_does_not_listen_is_steered_by_what_is_chosen(
    plain: tuple[ModelSession, DrawingRuntime],
) -> None:
    session, _ = plain
    lower, middle = (
        phrase_of(thought_of(session, asked(), knobs).answer(asked(), knobs)).notes
        for knobs in (Knobs(register=-12.0), DEFAULT_KNOBS)
    )
    assert pitch_of(middle) - pitch_of(lower) == pytest.approx(12, abs=4)
