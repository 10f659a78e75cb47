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
  the player goes on. Around the moment at which the question is foreseen it begins no step, so that the
  question finds it free.
- Some moments after each key that went down, and in the silence as soon as a passage has been judged, how the
  answer begins is put where it stands ready (`standing.py`). Whoever asks finds it there and gives it at
  once, on the loop's own thread; this one works out what follows.
- Whoever answers may be changed for another: an answer that is being given is finished by the one who began
  it.
- Where somebody looks (`showing.py`), the thread shows what it would answer: more of what is drawn after a
  key, a sketch, no longer than can be taken in, and in the silence the best that has been thought of. Between
  two events of a sketch, too, the queue is looked at, so a question never waits for more than one.
- Before the performer sees an event it has gone through a sieve: of an answerer that gives nonsense, what can
  be played is played.
- While the player plays, the thread lets the answerer hear the call as it grows, after any questions and only
  as it is now: when the turn comes, little is left to be heard. A failure there shows itself when the answer
  is asked for.

Knows answerers and threads. Must not know ports.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Protocol

from music.notes import KeyEvent, NoteOff, NoteOn
from realtime.answerers.answerer import Answerer, AnswerEvents
from realtime.answerers.ideas import OpenMind
from realtime.answerers.openings.opening import DrawnOpening, OpensAhead
from realtime.engine.clock import Clock
from realtime.engine.desks.cleaning import MOST_IN_A_STRETCH, Endless, Sieve
from realtime.engine.desks.showing import Showing
from realtime.engine.desks.standing import Begun, Standing
from realtime.knobs import Knobs
from realtime.performer.actions import AskForAnswer, AskForMore, Request
from realtime.performer.events import AnswerCame, AnswerFailed

QUIET_S = 0.08  # shorter silences lie between notes: thinking in them would mostly be for nothing
LEAST_QUIET_S = 0.03  # before any thinking
TO_THINK_S = 0.22  # kept for it before a question that is coming soon, as a phrase sounds over
KEPT_FREE_S = 0.008  # before a question is foreseen, and after: a step of thinking takes up to 5 ms
GATHERED_S = 0.03  # the notes of a chord, before a sketch is begun
SKETCHED_EVERY_S = 0.07  # with what drawing takes, a key is never far from being seen
SKETCHED_WITHIN_S = 0.4  # of a model that has to hear the whole call first; what there is by then is shown
SKETCHED_EVENTS = 24  # some two seconds of an answer, in some 30 ms
_NOTHING_LEFT = object()

Reply = Callable[[AnswerCame | AnswerFailed], None]

log = logging.getLogger(__name__)


Sketch = Callable[[], AskForAnswer | None]  # what would be asked for if the turn were handed over now


def no_sketch() -> None:
    """Nothing would be asked for."""


def quiet_before(request: Request) -> float:
    """How long nothing must come, in seconds, before it is thought of what is going to be asked for."""
    return min(QUIET_S, max(request.gap_at_least_s - TO_THINK_S, LEAST_QUIET_S))


class Desk(Protocol):
    """Takes what the performer asks for; replies come as events, whenever they are ready."""

    def ask(self, question: AskForAnswer | AskForMore) -> None:
        """Take a question, without waiting."""
        ...

    def close(self) -> None:
        """Take no more."""
        ...


class ChangingDesk(Desk, Protocol):
    """A desk at which one answerer can follow another."""

    def change(self, answerer: Answerer) -> None:
        """Let another answer from the next request on."""
        ...


