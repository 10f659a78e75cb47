"""How people's long stretches spread, and where one stands beside them.

Knows figures of stretches. Must not know whose they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.alone.stretch import MEASURES, OF_WINDOWS, Stretch

_PERCENT = (5, 50, 95)
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Spread:
    """Where 5, 50 and 95 of 100 lie."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of some figures, one at least."""
        return cls(*(round(float(found), _DIGITS) for found in np.percentile(values, _PERCENT)))

    def has(self, value: float) -> bool:
        """Whether this lies among the middle 90 of 100."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class People:
    """How people play for minutes: of whole stretches, and of their windows, a spread by name."""

    stretches: int
    windows: int
    by_stretch: Mapping[str, Spread]
    by_window: Mapping[str, Spread]

    @classmethod
    def of(cls, stretches: Iterable[Stretch]) -> "People | None":
        """Of some stretches; None of none."""
        whole: dict[str, list[float]] = {}
        parts: dict[str, list[float]] = {}
        count = windows = 0
        for stretch in stretches:
            count, windows = count + 1, windows + len(stretch.windows)
            for name, value in measured(stretch).items():
                whole.setdefault(name, []).append(value)
            for name, values in measured_windows(stretch).items():
                parts.setdefault(name, []).extend(values)
        if not count:
            return None
        return cls(
            count,
            windows,
            {name: Spread.of(values) for name, values in whole.items()},
            {name: Spread.of(values) for name, values in parts.items()},
        )

    def beside(self, stretch: Stretch) -> dict[str, Any]:
        """A stretch in figures: `beyond` names what no 95 of 100 of people's have, and `inside` says which
        share of its windows lies where the middle 90 of 100 of people's do."""
        whole, parts = measured(stretch), measured_windows(stretch)
        return {
            **{name: round(value, _DIGITS) for name, value in whole.items()},
            "beyond": [name for name, value in whole.items() if value > self.by_stretch[name].high],
            "inside": {name: _share_inside(values, self.by_window[name]) for name, values in parts.items()},
            "windows": {name: [round(value, 2) for value in values] for name, values in parts.items()},
        }


def measured(stretch: Stretch) -> dict[str, float]:
    """Every measure of a whole stretch."""
    found = {measure.name: measure.of(stretch) for measure in MEASURES}
    return {name: value for name, value in found.items() if value is not None}


def measured_windows(stretch: Stretch) -> dict[str, list[float]]:
    """What is measured of windows, of each that has it."""
    return {measure.name: list(measure.of(stretch)) for measure in OF_WINDOWS}


def _share_inside(values: Sequence[float], spread: Spread) -> float:
    return round(sum(map(spread.has, values)) / len(values), _DIGITS) if values else 0.0
