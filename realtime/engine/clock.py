"""What time it is, in seconds on one scale that only goes forward."""

from math import ceil
from time import perf_counter
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> float:
        """Seconds since some moment that stays the same."""
        ...


GRAINS_PER_S = 1 << 15  # a power of two: moments and what lies between them are exact numbers


class SteadyClock:
    """The machine's own; `perf_counter`, as `monotonic` goes by steps of 15 ms on Windows.

    Its moments lie on grains that a take's file can hold, so that a take has the very moments that were
    played by. Rounded up, so that an alarm that rings is never early.
    """

    def now(self) -> float:
        """Seconds, never going back, at most 31 µs ahead."""
        return ceil(perf_counter() * GRAINS_PER_S) / GRAINS_PER_S


class SetClock:
    """A clock that stands until it is set forward: the time of a file, or of a test."""

    def __init__(self, at: float = 0.0) -> None:
        self._at = at

    def now(self) -> float:
        """Where it was set."""
        return self._at

    def set(self, at: float) -> None:
        """Set it forward; it never goes back."""
        self._at = max(self._at, at)


class ShiftedClock:
    """Another clock's time, so many seconds earlier: a script's scale, in real time."""

    def __init__(self, real: Clock, by_s: float) -> None:
        self._real, self._by_s = real, by_s

    def now(self) -> float:
        """Seconds on the shifted scale."""
        return self._real.now() - self._by_s
