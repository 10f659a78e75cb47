"""A call answered at once: asked as the performer would ask, and ended as the performer would end it."""

import pytest

from music.notes import KeyEvent, Note, NoteOff, NoteOn, Pedal
from music.phrase import Phrase
from realtime.answerers.answerer import AnswerEvents
from realtime.answerers.rehearsal import Rehearsal, request_for
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import AskForAnswer, Request
from realtime.performer.rules import DEFAULT_RULES, Rules
from tests.support.performing import Performing, struck

EVEN = Phrase.of(Note(place * 0.5, 60 + place, 80, 0.4) for place in range(9))


class Drone:
    """Strikes one key as soon as it may, and lets it go after a while; remembers what it was asked."""

    name = "a drone"
    device = "none"

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.asked: list[Request] = []

    def hear(self, call: tuple[KeyEvent, ...]) -> None:
        """Nothing to get ready."""

    def expect(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> None:
        """It is always ready."""

    def think(self) -> bool:
        return False

    def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
        """One note."""
        self.asked.append(request)
        if self.seconds:
            yield NoteOn(request.starts_after, 48, 60)
            yield NoteOff(request.starts_after + self.seconds, 48)


def test_the_silence_before_the_answer_is_the_one_that_the_performer_waits_for() -> None:
    request = request_for(EVEN, 3, DEFAULT_RULES)
    assert request.turn == 3
    performing = Performing()
    performing.take(*struck(range(60, 69), at=0.0, every_s=0.5, length_s=0.4))
    performing.wake()
    (asked,) = performing.all(AskForAnswer)
    assert request.gap_at_least_s == pytest.approx(asked.request.gap_at_least_s)
    assert request.starts_after == pytest.approx(EVEN.until + request.gap_at_least_s)
    assert request.length_s == pytest.approx(EVEN.until)


def test_a_pedal_is_folded_in_and_everything_is_released() -> None:
    pedalled = Phrase.of(EVEN.notes, [Pedal(0.1, True), Pedal(6.0, False)])
    request = request_for(pedalled, 1, DEFAULT_RULES)
    assert not any(isinstance(event, Pedal) for event in request.call)
    assert sum(isinstance(event, NoteOn) for event in request.call) == 9
    assert request.call[-1].at == pytest.approx(6.0)


def test_a_short_call_gets_an_answer_of_the_shortest_length() -> None:
    assert request_for(Phrase.of([Note(0.0, 60, 70, 0.5)]), 1, DEFAULT_RULES).length_s == (
        DEFAULT_RULES.shortest_answer_s
    )


@pytest.mark.parametrize(("asked_s", "heard_s"), [(1.0, 1.0), (60.0, 3.0)])
def test_a_note_rings_no_longer_than_a_note_may(asked_s: float, heard_s: float) -> None:
    (note,) = Rehearsal(Drone(asked_s), Rules(longest_note_s=3.0)).answer_to(EVEN, 1).notes
    assert note.length_s == pytest.approx(heard_s)


def test_after_the_closing_nothing_sounds() -> None:
    rules = Rules(longest_note_s=100.0)
    (note,) = Rehearsal(Drone(90.0), rules).answer_to(EVEN, 1).notes
    assert note.length_s == pytest.approx(EVEN.until + rules.closing_s)


def test_no_answer_is_an_empty_phrase() -> None:
    assert Rehearsal(Drone(0.0)).answer_to(EVEN, 1) == Phrase()