@dataclass
class _Stream:
    """An answer being taken stretch by stretch; `ahead` is an event taken that belongs to a later one."""

    ticket: int
    events: AnswerEvents
    starts_after: float
    sieve: Sieve
    ahead: NoteOn | NoteOff | None = None
    has_begun: bool = False
    given: int = 0  # in this stretch, whether or not it can be played

    def stretch(self, until: float, at: float, knobs: Knobs) -> AnswerCame:
        """What comes before `until`, with the knobs as they stand."""
        taken: list[NoteOn | NoteOff] = []
        self.given = 0
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
        """The next event that can be played; None at the end."""
        while (event := self._given(knobs)) is not None:
            if (clean := self.sieve.sifted(event, self.starts_after)) is not None:
                return clean
        return None

    def _given(self, knobs: Knobs) -> object:
        self.given += 1
        if self.given > MOST_IN_A_STRETCH:
            raise Endless(f"more than {MOST_IN_A_STRETCH} events at once")
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
        self.answerer = answerer
        self._clock = clock
        self._reply = reply
        self._stream: _Stream | None = None
        self._sieve = Sieve(self._say)
        self.say: Callable[[str], None] = log.info

    def _say(self, line: str) -> None:
        self.say(line)  # as it is set by then

    def hear(self, call: tuple[KeyEvent, ...], _: AskForAnswer | None = None, __: Sketch = no_sketch) -> None:
        """Let the answerer hear a call that is still growing; a failure shows itself when it answers."""
        with suppress(Exception):
            self.answerer.hear(call)

    def think(self, coming: AskForAnswer) -> Iterator[None]:
        """Let the answerer think of what will be asked for, step by step; a failure is no answer thought
        of."""
        with suppress(Exception):
            self.answerer.expect(coming.request, coming.knobs)
            while self.answerer.think():
                yield

    def ask(self, question: AskForAnswer | AskForMore) -> None:
        """Work out a stretch, and reply; a failure of the answerer's is a reply too."""
        ticket = question.request.ticket if isinstance(question, AskForAnswer) else question.ticket
        try:
            if isinstance(question, AskForAnswer):
                if self._thinks_first:
                    deque(self.think(question), maxlen=0)
                events = self.answerer.answer(question.request, question.knobs)
                self._stream = _Stream(ticket, events, question.request.starts_after, self._sieve)
            if self._stream is None or self._stream.ticket != ticket:
                return
            stretch = self._stream.stretch(question.until, self._clock.now(), question.knobs)
        except Exception as reason:  # noqa: BLE001  an answerer's fault must not stop the player's own notes
            self._fail(ticket, reason)
            return
        # The clock went on while the stretch was worked out.
        self._reply(
            AnswerCame(self._clock.now(), ticket, stretch.events, stretch.covers_until, stretch.is_over)
        )

    def go_on(self, begun: Begun) -> None:
        """Take up an answer whose first stretch has been given."""
        question = begun.question
        request, knobs = question.request, question.knobs
        try:
            events = begun.opening.answer(request, knobs)
            self._stream = _Stream(request.ticket, events, request.starts_after, self._sieve)
            begun.check_goes_on(self._stream.stretch(question.until, question.at, knobs).events)
        except Exception as reason:  # noqa: BLE001  as where it is asked
            self._fail(request.ticket, reason)

    def _fail(self, ticket: int, reason: Exception) -> None:
        self._stream = None
        self._reply(AnswerFailed(self._clock.now(), ticket, f"{type(reason).__name__}: {reason}"))

    def change(self, answerer: Answerer) -> None:
        """Let another answer from the next request on; what is being given goes on as it began."""
        self.answerer = answerer
        self._sieve = Sieve(self._say)  # what the new one gives is worth a line of its own

    def close(self) -> None:
        """Forget the answer that was being given."""
        self._stream = None


@dataclass(frozen=True, slots=True)
class _Growing:
    """A call as far as it has come, and what will be asked for if nothing more comes."""

    call: tuple[KeyEvent, ...]
    coming: AskForAnswer | None
    at_once: Sketch = no_sketch


@dataclass(frozen=True, slots=True)
class _Change:
    """Another who is to answer."""

    answerer: Answerer


_Task = AskForAnswer | AskForMore | Begun | _Growing | _Change


