"""The interpreter while it plays.

Threads that take turns quickly, and signals that become an end with every note let go.

Must not know who plays.
"""

import ctypes
import faulthandler
import gc
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from realtime.engine.clock import Clock
from realtime.engine.inbox import Inbox
from realtime.performer.events import Stopped

SWITCH_INTERVAL_S = 0.0005  # the default of 5 ms makes notes 5 ms late beside a busy thread; so, 0.7 ms
GIVE_UP_AFTER_S = 3.0  # when asked to stop


class Stop:
    """Whether somebody asked us to stop, and since when."""

    def __init__(self) -> None:
        self.since: float | None = None

    def is_overdue(self, now: float) -> bool:
        """Whether that is so long ago that something must hang."""
        return self.since is not None and now - self.since > GIVE_UP_AFTER_S


@contextmanager
def stopping_by_signal(inbox: Inbox, clock: Clock) -> Iterator[Stop]:
    """Ctrl-C, a closed terminal or a polite kill become an event: all notes end by the one way there is."""
    stop = Stop()

    def take(_: int, __: FrameType | None) -> None:
        stop.since = stop.since or clock.now()
        inbox.put(Stopped(stop.since))

    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {getattr(signal, name): signal.signal(getattr(signal, name), take) for name in names}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def say_where_it_crashed() -> None:
    """From here on, a crash in a driver or a runtime says where we were, on the standard error."""
    if not faulthandler.is_enabled():
        with suppress(AttributeError, OSError, RuntimeError, ValueError):  # there is no standard error
            faulthandler.enable()


@contextmanager
def interpreter_for_music() -> Iterator[None]:
    """Threads take turns quickly, what has been loaded is never searched for garbage, and the memory that
    loading took for a while is the system's again."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.collect()
    gc.freeze()
    _give_memory_back()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before)


def _give_memory_back() -> None:
    """Opening a model takes some megabytes more than keeping it; the C library would hold on to them."""
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):  # another C library than GNU's
            ctypes.CDLL(None).malloc_trim(0)
