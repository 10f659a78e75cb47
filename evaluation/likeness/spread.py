"""How far values lie apart, where rounding alone is no spread.

A third of a second, reckoned from different onsets, differs in its last digits. Divided by such a spread,
those digits would be all that counts. Must not know what the values are.
"""

import numpy as np
from numpy.typing import NDArray

_ROUNDING = 1e-9  # of the largest value, and of 1: far below a tick, far above the last digits of a float


def spread_of(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The standard deviation of each column of points (of plain values: of all); 0 where they are the same
    but for rounding."""
    spread = points.std(0)
    rounding = _ROUNDING * np.maximum(np.abs(points).max(0), 1.0)
    return np.where(spread > rounding, spread, 0.0)
