"""Between the performer and an answerer: requests go in, stretches of answers come back as events.

How this works:

- An answer is an iterator, and an event of it is worked out only when it is taken. A desk takes what comes
  before the moment that the performer asked up to, and keeps the one event that lies beyond for the next
  stretch (`_Stream`). So the first note sounds while the rest of the answer isn't known.
- `PromptDesk` works a stretch out before `ask` returns: for files, where time stands still meanwhile.
- `WorkerDesk` does the same on a thread of its own, so that the player's own notes never wait for a model.
  When the thread looks at its queue, everything before the newest request is void and is skipped.
- That saves work; it is not what makes it right. A void answer may still come, but its ticket is old, and the
  performer ignores it.
- In a silence, the thread lets the answerer think of answers, step by step, until something is asked for or
  the player goes on.
- While the player plays, the thread lets the answerer hear the call as it grows, after any questions and only
  as it is now: when the turn comes, little is left to be heard. A failure there shows itself when the answer
  is asked for.

Knows answerers and threads. Must not know ports.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Protocol

from music.notes import KeyEvent, NoteOff, NoteOn
from realtime.answerers.answerer import Answerer, AnswerEvents
from realtime.engine.clock import Clock
from realtime.knobs import Knobs
from realtime.performer.actions import AskForAnswer, AskForMore
from realtime.performer.events import AnswerCame, AnswerFailed

QUIET_S = 0.08  # shorter silences lie between notes: thinking in them would mostly be for nothing
_NOTHING_LEFT = object()

Reply = Callable[[AnswerCame | AnswerFailed], None]


class Desk(Protocol):
    """Takes what the performer asks for; replies come as events, whenever they are ready."""

    def ask(self, question: AskForAnswer | AskForMore) -> None:
        """Take a question, without waiting."""
        ...

    def close(self) -> None:
        """Take no more."""
        ...


@dataclass
class _Stream:
    """An answer being taken stretch by stretch; `ahead` is an event taken that belongs to a later one."""

    ticket: int
    events: AnswerEvents
    ahead: NoteOn | NoteOff | None = None
    has_begun: bool = False

    def stretch(self, until: float, at: float, knobs: Knobs) -> AnswerCame:
        """What comes before `until`, with the knobs as they stand."""
        taken: list[NoteOn | NoteOff] = []
        event = self.ahead if self.ahead is not None else self._next(knobs)
        while event is not None and event.at < until:
            taken.append(event)
            event = self._next(knobs)
        self.ahead = event
        if event is None:
            last = taken[-1].at if taken else at
            return AnswerCame(at, self.ticket, tuple(taken), last, is_over=True)
        return AnswerCame(at, self.ticket, tuple(taken), event.at, is_over=False)

    def _next(self, knobs: Knobs) -> NoteOn | NoteOff | None:
        try:
            return self.events.send(knobs if self.has_begun else None)  # a generator takes none at first
        except StopIteration:
            return None
        finally:
            self.has_begun = True


class PromptDesk:
    """Answers before `ask` returns: for files, where time stands still meanwhile, so that there is time to
    think."""

    def __init__(self, answerer: Answerer, clock: Clock, reply: Reply, *, thinks_first: bool = True) -> None:
        self._thinks_first = thinks_first
        self._answerer = answerer
        self._clock = clock
        self._reply = reply
        self._stream: _Stream | None = None

    def hear(self, call: tuple[KeyEvent, ...], _: AskForAnswer | None = None) -> None:
        """Let the answerer hear a call that is still growing; a failure shows itself when it answers."""
        with suppress(Exception):
            self._answerer.hear(call)

    def think(self, coming: AskForAnswer) -> Iterator[None]:
        """Let the answerer think of what will be asked for, step by step; a failure is no answer thought
        of."""
        with suppress(Exception):
            self._answerer.expect(coming.request, coming.knobs)
            while self._answerer.think():
                yield

    def ask(self, question: AskForAnswer | AskForMore) -> None:
        """Work out a stretch, and reply; a failure of the answerer's is a reply too."""
        ticket = question.request.ticket if isinstance(question, AskForAnswer) else question.ticket
        try:
            if isinstance(question, AskForAnswer):
                if self._thinks_first:
                    deque(self.think(question), maxlen=0)
                events = self._answerer.answer(question.request, question.knobs)
                self._stream = _Stream(ticket, events)
            if self._stream is None or self._stream.ticket != ticket:
                return
            stretch = self._stream.stretch(question.until, self._clock.now(), question.knobs)
        except Exception as reason:  # noqa: BLE001  an answerer's fault must not stop the player's own notes
            self._stream = None
            self._reply(AnswerFailed(self._clock.now(), ticket, f"{type(reason).__name__}: {reason}"))
            return
        # The clock went on while the stretch was worked out.
        self._reply(
            AnswerCame(self._clock.now(), ticket, stretch.events, stretch.covers_until, stretch.is_over)
        )

    def close(self) -> None:
        """Forget the answer that was being given."""
        self._stream = None


@dataclass(frozen=True, slots=True)
class _Growing:
    """A call as far as it has come, and what will be asked for if nothing more comes."""

    call: tuple[KeyEvent, ...]
    coming: AskForAnswer | None


_Task = AskForAnswer | AskForMore | _Growing


class WorkerDesk:
    """Answers on a thread of its own.

    Of what waits, only the newest request, what follows it and the newest call count.
    """

    def __init__(self, answerer: Answerer, clock: Clock, reply: Reply) -> None:
        self._prompt = PromptDesk(answerer, clock, reply, thinks_first=False)
        self._questions: SimpleQueue[_Task | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="answers", daemon=True)
        self._thread.start()

    def hear(self, call: tuple[KeyEvent, ...], coming: AskForAnswer | None) -> None:
        """Put a call that is still growing to the thread, with what will be asked for if it has ended."""
        self._questions.put(_Growing(call, coming))

    def ask(self, question: AskForAnswer | AskForMore) -> None:
        """Put a question to the thread."""
        self._questions.put(question)

    def close(self) -> None:
        """Let the thread end after what it is doing; an answerer that hangs is not waited for."""
        self._questions.put(None)

    def _work(self) -> None:
        thoughts: Iterator[None] | None = None
        while True:
            waiting = self._waiting(thoughts)
            if None in waiting:
                return
            newest = max(
                (place for place, task in enumerate(waiting) if isinstance(task, AskForAnswer)),
                default=0,
            )
            growing = [task for task in waiting[newest:] if isinstance(task, _Growing)]
            for task in waiting[newest:]:
                if isinstance(task, AskForAnswer | AskForMore):
                    self._prompt.ask(task)
            if growing:
                last = growing[-1]
                self._prompt.hear(last.call)
                thoughts = None if last.coming is None else self._prompt.think(last.coming)

    def _waiting(self, thoughts: Iterator[None] | None) -> list["_Task | None"]:
        """All that waits, once something does; until then, after a moment's silence, thinking goes on."""
        waiting: list[_Task | None] = []
        with suppress(Empty):
            waiting.append(self._questions.get(timeout=None if thoughts is None else QUIET_S))
        while thoughts is not None and not waiting and self._questions.empty():
            if next(thoughts, _NOTHING_LEFT) is _NOTHING_LEFT:
                thoughts = None
        if not waiting:
            waiting.append(self._questions.get())
        while not self._questions.empty():
            waiting.append(self._questions.get())
        return waiting
