"""An answerer that hangs is relieved: its question is answered by another, once and for good.

The watch looks when a test says so.
"""

import sys
from queue import SimpleQueue

import pytest

from music.notes import KeyEvent
from realtime.answerers.answerer import AnswerEvents
from realtime.engine.desks.relief import HANGS_AFTER_LOOKS, RelievedDesk
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import AskForAnswer, AskForMore, Request
from realtime.performer.events import AnswerCame, AnswerFailed
from tests.realtime.engine.desks.test_answering import Held, ask
from tests.support.clock import ManualClock
from tests.support.ports import ScriptedAnswerer
from tests.support.waiting import PATIENCE_S, wait_until


class Stand:
    """A desk whose answerer may hang, and what came of it."""

    def __init__(self, answerer: ScriptedAnswerer) -> None:
        self.replies: SimpleQueue[AnswerCame | AnswerFailed] = SimpleQueue()
        self.relief = ScriptedAnswerer(name="the rule")
        self.said: list[str] = []
        self.desk = RelievedDesk(answerer, self.relief, ManualClock(10.0), self.replies.put)
        self.desk.say = self.said.append

    def look(self) -> None:
        for _ in range(HANGS_AFTER_LOOKS + 1):
            self.desk.look()

    def reply(self) -> AnswerCame | AnswerFailed:
        return self.replies.get(timeout=PATIENCE_S)


def test_what_a_hung_answerer_owes_is_answered_by_the_relief_and_said_once() -> None:
    hung = Held()
    stand = Stand(hung)
    stand.desk.ask(ask(1, until=20.0))
    assert hung.begun.wait(PATIENCE_S)
    stand.look()
    reply = stand.reply()
    assert isinstance(reply, AnswerCame)
    assert [request.ticket for request in stand.relief.requests] == [1]
    stand.desk.ask(ask(2, until=20.0))
    assert isinstance(stand.reply(), AnswerCame)
    hung.let.set()  # and now it answers, too late
    wait_until(lambda: hung.taken > 0)
    stand.look()
    assert stand.replies.empty()
    assert stand.said == [
        "scripted hangs: from here on the rule answers; end and start Antiphon to have it back"
    ]
    stand.desk.close()


def test_one_that_is_slow_but_goes_on_is_not_relieved() -> None:
    stand = Stand(ScriptedAnswerer())
    for ticket in range(1, 2 * HANGS_AFTER_LOOKS):
        stand.desk.ask(ask(ticket, until=20.0))
        stand.reply()
        stand.desk.look()
    assert stand.relief.requests == []
    assert stand.said == []
    stand.desk.close()


class HangsInTheMiddle(Held):
    """Gives its first stretch, and no second."""

    def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
        for place, event in enumerate(ScriptedAnswerer.answer(self, request, knobs)):
            if place == 2:
                self.begun.set()
                assert self.let.wait(PATIENCE_S)
            yield event


def test_the_rest_of_an_answer_that_hangs_has_failed_and_the_next_phrase_is_answered() -> None:
    hung = HangsInTheMiddle()
    stand = Stand(hung)
    stand.desk.ask(ask(1, until=10.1))
    assert isinstance(stand.reply(), AnswerCame)
    stand.desk.ask(AskForMore(10.1, 1, until=20.0))
    assert hung.begun.wait(PATIENCE_S)
    stand.look()
    assert stand.reply() == AnswerFailed(10.0, 1, "whoever began the answer hangs")
    stand.desk.ask(AskForMore(10.2, 1, until=20.0))
    assert isinstance(stand.reply(), AnswerFailed)
    stand.desk.ask(ask(2, until=20.0))
    assert isinstance(stand.reply(), AnswerCame)
    hung.let.set()
    stand.desk.close()


class HangsWhileHearing(Held):
    """Hears for ever."""

    def hear(self, call: tuple[KeyEvent, ...]) -> None:
        self.begun.set()
        assert self.let.wait(PATIENCE_S)


def test_one_that_hangs_while_it_listens_is_relieved_before_anything_is_asked() -> None:
    hung = HangsWhileHearing()
    stand = Stand(hung)
    coming: AskForAnswer = ask(1, until=20.0)
    stand.desk.hear(coming.request.call, coming)
    assert hung.begun.wait(PATIENCE_S)
    stand.look()
    stand.desk.ask(coming)
    assert isinstance(stand.reply(), AnswerCame)
    assert len(stand.said) == 1
    hung.let.set()
    stand.desk.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_one_that_ends_its_thread_is_relieved_too() -> None:
    class Leaves(ScriptedAnswerer):
        def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
            sys.exit()

    stand = Stand(Leaves())
    stand.desk.ask(ask(1, until=20.0))
    wait_until(lambda: not stand.desk._desk.is_alive)
    stand.desk.look()
    assert isinstance(stand.reply(), AnswerCame)
    stand.desk.close()


def test_after_a_change_the_new_one_answers_and_is_relieved_too() -> None:
    stand, other = Stand(ScriptedAnswerer()), Held()
    other.name = "other"
    stand.desk.change(other)
    stand.desk.ask(ask(1, until=20.0))
    assert other.begun.wait(PATIENCE_S)
    stand.look()
    assert isinstance(stand.reply(), AnswerCame)
    third = ScriptedAnswerer(name="third")
    stand.desk.change(third)
    stand.desk.ask(ask(2, until=20.0))
    stand.reply()
    assert [request.ticket for request in third.requests] == [2]
    assert [line.partition(";")[0] for line in stand.said] == ["other hangs: from here on the rule answers"]
    other.let.set()
    stand.desk.close()


def test_a_change_that_a_hung_worker_does_not_heed_is_heeded_when_it_is_relieved() -> None:
    hung, other = Held(), ScriptedAnswerer(name="other")
    stand = Stand(hung)
    stand.desk.ask(ask(1, until=20.0))
    assert hung.begun.wait(PATIENCE_S)
    stand.desk.change(other)
    stand.look()
    assert isinstance(stand.reply(), AnswerCame)
    assert [request.ticket for request in other.requests] == [1]
    assert stand.relief.requests == []
    assert [line.partition(";")[0] for line in stand.said] == ["scripted hangs: from here on other answers"]
    hung.let.set()
    stand.desk.close()
