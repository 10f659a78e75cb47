"""Overlapping area and Kullback-Leibler divergence of two sets of pieces, after Yang and Lerch (A11, B6).

Of one measure: how far the pieces of a set lie from one another (its own distances), and how far those of
another set lie from them (the distances between). Where the sets are alike, both are distributed alike. Both
densities are estimated with Gaussian kernels (Scott's bandwidth) on one grid that reaches beyond both, so
that the two figures are of the same numbers. What can be reached at all depends on how many pieces there are:
that is why two halves of the real pieces, as many each, always stand beside (`beside_real`). Must not know
models.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from evaluation.likeness.defined import Figures, Undefined
from evaluation.likeness.manner import MEASURES
from evaluation.likeness.spread import spread_of

Values = NDArray[np.float64]

GRID = 512
_BEYOND = 3.0  # bandwidths
_LEAST = 1e-12  # of a density, in a logarithm


def overlapping_area(one: Values, other: Values) -> float:
    """The area that two densities share: 1 where they are the same."""
    step, ours, theirs = _densities(one, other)
    return float(np.minimum(ours, theirs).sum() * step)


def divergence(one: Values, other: Values) -> float:
    """The Kullback-Leibler divergence of the second density from the first, in nats; 0 where they are the
    same."""
    step, ours, theirs = _densities(one, other)
    ours, theirs = np.maximum(ours, _LEAST), np.maximum(theirs, _LEAST)
    return float((ours * np.log(ours / theirs)).sum() * step)


def beside_real(made: Values, real: Values) -> Figures:
    """Tables of pieces by measures (`manner.table_of`): by measure and on average, of what was made and
    of the second half of the real pieces, each against as many of the first half; `areas_of` says of how many
    measures the means are, for one that is the same in all pieces has no density."""
    half = min(len(real) // 2, len(made))
    figures = Figures()
    if half < 3:
        reason = (
            f"it takes 3 pieces made and 6 real ones that have every measure, not {len(made)} and {len(real)}"
        )
        figures.undefined = dict.fromkeys(
            ("overlapping_area", "real_overlapping_area", "kld", "real_kld"), reason
        )
        return figures
    first, second = real[:half], real[half : 2 * half]
    compared = {"": _compared(first, made[:half]), "real_": _compared(first, second)}
    in_all = [
        name for name in MEASURES if all(name in some.values for of in compared.values() for some in of)
    ]
    for ahead, (areas, divergences) in compared.items():
        figures.put(f"{ahead}overlapping_area", partial(_mean, areas, in_all))
        figures.put(f"{ahead}kld", partial(_mean, divergences, in_all))
    if in_all:
        figures.values["areas_of"] = len(in_all)
    return figures


def _compared(first: Values, table: Values) -> tuple[Figures, Figures]:
    """Areas and divergences of two tables of pieces, by measure."""
    areas, divergences = Figures(), Figures()
    for column, name in enumerate(MEASURES):
        own, between = _own(first[:, column]), _between(table[:, column], first[:, column])
        areas.put(name, partial(overlapping_area, own, between))
        divergences.put(name, partial(divergence, own, between))
    return areas, divergences


def _densities(one: Values, other: Values) -> tuple[float, Values, Values]:
    """Both on one grid, each with the area 1 there; and the grid's step."""
    if min(len(one), len(other)) < 2:
        raise Undefined("a density takes two values")
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise Undefined("one of the values is no number")
    widths = [_bandwidth(values) for values in (one, other)]
    if min(widths) == 0:
        raise Undefined("all values of one of the two are the same, so it has no density")
    reach = _BEYOND * max(widths)
    grid = np.linspace(min(one.min(), other.min()) - reach, max(one.max(), other.max()) + reach, GRID)
    step = float(grid[1] - grid[0])
    ours, theirs = (_density(values, width, grid) for values, width in zip((one, other), widths, strict=True))
    return step, ours / (ours.sum() * step), theirs / (theirs.sum() * step)


def _density(values: Values, width: float, grid: Values) -> Values:
    density: Values = np.exp(-0.5 * ((grid[:, None] - values) / width) ** 2).sum(1)
    return np.maximum(density, _LEAST)


def _bandwidth(values: Values) -> float:
    """Scott's rule in one dimension."""
    count = len(values)
    return float(spread_of(values) * (count / (count - 1)) ** 0.5 * count**-0.2)


def _own(values: Values) -> Values:
    """From each piece of a set to each other."""
    one, other = np.triu_indices(len(values), 1)
    return np.abs(values[one] - values[other])


def _between(values: Values, others: Values) -> Values:
    """From each piece of one set to each of another."""
    return np.abs(values[:, None] - others).ravel()


def _mean(figures: Figures, names: Sequence[str]) -> float:
    """Over the measures that both what was made and what is real have: others would be of one side alone."""
    if not names:
        raise Undefined(next(iter(figures.undefined.values()), "no measure is defined of both"))
    return float(np.mean([figures.values[name] for name in names]))
