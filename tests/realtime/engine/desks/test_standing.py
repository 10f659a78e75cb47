"""What stands ready is given to whoever asks, though the answerer is busy; the rest follows without a gap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from threading import Event as Flag

import pytest

from music.notes import NoteOff, NoteOn
from realtime.answerers.answerer import AnswerEvents
from realtime.answerers.openings.opening import Opening
from realtime.answerers.rule.imitation import Imitation
from realtime.engine.desks.answering import PromptDesk, WorkerDesk
from realtime.engine.desks.relief import RelievedDesk
from realtime.engine.desks.standing import Standing
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import AskForAnswer, AskForMore, Request
from realtime.performer.events import AnswerCame, AnswerFailed
from tests.support.clock import ManualClock
from tests.support.ports import ScriptedAnswerer
from tests.support.waiting import PATIENCE_S, wait_until

Reply = AnswerCame | AnswerFailed
CALL = (NoteOn(8.0, 60, 80), NoteOff(9.0, 60))
NOTES = ((0.01, 60, 0.3), (0.05, 62, 0.5), (0.4, 64, 0.3), (0.8, 67, 0.4))


def ask(ticket: int = 1, call: tuple[NoteOn | NoteOff, ...] = CALL, until: float = 10.1) -> AskForAnswer:
    return AskForAnswer(10.0, Request(ticket, 1, 0, call, 1.0, 10.0, 4.0), until)


@dataclass
class Stands:
    """How the answer of this one to a call begins."""

    answerer: "Ahead"
    request: Request

    def draw(self) -> Iterator[NoteOn | NoteOff]:
        yield from self.begun(self.request)

    def fits(self, request: Request, knobs: Knobs) -> bool:
        return request.call == self.request.call and knobs == DEFAULT_KNOBS

    def begun(self, request: Request) -> Sequence[NoteOn | NoteOff]:
        return list(ScriptedAnswerer(NOTES).answer(request))

    def answer(self, request: Request, knobs: Knobs) -> AnswerEvents:
        return self.answerer.answer(request, knobs)


@dataclass
class Ahead(ScriptedAnswerer):
    """Its answers stand ready; it can be kept busy with listening."""

    notes: Sequence[tuple[float, int, float]] = NOTES
    has_drawn: Flag = field(default_factory=Flag)
    is_free: Flag = field(default_factory=Flag)
    nearly: bool = False

    def hear(self, call: tuple[object, ...]) -> None:
        assert not self.has_drawn.is_set() or self.is_free.wait(PATIENCE_S), "the test forgot to free it"

    def opening(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Stands:
        self.has_drawn.set()
        return Stands(self, request)

    def is_nearly_ready(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> bool:
        return self.nearly

    def opening_thought_of(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Opening | None:
        return None


class Stand:
    """A worker whose answerer is busy while an answer stands ready."""

    def __init__(self, answerer: Ahead | None = None) -> None:
        self.answerer = Ahead() if answerer is None else answerer
        self.replies: SimpleQueue[Reply] = SimpleQueue()
        self.desk = WorkerDesk(self.answerer, ManualClock(10.0), self.replies.put)
        self.desk.hear(CALL, None, ask)
        wait_until(lambda: self.desk._standing._opening is not None)
        self.desk.hear(CALL, None, ask)

    def reply(self) -> Reply:
        return self.replies.get(timeout=PATIENCE_S)


@pytest.fixture
def stand() -> Iterator[Stand]:
    made = Stand()
    yield made
    made.answerer.is_free.set()
    made.desk.close()


def test_what_stands_ready_is_given_at_once_and_the_rest_joins_without_a_gap(stand: Stand) -> None:
    stand.desk.ask(ask())
    first = stand.replies.get_nowait()  # on the thread that asked: the answerer is busy
    stand.desk.ask(AskForMore(10.05, 1, until=20.0))
    stand.answerer.is_free.set()
    second = stand.reply()
    whole: list[Reply] = []
    PromptDesk(ScriptedAnswerer(NOTES), ManualClock(10.0), whole.append).ask(ask(until=20.0))
    assert isinstance(first, AnswerCame)
    assert isinstance(second, AnswerCame)
    assert isinstance(whole[0], AnswerCame)
    assert (first.ticket, len(first.events), first.is_over) == (1, 2, False)
    assert (*first.events, *second.events) == whole[0].events
    assert first.covers_until == second.events[0].at
    assert stand.replies.empty()


@pytest.mark.parametrize(
    "question",
    [
        ask(call=(NoteOn(8.0, 60, 80), NoteOff(9.0, 60), NoteOn(9.5, 64, 80))),
        replace(ask(), knobs=Knobs(temperature=1.5)),
        ask(until=20.0),
    ],
    ids=["another key", "a knob turned", "more than is known"],
)
def test_what_does_not_fit_is_worked_out(stand: Stand, question: AskForAnswer) -> None:
    stand.desk.ask(question)
    assert stand.replies.empty()
    stand.answerer.is_free.set()
    assert isinstance(stand.reply(), AnswerCame)


def test_one_that_goes_on_as_another_answer_has_failed() -> None:
    stand = Stand(Ahead(notes=((0.01, 72, 0.3), (0.4, 64, 0.3))))
    stand.desk.ask(ask())
    stand.desk.ask(AskForMore(10.05, 1, until=20.0))
    stand.answerer.is_free.set()
    first, second = stand.reply(), stand.reply()
    assert isinstance(first, AnswerCame)
    assert isinstance(second, AnswerFailed)
    assert "another answer" in second.reason
    stand.desk.close()


def test_where_a_better_answer_is_nearly_there_the_drawn_one_stands_ready_no_more() -> None:
    answerer = Ahead(to_think_of=1, nearly=True)
    desk = WorkerDesk(answerer, ManualClock(9.5), lambda _: None)
    coming = AskForAnswer(9.5, Request(1, 1, 0, CALL, 1.0, 10.0, 4.0), 10.1)
    desk.hear(CALL, coming, lambda: coming)
    wait_until(lambda: answerer.thoughts == 1)
    wait_until(lambda: desk._standing._opening is None)
    desk.close()


def test_whoever_follows_another_does_not_give_what_that_one_had_ready(stand: Stand) -> None:
    stand.answerer.is_free.set()
    stand.desk.change(ScriptedAnswerer(name="another"))
    wait_until(lambda: stand.desk.answerer.name == "another")
    wait_until(lambda: stand.desk._standing._opening is None)


def test_what_can_not_be_played_is_not_given_and_what_fails_is_worked_out() -> None:
    class Broken(Stands):
        def begun(self, request: Request) -> Sequence[NoteOn | NoteOff]:
            raise RuntimeError("out of ideas")

    class Nonsense(Stands):
        def begun(self, request: Request) -> Sequence[NoteOn | NoteOff]:
            return [NoteOn(10.0, -5, 70), NoteOn(10.2, 60, 70)]

    for kind in (Broken, Nonsense):
        standing = Standing()
        standing.put(kind(Ahead(), ask().request))
        assert standing.begun(ask()) is None


def test_behind_a_relief_too_what_stands_ready_is_given_at_once() -> None:
    answerer, replies = Ahead(), SimpleQueue[Reply]()
    desk = RelievedDesk(answerer, Imitation(1), ManualClock(10.0), replies.put)
    desk.hear(CALL, None, ask)
    wait_until(lambda: desk._desk._standing._opening is not None)
    desk.hear(CALL, None, ask)
    desk.ask(ask())
    assert isinstance(replies.get_nowait(), AnswerCame)
    answerer.is_free.set()
    desk.ask(AskForMore(10.05, 1, until=20.0))
    assert isinstance(replies.get(timeout=PATIENCE_S), AnswerCame)
    desk.close()
