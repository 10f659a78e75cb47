"""The belonging score: in how many pairs is one voice nearer to how the piece really goes on than another.

How far a voice is from the true continuation is the mean of the distances in each feature, each in units of
what it comes to for strangers, so that none counts more than another. A silent answer is as far as the
farthest stranger. Intervals are by bootstrap over calls. Knows features. Must not know who answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from music.manner.features import DISTANCES, Features, distances

RESAMPLED = 2000
_INTERVAL = (2.5, 97.5)
_LEAST_UNIT = 1e-6  # strangers that are all alike in a feature don't make it infinite

Numbers = NDArray[np.float64]
Table = NDArray[np.float64]  # calls x distances; a row without numbers where a voice was silent


@dataclass(frozen=True, slots=True)
class Share:
    """In which share of pairs, ties counted half; and within what 95 of 100 samples of the calls lie."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What strangers' distances come to: the mean in each feature, and of the farthest stranger in all."""

    units: Numbers  # one for each of `DISTANCES`
    farthest: float  # in units

    @classmethod
    def of(cls, strangers: Table) -> "Yardstick":
        """The yardstick of strangers, none of them silent."""
        units: Numbers = np.maximum(strangers.mean(0), _LEAST_UNIT)
        return cls(units, float((strangers / units).mean(1).max()))

    def far(self, table: Table) -> Numbers:
        """How far a voice is from the true continuation, call by call."""
        in_units = (table / self.units).mean(1)
        return np.where(np.isnan(in_units), self.farthest, in_units)

    def by_feature(self, table: Table) -> Mapping[str, float]:
        """The mean distance in each feature, in units, over the answers that were not silent."""
        heard = table[~np.isnan(table).any(1)]
        means = (heard / self.units).mean(0) if len(heard) else np.empty(0)
        return dict(zip(DISTANCES, means.tolist(), strict=False))


def distance_table(voice: Sequence[Features | None], true: Sequence[Features]) -> Table:
    """How far a voice is from the true continuations, call by call and feature by feature."""
    return np.array([_row(one, other) for one, other in zip(voice, true, strict=True)])


def nearer(one: Numbers, other: Numbers, seed: int = 1) -> Share:
    """How often the first is nearer to the true continuation than the second, by how far both are.

    Both at one call are a pair; the interval comes of drawing calls again and again.
    """
    wins = np.where(one < other, 1.0, np.where(one > other, 0.0, 0.5))
    chance = np.random.default_rng(seed)
    means = wins[chance.integers(0, len(wins), (RESAMPLED, len(wins)))].mean(1)
    low, high = np.percentile(means, _INTERVAL).tolist()
    return Share(float(wins.mean()), low, high)


def _row(voice: Features | None, true: Features) -> list[float]:
    if voice is None:
        return [np.nan] * len(DISTANCES)
    found = distances(voice, true)
    return [found[name] for name in DISTANCES]
