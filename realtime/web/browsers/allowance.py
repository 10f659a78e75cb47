"""How much one browser may ask for: so much a second, and a burst of it at once.

Knows no clock: moments are given to it.
"""

from dataclasses import dataclass


@dataclass
class Allowance:
    """Fills up with time, is spent by asking; in whatever unit the costs are."""

    per_s: float
    burst: float
    _spent: float = 0.0
    _at: float = 0.0

    def spend(self, cost: float, at: float) -> float:
        """Spend now; how many seconds to wait before the next is taken."""
        self._fill(at)
        self._spent += cost
        return max(self._spent - self.burst, 0.0) / self.per_s

    def take(self, cost: float, at: float) -> bool:
        """Spend it if that is left; what is refused costs nothing."""
        self._fill(at)
        is_left = self._spent + cost <= self.burst
        self._spent += cost if is_left else 0.0
        return is_left

    def _fill(self, at: float) -> None:
        self._spent = max(self._spent - (at - self._at) * self.per_s, 0.0)
        self._at = at
