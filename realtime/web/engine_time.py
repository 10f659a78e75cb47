"""What the engine's clock shows now, known from the one row that tells its time and the wall's.

Must not know rows to come.
"""

from time import perf_counter, time


class EngineTime:
    """The engine's clock, as seen from this process."""

    def __init__(self, at: float, wall: float) -> None:
        """From a moment on the engine's clock, and the same moment in Unix seconds."""
        own = perf_counter()
        # Processes of one machine share this clock, and the wall's may have been set since, by hours even: it
        # is asked only where the moment, which has passed, is still to come by ours.
        self._behind_s = 0.0 if at <= own else own - (at + time() - wall)

    def now(self) -> float:
        """Seconds on the engine's clock."""
        return perf_counter() - self._behind_s
