"""Figures that may not be defined: where there is nothing to measure, a reason stands and no number.

A zero would look like a score. Must not know what is measured.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from typing import Any

from music.settings import SettingError


class Undefined(SettingError):
    """A figure that these data can't have; its text goes on after "not defined because"."""


@dataclass(slots=True)
class Figures:
    """Numbers by name, and by name why there is none; the range that a number may as well lie in, where one
    was reckoned; and what charts are drawn from."""

    values: dict[str, float] = field(default_factory=dict)
    undefined: dict[str, str] = field(default_factory=dict)
    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    charts: dict[str, Any] = field(default_factory=dict)

    def put(self, name: str, of: Callable[[], float]) -> None:
        """Reckon a figure; what isn't defined, or is no finite number, is noted with the reason."""
        try:
            value = float(of())
        except Undefined as reason:
            self.undefined[name] = str(reason)
            return
        if isfinite(value):
            self.values[name] = value
        else:
            self.undefined[name] = f"it comes to {value}, which is no number"

    def put_range(self, name: str, of: Callable[[], tuple[float, float]]) -> None:
        """Reckon the range of a figure that there is; where it has none, or one whose ends are no numbers, it
        stands alone."""
        if name in self.values:
            with suppress(Undefined):
                low, high = of()
                if isfinite(low) and isfinite(high):
                    self.ranges[name] = low, high

    def add(self, other: "Figures", ahead: str = "") -> None:
        """Take over another's, with words before their names; a value that is no finite number has none."""
        for name, value in other.values.items():
            self.put(f"{ahead}{name}", partial(float, value))
        self.undefined |= {f"{ahead}{name}": reason for name, reason in other.undefined.items()}
        self.ranges |= {f"{ahead}{name}": ends for name, ends in other.ranges.items()}
        self.charts |= other.charts
