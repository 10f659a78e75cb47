"""What counting keys already knows of a roll: the two figures that a model of rolls must beat.

Each of 88 keys is predicted by itself. The key frequency is how often the key sounds at all, the same at
every step; the note bigram, how often it sounds after a step in which it sounded, and after one in which it
did not. Either counts one step more of each kind than was seen. The first step of each piece is given, not
predicted, so that both figures are of the same steps. Must not know models.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from music.notes import KEYS
from music.settings import SettingError

Roll = NDArray[Any]  # steps x 88: 1 where a key sounds
Chances = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RollBaselines:
    """Nats a step, of all 88 keys together and all steps pooled."""

    key_frequency: float
    note_bigram: float


@dataclass(frozen=True)
class KeyCounts:
    """In how many steps each key sounded, and how many followed a step in which it did not (0) or did (1)."""

    steps: int
    sounded: NDArray[np.int64]  # 88
    steps_after: NDArray[np.int64]  # 2 x 88
    sounded_after: NDArray[np.int64]  # 2 x 88

    @classmethod
    def of(cls, rolls: Sequence[Roll]) -> Self:
        """Counted over pieces; what one ends with does not lead to what another begins with."""
        sounded = np.zeros(KEYS, np.int64)
        steps_after, sounded_after = np.zeros((2, KEYS), np.int64), np.zeros((2, KEYS), np.int64)
        for roll in map(_checked, rolls):
            sounded += roll.sum(0)
            before, now = roll[:-1], roll[1:]
            for was, here in enumerate((~before, before)):
                steps_after[was] += here.sum(0)
                sounded_after[was] += (here & now).sum(0)
        return cls(sum(map(len, rolls)), sounded, steps_after, sounded_after)

    def frequency(self) -> Chances:
        """How likely each of 88 keys sounds."""
        return _add_one(self.sounded, np.array(self.steps))

    def bigram(self) -> Chances:
        """How likely each key sounds after a step in which it did not (row 0) or did (row 1)."""
        return _add_one(self.sounded_after, self.steps_after)


def nats_a_step(rolls_train: Sequence[Roll], rolls_test: Sequence[Roll]) -> RollBaselines:
    """Both baselines, counted on some rolls and measured on others."""
    scored = sum(max(len(roll) - 1, 0) for roll in rolls_test)
    if not scored:
        raise SettingError(
            "no step to measure: the first of each piece is given; give pieces of two steps or more"
        )
    counts = KeyCounts.of(rolls_train)
    frequency, bigram = counts.frequency(), counts.bigram()
    of_frequency = of_bigram = 0.0
    for roll in map(_checked, rolls_test):
        before, now = roll[:-1], roll[1:]
        of_frequency += _nats(frequency, now)
        of_bigram += _nats(np.where(before, bigram[1], bigram[0]), now)
    return RollBaselines(of_frequency / scored, of_bigram / scored)


def _add_one(sounded: NDArray[np.int64], steps: NDArray[np.int64]) -> Chances:
    chances: Chances = (sounded.astype(np.float64) + 1.0) / (steps + 2.0)
    return chances


def _nats(chances: Chances, sounds: NDArray[np.bool_]) -> float:
    return float(-np.where(sounds, np.log(chances), np.log1p(-chances)).sum())


def _checked(roll: Roll) -> NDArray[np.bool_]:
    if roll.ndim != 2 or roll.shape[1] != KEYS:
        raise SettingError(f"a roll is steps by {KEYS} keys, not {roll.shape}; give its sounding keys alone")
    return roll.astype(bool)
