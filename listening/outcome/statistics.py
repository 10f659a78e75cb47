"""What ratings say: intervals, tests and agreement. Numbers in, numbers out.

Listeners are the sample, so whatever is drawn again is drawn by listener: many ratings of one person are not
many people. Must not know clips, conditions or files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import isclose

import numpy as np
from numpy.typing import NDArray

Figures = NDArray[np.float64]

DRAWS = 10_000
_EXACT_UP_TO = 13  # listeners: 2^13 is about as many sign changes as are drawn for more
_LEVEL = 0.95
_ALIKE = 1e-9  # means that differ by no more differ by rounding


def interval(by_listener: Sequence[Sequence[float]], seed: int = 0) -> tuple[float, float] | None:
    """Where the mean of all ratings lies, 95 %, by bootstrap over listeners; None for fewer than two."""
    if len(by_listener) < 2:
        return None
    sums = np.array([sum(ratings) for ratings in by_listener], np.float64)
    counts = np.array([len(ratings) for ratings in by_listener], np.float64)
    drawn = np.random.default_rng(seed).integers(0, len(sums), (DRAWS, len(sums)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.quantile(means, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Rank:
    """A place in the order of means, 1 the highest; where it lies, 95 %, and how likely each place is."""

    place: int
    low: int
    high: int
    likely: tuple[float, ...]  # of the first place, of the second, and so on


def ranks(by_sort: Sequence[Sequence[Sequence[float]]], seed: int = 0) -> list[Rank | None]:
    """The order of sorts by their means, by bootstrap over listeners, the same ones for all sorts.

    A sort has the ratings of each listener, empty where there are none. None for a sort that nobody rated;
    of fewer than two listeners, or where hardly any rated two sorts, nothing can be said.
    """
    rated = [place for place, sort in enumerate(by_sort) if any(sort)]
    found: list[Rank | None] = [None] * len(by_sort)
    listeners = max(map(len, by_sort), default=0)
    if not rated or listeners < 2:
        return found
    sums = np.array([[sum(given) for given in by_sort[place]] for place in rated], np.float64)
    counts = np.array([[len(given) for given in by_sort[place]] for place in rated], np.float64)
    drawn = np.random.default_rng(seed).integers(0, listeners, (DRAWS, listeners))
    whole = _places((sums.sum(1) / counts.sum(1))[None])[0]
    drawn_counts = counts[:, drawn].sum(2)
    complete = (drawn_counts > 0).all(0)  # draws in which somebody rated each sort
    if not complete.any():
        return found
    places = _places((sums[:, drawn].sum(2)[:, complete] / drawn_counts[:, complete]).T)
    for row, place in enumerate(rated):
        low, high = np.quantile(places[:, row], [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2], method="nearest")
        likely = tuple(float((places[:, row] == one).mean()) for one in range(1, len(rated) + 1))
        found[place] = Rank(int(whole[row]), int(low), int(high), likely)
    return found


def _places(means: Figures) -> NDArray[np.int64]:
    """Of each row of means the place of each, 1 the highest; alike means share the better place."""
    higher = means[:, None, :] > means[:, :, None] + _ALIKE
    places: NDArray[np.int64] = 1 + higher.sum(2, dtype=np.int64)
    return places


def paired(differences: Sequence[float], seed: int = 0) -> float | None:
    """How likely so large a mean difference is if each listener's could as well have the other sign.

    Two-sided, by changes of sign: all of them for a few listeners, so many drawn for more. None for none.
    """
    values = np.array(differences, np.float64)
    if not len(values):
        return None
    reached = _reaching(values)
    if len(values) <= _EXACT_UP_TO:
        signs = np.array(list(product((-1.0, 1.0), repeat=len(values))))
        return float((np.abs(signs @ values) >= reached).mean())
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), (DRAWS, len(values)))
    at_least = int((np.abs(signs @ values) >= reached).sum())
    return (at_least + 1) / (DRAWS + 1)


def _reaching(values: Figures) -> float:
    """The sum that a change of sign must reach, a rounding less."""
    return float(abs(values.sum()) - 1e-9 * max(np.abs(values).sum(), 1.0))


def holm(chances: Sequence[float]) -> list[float]:
    """The same p-values corrected for their number (Holm): never smaller, and in the same order."""
    order = sorted(range(len(chances)), key=chances.__getitem__)
    corrected, greatest = [0.0] * len(chances), 0.0
    for rank, place in enumerate(order):
        greatest = max(greatest, min((len(chances) - rank) * chances[place], 1.0))
        corrected[place] = greatest
    return corrected


def alpha(units: Mapping[str, Sequence[float]]) -> float | None:
    """Krippendorff's alpha of ratings on an interval scale: 1 agreement, 0 as by chance.

    A unit is a clip with its ratings; of one rating alone nothing can be said. None where no unit has two, or
    all ratings are the same.
    """
    rated = [np.array(values, np.float64) for values in units.values() if len(values) > 1]
    if not rated:
        return None
    together = np.concatenate(rated)
    within = sum(_squares(values) / (len(values) - 1) for values in rated) / len(together)
    between = _squares(together) / (len(together) * (len(together) - 1))
    return None if isclose(between, 0.0) else float(1 - within / between)


def _squares(values: Figures) -> float:
    """The squared differences of all ordered pairs, summed."""
    return float(2 * (len(values) * (values**2).sum() - values.sum() ** 2))
