"""Somebody who steps in when an answerer hangs: a fresh worker, and another answerer, for the rest of the
performance.

A thread that hangs can't be ended from outside, least of all within a model's runtime. So it is left where it
is, what it may say yet is not listened to, and the question that it owes an answer to is put to the other.

The watch counts its looks and asks no clock: a process that was stopped and goes on has hung nowhere. Knows
desks. Must not know which answerers there are.
"""

import logging
from collections.abc import Callable
from threading import Event as Flag
from threading import RLock, Thread

from music.notes import KeyEvent
from realtime.answerers.answerer import Answerer
from realtime.engine.clock import Clock
from realtime.engine.desks.answering import Reply, Sketch, WorkerDesk, no_sketch
from realtime.engine.desks.showing import Showing
from realtime.performer.actions import AskForAnswer, AskForMore
from realtime.performer.events import AnswerCame, AnswerFailed

LOOK_EVERY_S = 1.0
HANGS_AFTER_LOOKS = 3  # at one and the same piece of work; the performer's patience lasts five seconds

log = logging.getLogger(__name__)


class RelievedDesk:
    """A desk with a thread, and with somebody who steps in, once."""

    def __init__(
        self,
        answerer: Answerer,
        relief: Answerer,
        clock: Clock,
        reply: Reply,
        showing: Showing | None = None,
    ) -> None:
        self._showing = showing
        self.say: Callable[[str], None] = log.warning
        self._answerer, self._relief, self._clock, self._put = answerer, relief, clock, reply
        # Held for a moment only: no work is done under it. Reentrant, as what stands ready is given at once.
        self._changing = RLock()
        self._owed: AskForAnswer | AskForMore | None = None
        self._begun: int | None = None  # the ticket of the answer that the worker has begun
        self._is_relieved = False
        self._seen: int | None = None
        self._looks = 0
        self._closed = Flag()
        self._desk = self._worker(answerer)

    def start(self) -> None:
        """Look every second, on a thread."""
        Thread(target=self._watch, name="relief", daemon=True).start()

    def hear(
        self, call: tuple[KeyEvent, ...], coming: AskForAnswer | None, at_once: Sketch = no_sketch
    ) -> None:
        """Put a call that is still growing to the worker."""
        self._desk.hear(call, coming, at_once)

    def ask(self, question: AskForAnswer | AskForMore) -> None:
        """Put a question to the worker; the rest of an answer that another began can't be had."""
        with self._changing:
            if isinstance(question, AskForMore) and question.ticket != self._begun:
                self._put(_failed(question, self._clock))
                return
            if isinstance(question, AskForAnswer):
                self._begun = question.request.ticket
            self._owed = question
            self._desk.ask(question)

    def change(self, answerer: Answerer) -> None:
        """Let another answer from the next request on; for this one too somebody steps in, once."""
        with self._changing:
            self._answerer, self._is_relieved = answerer, False
            self._desk.change(answerer)

    def close(self) -> None:
        """Let the worker end after what it is doing."""
        self._closed.set()
        self._desk.close()

    def look(self) -> None:
        """See whether the worker is still at what it was at, once."""
        piece = self._desk.piece
        self._looks = self._looks + 1 if piece is not None and piece == self._seen else 0
        self._seen = piece
        if not self._is_relieved and (self._looks >= HANGS_AFTER_LOOKS or not self._desk.is_alive):
            self._step_in()

    def _watch(self) -> None:
        while not self._closed.wait(LOOK_EVERY_S):
            self.look()

    def _step_in(self) -> None:
        with self._changing:
            hung = self._desk
            # A change that the worker could not heed any more is heeded here.
            self._is_relieved = hung.answerer is self._answerer
            steps_in = self._relief if self._is_relieved else self._answerer
            self._desk = self._worker(steps_in)
            hung.close()
            owed, self._begun = self._owed, None
            if isinstance(owed, AskForAnswer):
                self._begun = owed.request.ticket
                self._desk.ask(owed)
            elif owed is not None:
                self._put(_failed(owed, self._clock))
        self.say(
            f"{hung.answerer.name} hangs: from here on {steps_in.name} answers; "
            "end and start Antiphon to have it back"
        )

    def _worker(self, answerer: Answerer) -> WorkerDesk:
        def reply(came: AnswerCame | AnswerFailed) -> None:
            with self._changing:
                if desk is self._desk:  # else too late: another has been asked meanwhile
                    if self._owed is not None and _ticket(self._owed) == came.ticket:
                        self._owed = None
                    self._put(came)

        desk = WorkerDesk(answerer, self._clock, reply, self._showing)
        desk.say = self._say
        return desk

    def _say(self, line: str) -> None:
        self.say(line)  # as it is set by then


def _ticket(question: AskForAnswer | AskForMore) -> int:
    return question.request.ticket if isinstance(question, AskForAnswer) else question.ticket


def _failed(question: AskForMore, clock: Clock) -> AnswerFailed:
    return AnswerFailed(clock.now(), question.ticket, "whoever began the answer hangs")
