"""A QR code in the terminal: two rows of modules in a line of half blocks, dark on white.

The colours are said outright, as a camera needs dark on light whatever the terminal's own colours are. Must
not know what the code says.
"""

from collections.abc import Sequence
from itertools import pairwise

MARGIN = 4  # light modules all around, by the standard
_DARK_ON_WHITE, _AS_BEFORE = "\x1b[38;5;16;48;5;231m", "\x1b[0m"
_BLOCKS = {("0", "0"): " ", ("1", "0"): "▀", ("0", "1"): "▄", ("1", "1"): "█"}  # upper, lower


def code_lines(rows: Sequence[str]) -> list[str]:
    """The lines to print."""
    side = len(rows) + 2 * MARGIN
    light = ["0" * side] * MARGIN
    whole = [*light, *("0" * MARGIN + row + "0" * MARGIN for row in rows), *light]
    if len(whole) % 2:
        whole.append("0" * side)
    pairs = list(pairwise(whole))[::2]
    return [f"{_DARK_ON_WHITE}{_line(upper, lower)}{_AS_BEFORE}" for upper, lower in pairs]


def _line(upper: str, lower: str) -> str:
    return "".join(_BLOCKS[both] for both in zip(upper, lower, strict=True))
