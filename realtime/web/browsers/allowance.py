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
        self._spent = max(self._spent - (at - self._at) * self.per_s, 0.0) + cost
        self._at = at
        return max(self._spent - self.burst, 0.0) / self.per_s
