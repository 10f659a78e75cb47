"""What the loop waits for: messages, events, or the moment of its alarm, whichever is first.

`LiveInbox` waits in real time for what other threads put in. `ScriptInbox` has the events of a file, and time
is theirs: as fast as can be, or at their own pace.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import inf
from queue import Empty, SimpleQueue
from typing import Protocol

from realtime.engine.clock import Clock, SetClock, ShiftedClock
from realtime.engine.conducting.looking import BeatFound
from realtime.performer.events import Event, Stopped
from realtime.rows.turned import (
    ControlMoved,
    LearnWished,
    ModelStands,
    ModelWished,
    PresetStands,
    PresetWished,
    Pressed,
    Starred,
)

KNOB_EVERY_S = 0.02
WOKEN_LATE_S = 0.00006  # a sleeper wakes 0.02 to 0.09 ms late: what is left of this is waited for awake


LINK_SOURCE = 1001  # of a clock that comes by Ableton Link, and by no port


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as a port received it, stamped there."""

    at: float
    source: int
    message: bytes


Item = (
    Incoming
    | BeatFound
    | ControlMoved
    | Pressed
    | LearnWished
    | ModelWished
    | ModelStands
    | PresetWished
    | PresetStands
    | Starred
    | Event
)


class Inbox(Protocol):
    """Items in order of arrival."""

    def put(self, item: Item) -> None:
        """Add an item; from any thread, or a signal handler, without waiting."""
        ...

    @property
    def is_waiting(self) -> bool:
        """Whether an item has come that hasn't been handed out."""
        ...

    def next(self, until: float | None) -> Item | None:
        """The next item; None once the clock says `until`, with no item come."""
        ...


class LiveInbox:
    """Waits in real time.

    A wheel that is turned sends thousands of messages a second, of which the newest says it all. Of messages
    that turn a knob, as `turns_a_knob` says, only the newest waits, and they are handed out fifty times a
    second at most: whoever puts in one more meanwhile wakes nobody.
    """

    def __init__(self, clock: Clock, turns_a_knob: Callable[[bytes], bool] = lambda _: False) -> None:
        self._clock = clock
        self._turns_a_knob = turns_a_knob
        # Reentrant: a signal handler may put while we put.
        self._queue: SimpleQueue[Item | None] = SimpleQueue()
        self._turned: dict[tuple[int, bytes], Incoming] = {}  # the newest, by input and controller
        self._ready: deque[Item] = deque()
        self._quiet_until = -inf  # before this, nobody is woken for a knob

    def put(self, item: Item) -> None:
        """Add an item, from any thread or a signal handler."""
        if type(item) is not Incoming or not self._turns_a_knob(item.message):
            self._queue.put(item)
            return
        self._turned[(item.source, item.message[:2])] = item  # first this, then the question: see `next`
        if self._clock.now() >= self._quiet_until:
            self._queue.put(None)

    @property
    def is_waiting(self) -> bool:
        """Whether an item has come; knobs wait for nothing but their time."""
        return not self._queue.empty()

    def next(self, until: float | None) -> Item | None:
        """The next item, or None at `until`; what is there already comes first, however late it is."""
        while True:
            item = self._waiting()
            if item is not None:
                return item
            now, looks_at = self._clock.now(), self._quiet_until
            # Whoever put in a knob before `looks_at` may have woken nobody, so that we must look then.
            ends = [moment for moment in (until, looks_at if looks_at > now else None) if moment is not None]
            try:
                item = self._queue.get(timeout=max(min(ends) - now - WOKEN_LATE_S, 0.0) if ends else None)
            except Empty:
                while self._clock.now() < min(ends) and self._queue.empty():
                    pass
                if not self._queue.empty():
                    continue
                if until is not None and (looks_at <= now or until <= looks_at):
                    return None
            else:
                if item is not None:
                    return item

    def _waiting(self) -> Item | None:
        """What need not be waited for: first anything else, then the knobs, if it is time for them."""
        while not self._queue.empty():
            item = self._queue.get()
            if item is not None:
                return item
        if not self._ready and self._turned and self._clock.now() >= self._quiet_until:
            self._quiet_until = self._clock.now() + KNOB_EVERY_S
            for key in list(self._turned):
                self._ready.append(self._turned.pop(key))
        return self._ready.popleft() if self._ready else None


class ScriptInbox:
    """Plays events that are known beforehand, then ends. Time is the script's, kept in `clock`.

    With a `real` clock it keeps the script's pace, else it waits for nothing. Either way the loop sees the
    same items with the same moments. What is put in from outside comes at once.
    """

    def __init__(
        self, script: Iterable[Event | ControlMoved], clock: SetClock, real: Clock | None = None
    ) -> None:
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

    @property
    def is_waiting(self) -> bool:
        """Whether something has come from outside: nobody hurries in a script."""
        return not self._queue.empty()

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
