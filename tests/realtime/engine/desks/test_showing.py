"""What an answerer has in mind is shown to those who look, and to look delays no answer and changes none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from threading import Event as Flag
from typing import Any

import pytest

from music.notes import Note, NoteOff, NoteOn
from realtime.answerers.answerer import AnswerEvents
from realtime.engine.desks.answering import SKETCHED_EVENTS, SKETCHED_WITHIN_S, WorkerDesk
from realtime.engine.desks.showing import Showing
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import AskForAnswer, Request
from realtime.performer.events import AnswerCame, AnswerFailed
from realtime.performer.rules import DEFAULT_RULES
from realtime.performer.sound.limits import Limits
from tests.support.clock import ManualClock
from tests.support.ports import ScriptedAnswerer
from tests.support.waiting import PATIENCE_S, wait_until

CALL = (NoteOn(8.0, 60, 80), NoteOff(9.0, 60))


def ask(call: tuple[NoteOn | NoteOff, ...] = CALL) -> AskForAnswer:
    return AskForAnswer(10.0, Request(1, 1, 0, call, 1.0, 10.0, 4.0), 20.0)


@dataclass
class Open(ScriptedAnswerer):
    """Can be looked at: it has two notes in mind, and expects a third."""

    sketches: int = 0
    mind: tuple[Note, ...] = (Note(10.1, 62, 70, 0.5), Note(10.6, 64, 71, 0.25))

    def sketch(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Iterator[NoteOn | NoteOff]:
        self.sketches += 1
        yield from (NoteOn(10.1, 72, 70), NoteOff(10.5, 72))

    def ready(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Sequence[Note]:
        return self.mind

    def likely_keys(self) -> Mapping[int, float]:
        return {65: 0.75, 67: 0.25}


@dataclass
class Stand:
    """A worker, somebody who looks, and what they see."""

    answerer: ScriptedAnswerer = field(default_factory=Open)
    is_looked_at: bool = True

    def __post_init__(self) -> None:
        self.rows: list[Mapping[str, Any]] = []
        self.replies: SimpleQueue[AnswerCame | AnswerFailed] = SimpleQueue()
        self.clock = ManualClock(9.9)  # in the silence, before the question is due
        self.showing = Showing(self.clock, tell=self.rows.append)
        self.showing.look(self.is_looked_at)
        self.desk = WorkerDesk(self.answerer, self.clock, self.replies.put, self.showing)

    def sees(self, kind: str) -> Mapping[str, Any]:
        wait_until(lambda: any(row["kind"] == kind for row in list(self.rows)))
        return [row for row in self.rows if row["kind"] == kind][-1]


@pytest.fixture
def stand() -> Iterator[Stand]:
    made = Stand()
    yield made
    made.desk.close()


def test_while_a_key_is_held_a_sketch_and_what_is_expected_are_shown(stand: Stand) -> None:
    stand.desk.hear(CALL[:1], None, lambda: ask(CALL[:1]))
    idea = stand.sees("idea")
    assert (idea["is_sketch"], idea["begins_at"], idea["notes"]) == (True, None, [[0.1, 72, 70, 0.4]])
    assert stand.sees("expected")["keys"] == [[65, 0.75], [67, 0.25]]


def test_in_the_silence_what_was_thought_of_is_shown_with_its_beginning(stand: Stand) -> None:
    stand.desk.hear(CALL, ask(), ask)
    wait_until(lambda: any(not row["is_sketch"] for row in list(stand.rows) if row["kind"] == "idea"))
    idea = stand.sees("idea")
    assert (idea["begins_at"], idea["notes"]) == (10.0, [[0.1, 62, 70, 0.5], [0.6, 64, 71, 0.25]])


def test_once_asked_what_is_being_played_is_shown_after_it_was_given(stand: Stand) -> None:
    stand.desk.ask(ask())
    assert isinstance(stand.replies.get(timeout=PATIENCE_S), AnswerCame)
    assert stand.sees("idea")["begins_at"] == 10.0


def test_what_is_as_it_was_is_not_shown_again() -> None:
    rows: list[Mapping[str, Any]] = []
    showing = Showing(ManualClock(10.0), tell=rows.append)
    for _ in range(3):
        showing.stands_ready(CALL, Open().mind, 10.0)
        showing.expects({60: 0.5})
    assert [row["kind"] for row in rows] == ["idea", "expected"]
    showing.look(True)  # another has come, who has seen nothing
    showing.stands_ready(CALL, Open().mind, 10.0)
    assert len(rows) == 3


def test_an_idea_is_shown_within_the_limits_that_it_would_be_played_within() -> None:
    rows: list[Mapping[str, Any]] = []
    low = replace(DEFAULT_RULES, limits=Limits(highest=60))
    Showing(ManualClock(10.0), lambda: low, rows.append).stands_ready(CALL, Open().mind, 10.0)
    assert [pitch for _, pitch, _, _ in rows[0]["notes"]] == [50, 52]


def test_while_nobody_looks_nothing_is_sketched() -> None:
    answerer = Open(to_think_of=5)
    stand = Stand(answerer, is_looked_at=False)
    stand.desk.hear(CALL[:1], None, lambda: ask(CALL[:1]))
    stand.desk.hear(CALL, ask(), ask)
    wait_until(lambda: answerer.thoughts == 5)
    assert (answerer.sketches, stand.rows) == (0, [])
    stand.desk.close()


def test_who_has_nothing_to_show_is_heard_and_asked_as_ever() -> None:
    stand = Stand(ScriptedAnswerer())
    stand.desk.hear(CALL, ask(), ask)
    stand.desk.ask(ask())
    assert isinstance(stand.replies.get(timeout=PATIENCE_S), AnswerCame)
    assert stand.rows == []
    stand.desk.close()


def test_a_release_alone_brings_no_other_sketch(stand: Stand) -> None:
    stand.desk.hear(CALL[:1], None, lambda: ask(CALL[:1]))
    stand.sees("idea")
    stand.desk.hear(CALL, ask(), ask)
    wait_until(lambda: any(not row["is_sketch"] for row in list(stand.rows) if row["kind"] == "idea"))
    assert isinstance(stand.answerer, Open)
    assert stand.answerer.sketches == 1


@dataclass
class Slow(Open):
    """Sketches as long as it is let."""

    begun: Flag = field(default_factory=Flag)
    let: Flag = field(default_factory=Flag)
    given: int = 0

    def sketch(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Iterator[NoteOn | NoteOff]:
        for place in range(1000):
            self.begun.set()
            assert self.let.wait(PATIENCE_S), "the test forgot to let it go on"
            self.given += 1
            yield NoteOn(10.0 + place, 60, 70)


def test_a_question_ends_a_sketch_and_the_player_s_going_on_does_not() -> None:
    answerer = Slow()
    stand = Stand(answerer)
    stand.desk.hear(CALL[:1], None, lambda: ask(CALL[:1]))
    assert answerer.begun.wait(PATIENCE_S)
    stand.desk.hear(CALL, ask(), ask)
    stand.desk.ask(ask())
    answerer.let.set()
    assert isinstance(stand.replies.get(timeout=PATIENCE_S), AnswerCame)
    assert answerer.given == 1  # of which none was shown
    stand.desk.close()

    answerer = Slow()
    stand = Stand(answerer)
    stand.desk.hear(CALL[:1], None, lambda: ask(CALL[:1]))
    assert answerer.begun.wait(PATIENCE_S)
    stand.desk.hear(CALL, None, ask)
    answerer.let.set()
    assert len(stand.sees("idea")["notes"]) == SKETCHED_EVENTS
    wait_until(lambda: CALL in answerer.heard)
    stand.desk.close()


@dataclass
class Laborious(Open):
    """Works for ever on its second event; each piece of work takes 50 ms."""

    clock: ManualClock = field(default_factory=ManualClock)
    pieces: int = 0

    def sketch(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Iterator[NoteOn | NoteOff | None]:
        yield NoteOn(10.1, 72, 70)
        while True:
            self.pieces += 1
            self.clock.set(self.clock.now() + 0.05)
            yield None


def test_what_there_is_of_a_sketch_that_takes_long_is_shown() -> None:
    answerer = Laborious()
    stand = Stand(answerer)
    answerer.clock = stand.clock
    stand.desk.hear(CALL[:1], None, lambda: ask(CALL[:1]))
    assert [pitch for _, pitch, *_ in stand.sees("idea")["notes"]] == [72]
    assert 0 < answerer.pieces <= SKETCHED_WITHIN_S / 0.05 + 1
    stand.desk.close()


class Broken(Open):
    """Can't be looked at."""

    def likely_keys(self) -> Mapping[int, float]:
        raise RuntimeError("shy")

    def ready(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Sequence[Note]:
        raise RuntimeError("shy")

    def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
        return super().answer(request, knobs)


def test_one_that_fails_to_show_its_mind_answers_all_the_same() -> None:
    stand = Stand(Broken())
    stand.desk.hear(CALL, ask(), ask)
    stand.desk.ask(ask())
    assert isinstance(stand.replies.get(timeout=PATIENCE_S), AnswerCame)
    assert stand.rows == []
    stand.desk.close()
