"""How far a figure of drawn pieces is certain: the range that 95 of 100 redrawn samples fall within.

Pieces are drawn again with replacement (bootstrap), notes never, for the notes of a piece belong together.
Must not know what is figured.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from evaluation.likeness.defined import Undefined

Piece = TypeVar("Piece")
DRAWS, SHARE = 200, 0.95


def interval(
    pieces: Sequence[Piece], figure: Callable[[Sequence[Piece]], float], seed: int = 1, draws: int = DRAWS
) -> tuple[float, float]:
    """The range of a figure of all pieces; samples of which it isn't defined don't count."""
    if len(pieces) < 2:
        raise Undefined(f"a range takes two pieces, not {len(pieces)}")
    chance = np.random.default_rng(seed)
    values = []
    for _ in range(draws):
        sample = [pieces[number] for number in chance.integers(len(pieces), size=len(pieces))]
        try:
            values.append(figure(sample))
        except Undefined:
            continue
    if len(values) < draws / 2:
        raise Undefined("most samples of the pieces don't have the figure")
    low, high = np.quantile(values, [(1 - SHARE) / 2, (1 + SHARE) / 2])
    return float(low), float(high)


def spread_over(music: Sequence[int], most: int, seed: int = 1) -> list[int]:
    """At most so many of these numbers, drawn by chance and put in order: never the first in file order."""
    if len(music) <= most:
        return list(music)
    return sorted(np.random.default_rng(seed).choice(np.array(music), most, replace=False).tolist())
