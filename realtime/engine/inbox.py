"""What the loop waits for: messages, events, or the moment of its alarm, whichever is first.

`LiveInbox` waits in real time for what other threads put in. `ScriptInbox` has the events of a file, and time
is theirs: as fast as can be, or at their own pace.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Protocol

from realtime.engine.clock import Clock, SetClock, ShiftedClock
from realtime.performer.events import Event, Stopped
from realtime.rows.turned import ControlMoved


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as a port received it, stamped there."""

    at: float
    source: int
    message: bytes


Item = Incoming | ControlMoved | Event


class Inbox(Protocol):
    """Items in order of arrival."""

    def put(self, item: Item) -> None:
        """Add an item; from any thread, or a signal handler, without waiting."""
        ...

    def next(self, until: float | None) -> Item | None:
        """The next item; None once the clock says `until`, with no item come."""
        ...


class LiveInbox:
    """Waits in real time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queue: SimpleQueue[Item] = SimpleQueue()  # reentrant: a signal handler may put while we put

    def put(self, item: Item) -> None:
        """Add an item, from any thread or a signal handler."""
        self._queue.put(item)

    def next(self, until: float | None) -> Item | None:
        """The next item, or None at `until`; what is there already comes first, however late it is."""
        try:
            if until is None:
                return self._queue.get()
            return self._queue.get(timeout=max(until - self._clock.now(), 0.0))
        except Empty:
            return None


class ScriptInbox:
    """Plays events that are known beforehand, then ends. Time is the script's, kept in `clock`.

    With a `real` clock it keeps the script's pace, else it waits for nothing. Either way the loop sees the
    same items with the same moments. What is put in from outside comes at once.
    """

    def __init__(self, script: Iterable[Event], clock: SetClock, real: Clock | None = None) -> None:
        self._script = deque(script)
        self._clock = clock
        self._real = real
        self._begun = 0.0 if real is None else real.now() - clock.now()
        self._queue: SimpleQueue[Item] = SimpleQueue()

    @property
    def pace(self) -> Clock:
        """The script's time as it passes, also between its items.

        Where nothing is waited for, the script's own.
        """
        return self._clock if self._real is None else ShiftedClock(self._real, self._begun)

    def put(self, item: Item) -> None:
        """Add an item from outside the script."""
        self._queue.put(item)

    def next(self, until: float | None) -> Item | None:
        """The next item, or None at `until`; when nothing is left to happen, the end."""
        scripted = self._script[0].at if self._script else None
        moments = [moment for moment in (scripted, until) if moment is not None]
        urgent = self._wait(min(moments, default=self._clock.now()))
        if urgent is not None:
            return urgent
        if scripted is not None and (until is None or scripted <= until):
            self._clock.set(scripted)
            return self._script.popleft()
        if until is None:
            return Stopped(self._clock.now())
        self._clock.set(until)
        return None

    def _wait(self, moment: float) -> Item | None:
        try:
            if self._real is None:
                return self._queue.get_nowait()
            return self._queue.get(timeout=max(self._begun + moment - self._real.now(), 0.0))
        except Empty:
            return None
