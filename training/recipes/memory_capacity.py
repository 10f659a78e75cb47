"""The memory-capacity study (rows A3, A4): how fast and how long a network of width d learns n characters by
heart.

The paper gives a rate of 1/d and `round(sqrt(d) * 1e4 / n) * factor` passes, where the factor "was found
through trial and error". So the characters read in all are sqrt(d) * 1e4 * factor, whatever n is. A recipe
says `memory.factor`; the rest follows here. Must not know networks.
"""

from collections.abc import Mapping
from math import sqrt
from typing import Any

from music.settings import SettingError

FACTOR, WIDTH, SIZE = "memory.factor", "model.trunk.width", "data.most_rows"


def memory_changes(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes, with rate and passes in place of the factor; without a factor, as they are."""
    made = dict(changes)
    factor = made.pop(FACTOR, None)
    if factor is None:
        return made
    missing = [name for name in (WIDTH, SIZE) if name not in made]
    if missing:
        raise SettingError(f"{FACTOR} needs {' and '.join(missing)} in the same variant or grid")
    return made | {
        "learning.rate": 1 / made[WIDTH],
        "learning.passes": float(max(passes(made[WIDTH], made[SIZE]) * factor, 1)),
    }


def passes(width: int, size: int) -> int:
    """How often the paper shows n characters to a network of width d, before its factor."""
    return max(round(sqrt(width) * 1e4 / size), 1)
