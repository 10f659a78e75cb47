"""A take played again from its seed, its model and all that was done in it, and compared with what it was.

The player's keys, controls and hand-overs come at the moments that were kept; what is answered is worked out
anew, by the same performer and the same loop. Knows the loop and takes. Must not know ports.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from music.notes import KeyEvent, Note, NoteOn
from music.phrase import Phrase
from realtime.answerers.answerer import Answerer
from realtime.engine.clock import SetClock
from realtime.engine.controls import Controls
from realtime.engine.desks.answering import PromptDesk, Sketch, no_sketch, quiet_before
from realtime.engine.inbox import Item, ScriptInbox
from realtime.engine.loop import Loop
from realtime.engine.outputs import Outputs
from realtime.kept.folder import one_side, piece_of
from realtime.kept.reading import Asked, Kept
from realtime.performer.actions import AskForAnswer, AskForMore
from realtime.performer.events import Event
from realtime.performer.phases import Phase
from realtime.performer.state import FRESH, State
from realtime.rows.rows import Rows
from realtime.rows.take import MODEL, TakeRecorder
from realtime.rows.turned import ControlMoved, Turned


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it: the take anew, and how many of its answers are the same as before."""

    recorder: TakeRecorder
    same: int
    differing: tuple[Asked, ...]  # the answers that are others


class _KeptInbox(ScriptInbox):
    """A script in which the player's silences are as long as they were: no alarm ends a phrase."""

    def __init__(self, script: Iterable[Event | ControlMoved], clock: SetClock) -> None:
        super().__init__(script, clock)
        self.state: Callable[[], State] = lambda: FRESH

    def next(self, until: float | None) -> Item | None:
        """The next item; while the player has the turn, alarms wait for nothing."""
        return super().next(None if self.state().phase is Phase.CALLING else until)


class _KeptDesk:
    """A desk that knows how each answer began, and so whether there had been time to think of it.

    Two answerers hear the same: one has thought of all that it could, the other of nothing.
    """

    def __init__(self, kept: Kept, make: Callable[[], Answerer], clock: SetClock, inbox: ScriptInbox) -> None:
        self._kept = kept
        self._answerers = (make(), make())
        self._desks = [PromptDesk(one, clock, inbox.put, thinks_first=False) for one in self._answerers]
        self._clock = clock
        self._coming: AskForAnswer | None = None
        self._asked = 0
        self._chosen = 0

    def hear(self, call: tuple[KeyEvent, ...], coming: AskForAnswer | None, _: Sketch = no_sketch) -> None:
        """The call as it grows, and what will be asked for if it has ended."""
        self._expect()
        self._coming = coming
        for desk in self._desks:
            desk.hear(call)

    def ask(self, question: AskForAnswer | AskForMore) -> None:
        """Answer as it was answered then."""
        if isinstance(question, AskForAnswer):
            self._expect()
            while self._answerers[0].think():
                pass
            self._chosen = self._which(question)
            self._asked += 1
        self._desks[self._chosen].ask(question)

    def _expect(self) -> None:
        """What was expected since the last that was heard, if it was quiet for long enough."""
        coming, self._coming = self._coming, None
        if coming is not None and self._clock.now() - coming.at >= quiet_before(coming.request):
            for answerer in self._answerers:
                with suppress(Exception):  # a failure shows itself when it answers
                    answerer.expect(coming.request, coming.knobs)

    def close(self) -> None:
        """Forget the answer that was being given."""
        for desk in self._desks:
            desk.close()

    def _which(self, question: AskForAnswer) -> int:
        """Which of the two begins as the answer began that was kept; the thoughtful one if neither does."""
        if self._asked >= len(self._kept.asked):
            return 0
        began = next(((n.pitch, n.velocity) for n in self._kept.answer(self._asked)), None)
        for which, answerer in enumerate(self._answerers):
            with suppress(Exception):
                events = answerer.answer(question.request, question.knobs)
                first = next((event for event in events if isinstance(event, NoteOn)), None)
                if first is not None and (first.pitch, first.velocity) == began:
                    return which
        return 0


def replayed(kept: Kept, make: Callable[[], Answerer]) -> Replayed:
    """The take once more, as fast as can be; `make` gives an answerer that has heard nothing yet."""
    clock = SetClock()
    inbox = _KeptInbox(kept.done, clock)
    desk = _KeptDesk(kept, make, clock, inbox)
    rows, recorder = Rows(), TakeRecorder()

    def watch(turned: Turned) -> None:
        for row in rows.of(turned):
            recorder.take(row)

    loop = Loop(clock, inbox, Outputs(), desk, Controls(kept.rules), [watch], hear=desk.hear)
    if kept.asked:
        loop.state = replace(FRESH, turn=kept.asked[0].turn - 1)
    inbox.state = lambda: loop.state
    loop.run()
    if loop.failure is not None:
        raise loop.failure
    return _compared(kept, recorder)


def _compared(kept: Kept, recorder: TakeRecorder) -> Replayed:
    again = replace(kept, answered=_answered(recorder))
    differing = [
        asked
        for number, asked in enumerate(kept.asked)
        if not is_same(again.answer(number), kept.answer(number))
    ]
    return Replayed(recorder, len(kept.asked) - len(differing), tuple(differing))


def _answered(recorder: TakeRecorder) -> Phrase:
    return one_side(piece_of(recorder), MODEL)


def is_same(notes: Sequence[Note], others: Sequence[Note]) -> bool:
    """Whether these are the same keys, each struck as hard and as often.

    When they sounded depends on how busy the machine was then.
    """
    return _by_key(notes) == _by_key(others)


def _by_key(notes: Sequence[Note]) -> list[tuple[int, int]]:
    return [(note.pitch, note.velocity) for note in sorted(notes, key=lambda note: (note.pitch, note.at))]