class WorkerDesk:
    """Answers on a thread of its own.

    Of what waits, only the newest request, what follows it and the newest call count.
    """

    def __init__(
        self, answerer: Answerer, clock: Clock, reply: Reply, showing: Showing | None = None
    ) -> None:
        self._prompt = PromptDesk(answerer, clock, reply, thinks_first=False)
        self._clock, self._reply, self._showing = clock, reply, showing
        self._standing = Standing()
        self._begun: Begun | None = None  # given, and not taken up yet; whoever asks knows of it alone
        self._heard: _Growing | None = None  # the call as it was heard last, unless an answer was asked for
        self._at_rest_since = 0.0
        self._sketch_at: float | None = None  # when a sketch is to be begun
        self._sketched_at = -SKETCHED_EVERY_S
        self._pieces = 0
        self.piece: int | None = None  # of work, by number, while one is under way
        self._questions: SimpleQueue[_Task | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="answers", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether its thread still works; an answerer may end even that."""
        return self._thread.is_alive()

    @property
    def answerer(self) -> Answerer:
        """Who answers, or hangs: another who waits to be changed to isn't it yet."""
        return self._prompt.answerer

    @property
    def say(self) -> Callable[[str], None]:
        """Where it says what is wrong with an answerer."""
        return self._prompt.say

    @say.setter
    def say(self, say: Callable[[str], None]) -> None:
        self._prompt.say = say

    def hear(
        self, call: tuple[KeyEvent, ...], coming: AskForAnswer | None, at_once: Sketch = no_sketch
    ) -> None:
        """Put a call that is still growing to the thread, with what will be asked for if it has ended, and
        what would be if it were handed over now."""
        self._questions.put(_Growing(call, coming, at_once))

    def ask(self, question: AskForAnswer | AskForMore) -> None:
        """Give what stands ready for a question, and put the question to the thread, which works out the
        rest."""
        begun = self._standing.begun(question) if isinstance(question, AskForAnswer) else None
        if begun is not None:
            self._begun = begun
            self._reply(begun.came(self._clock.now()))
            return  # the thread is not woken before the notes are out: it would take turns with whoever sends
        if isinstance(question, AskForMore):
            self._put_begun()
        self._begun = None
        self._questions.put(question)

    def _put_begun(self) -> None:
        """Let the thread take up an answer that has been begun, now that more of it is asked for."""
        if self._begun is not None:
            self._questions.put(self._begun)

    def change(self, answerer: Answerer) -> None:
        """Put another answerer to the thread: it hears the call again from its beginning, as far as it has
        come."""
        self._questions.put(_Change(answerer))

    def close(self) -> None:
        """Let the thread end after what it is doing; an answerer that hangs is not waited for."""
        self._questions.put(None)

    def _work(self) -> None:
        thoughts: Iterator[None] | None = None
        while True:
            waiting = self._waiting(thoughts)
            if None in waiting:
                return
            changes = [task for task in waiting if isinstance(task, _Change)]
            if changes:
                self._prompt.change(changes[-1].answerer)
                self._standing.put(None)
                thoughts = None
            newest = max(
                (place for place, task in enumerate(waiting) if isinstance(task, AskForAnswer | Begun)),
                default=0,
            )
            growing = [task for task in waiting[newest:] if isinstance(task, _Growing)]
            for task in waiting[newest:]:
                if isinstance(task, AskForAnswer | AskForMore | Begun):
                    self._answer(task)
            if growing or (changes and self._heard is not None):
                heard = growing[-1] if growing else self._heard
                assert heard is not None
                with self._working():
                    self._prompt.hear(heard.call)
                thoughts = None if heard.coming is None else self._prompt.think(heard.coming)
                self._take_note_of(heard)

    def _answer(self, task: AskForAnswer | AskForMore | Begun) -> None:
        with self._working():
            if isinstance(task, Begun):
                self._prompt.go_on(task)
            else:
                self._prompt.ask(task)
        self._at_rest_since = self._clock.now()
        question = task.question if isinstance(task, Begun) else task
        if isinstance(question, AskForAnswer):
            self._heard = self._sketch_at = None
            self._show_what_is_ready(question)

    def _take_note_of(self, heard: _Growing) -> None:
        """A call has grown: a sketch of its answer is due, to stand ready, and for those who look; not for a
        release alone, which changes nothing of what stands ready and says little to who looks."""
        before = () if self._heard is None else self._heard.call
        goes_on = heard.call[: len(before)] == before
        new = heard.call[len(before) :] if goes_on else heard.call
        is_news = not new or any(isinstance(event, NoteOn) for event in new)  # without new events: a knob
        self._heard, self._at_rest_since = heard, self._clock.now()
        is_wanted = self._mind is not None or self._opens_ahead is not None
        if is_wanted and self._sketch_at is None and is_news:
            self._sketch_at = max(self._at_rest_since + GATHERED_S, self._sketched_at + SKETCHED_EVERY_S)

    @contextmanager
    def _working(self) -> Iterator[None]:
        self._pieces += 1
        self.piece = self._pieces
        try:
            yield
        finally:
            self.piece = None

    def _waiting(self, thoughts: Iterator[None] | None) -> list["_Task | None"]:
        """All that waits, once something does; until then, after a moment's silence, thinking goes on."""
        waiting = self._sketched_meanwhile()
        if not waiting:
            coming = None if self._heard is None else self._heard.coming
            rests_s = QUIET_S if coming is None else quiet_before(coming.request)
            quiet_s = max(self._at_rest_since + rests_s - self._clock.now(), 0.0)
            with suppress(Empty):
                waiting.append(self._questions.get(timeout=None if thoughts is None else quiet_s))
        while thoughts is not None and not waiting and self._questions.empty():
            if (free_s := self._is_kept_free_for()) > 0:
                with suppress(Empty):
                    waiting.append(self._questions.get(timeout=free_s))
                continue
            with self._working():
                if next(thoughts, _NOTHING_LEFT) is _NOTHING_LEFT:
                    thoughts = None
            if self._heard is not None and self._heard.coming is not None:
                self._let_stand_what_was_thought_of(self._heard.coming)
                self._show_what_is_ready(self._heard.coming, is_thought_of=thoughts is None)
        if not waiting:
            waiting.append(self._questions.get())
        return [*waiting, *self._came()]

    def _is_kept_free_for(self) -> float:
        """For how long no step of thinking is begun, as a question may come at any moment."""
        if self._heard is None or self._heard.coming is None:
            return 0.0
        left_s = self._heard.coming.request.starts_after + KEPT_FREE_S - self._clock.now()
        return left_s if left_s <= 2 * KEPT_FREE_S else 0.0

    def _came(self) -> list["_Task | None"]:
        """What has been put to the thread by now."""
        came: list[_Task | None] = []
        while not self._questions.empty():
            came.append(self._questions.get())
        return came

    # What is shown.

    @property
    def _mind(self) -> OpenMind | None:
        """Who is looked at, if somebody looks."""
        answerer = self._prompt.answerer
        is_seen = self._showing is not None and self._showing.is_wanted
        return answerer if is_seen and isinstance(answerer, OpenMind) else None

    def _sketched_meanwhile(self) -> list["_Task | None"]:
        """What came while a sketch was due and drawn; nothing, where none was due or nothing came."""
        if self._sketch_at is None or self._heard is None:
            return []
        with suppress(Empty):
            return [self._questions.get(timeout=max(self._sketch_at - self._clock.now(), 0.0))]
        self._sketch_at, self._sketched_at = None, self._clock.now()
        with self._working():
            return self._sketched(self._heard)

    def _sketched(self, heard: _Growing) -> list["_Task | None"]:
        """Let stand ready, and show, what would be answered to this; what came meanwhile. What the player
        goes on with waits for the little that it takes, and nothing else does."""
        came: list[_Task | None] = []
        mind, ahead, asked = self._mind, self._opens_ahead, heard.at_once()
        if asked is None or (mind is None and ahead is None):
            return came
        with suppress(Exception):  # a failure shows itself when it is asked
            opening = None if ahead is None else ahead.opening(asked.request, asked.knobs)
            drawn: list[NoteOn | NoteOff] = []
            until = self._clock.now() + SKETCHED_WITHIN_S
            for event in self._drawing(mind, opening, asked):
                came += self._came()
                if not all(isinstance(task, _Growing) for task in came):
                    return came
                drawn += [] if event is None else [event]
                if opening is not None and _is_a_stretch(drawn, asked):
                    self._standing.put(opening)
                    if mind is None:
                        return came
                if len(drawn) == SKETCHED_EVENTS or self._clock.now() >= until:
                    break
            if mind is not None and self._showing is not None:
                self._showing.expects(mind.likely_keys())
                self._showing.sketched(asked.request.call, drawn, asked.request.starts_after)
        return came

    @staticmethod
    def _drawing(
        mind: OpenMind | None, opening: DrawnOpening | None, asked: AskForAnswer
    ) -> Iterator[NoteOn | NoteOff | None]:
        if opening is not None:
            yield from opening.draw()
        elif mind is not None:
            yield from mind.sketch(asked.request, asked.knobs)

    @property
    def _opens_ahead(self) -> OpensAhead | None:
        """Who answers, if the beginning of an answer can stand ready."""
        answerer = self._prompt.answerer
        return answerer if isinstance(answerer, OpensAhead) else None

    def _let_stand_what_was_thought_of(self, coming: AskForAnswer) -> None:
        """In place of what was drawn; where a better answer is nearly there, neither."""
        ahead = self._opens_ahead
        if ahead is None:
            return
        with suppress(Exception):  # as above
            opening = ahead.opening_thought_of(coming.request, coming.knobs)
            if opening is not None or ahead.is_nearly_ready(coming.request, coming.knobs):
                self._standing.put(opening)

    def _show_what_is_ready(self, asked: AskForAnswer, *, is_thought_of: bool = True) -> None:
        """Show what stands ready; while it is being thought of, from time to time."""
        mind, showing = self._mind, self._showing
        if mind is None or showing is None or not (is_thought_of or showing.is_due):
            return
        with suppress(Exception):
            notes = mind.ready(asked.request, asked.knobs)
            if notes or is_thought_of:
                showing.stands_ready(asked.request.call, notes, asked.request.starts_after)


def _is_a_stretch(drawn: list[NoteOn | NoteOff], asked: AskForAnswer) -> bool:
    """Whether, from its first note on, as much of an answer is known as is given at first."""
    return bool(drawn) and drawn[-1].at >= drawn[0].at + asked.until - asked.request.starts_after
