"""What the engine's clock shows now, known from the one row that tells its time and the wall's.

Must not know rows to come.
"""

from time import perf_counter, time

SAME_CLOCK_WITHIN_S = 5.0


class EngineTime:
    """The engine's clock, as seen from this process."""

    def __init__(self, at: float, wall: float) -> None:
        """From a moment on the engine's clock, and the same moment in Unix seconds."""
        now = at + time() - wall
        own = perf_counter()
        # Processes of one machine share this clock, and the wall may have been set since: ours is better.
        self._behind_s = 0.0 if abs(now - own) < SAME_CLOCK_WITHIN_S else own - now

    def now(self) -> float:
        """Seconds on the engine's clock."""
        return perf_counter() - self._behind_s
