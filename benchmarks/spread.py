"""How a figure spreads over many measurements: what is usual, what is rare, and the longest."""

from collections.abc import Sequence

import numpy as np


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """p50, p99 and the longest in milliseconds, and how many."""
    p50, p99, longest = np.percentile(seconds, (50, 99, 100)) * 1000
    return {"p50": float(p50), "p99": float(p99), "max": float(longest), "n": len(seconds)}
