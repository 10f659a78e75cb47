"""Every conversion between seconds, beats and frames.

A frame is a cell of an even grid. Two roundings exist, and a caller says which by the name of
the function: `nearest_frame` (half goes up) and `frame_holding` (the cell that a moment lies in).
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import floor

import numpy as np
from numpy.typing import NDArray

DEFAULT_SECONDS_PER_BEAT = 0.5  # 120 beats a minute: what a MIDI file without a tempo means
_ROUNDING_GUARD = 1e-6  # of a frame: a moment computed to be on a boundary counts as on it


def nearest_frame(at: float, frames_per_s: float) -> int:
    """The frame boundary nearest to a moment in seconds; half a frame goes up."""
    return floor(at * frames_per_s + 0.5 + _ROUNDING_GUARD)


def frame_holding(at: float, frames_per_s: float) -> int:
    """The frame that a moment in seconds lies in."""
    return floor(at * frames_per_s + _ROUNDING_GUARD)


def seconds_of(frames: int, frames_per_s: float) -> float:
    """The moment, in seconds, at which a frame begins."""
    return frames / frames_per_s


@dataclass(frozen=True)
class TempoMap:
    """Which beat falls on which second: tempo changes as (beat, seconds per beat), in order.

    The first change stands at beat 0, which is second 0; before it the first tempo holds.
    """

    changes: tuple[tuple[float, float], ...] = ((0.0, DEFAULT_SECONDS_PER_BEAT),)

    @classmethod
    def of(cls, changes: Iterable[tuple[float, float]]) -> "TempoMap":
        """From changes in any order: the last of those on one beat counts, 120 a minute until the first."""
        by_beat = {0.0: DEFAULT_SECONDS_PER_BEAT} | dict(sorted(changes, key=lambda change: change[0]))
        kept: list[tuple[float, float]] = []
        for beat, seconds_per_beat in sorted(by_beat.items()):
            if not kept or kept[-1][1] != seconds_per_beat:
                kept.append((beat, seconds_per_beat))
        return cls(tuple(kept))

    @classmethod
    def steady(cls, beats_per_minute: float) -> "TempoMap":
        """One tempo from beginning to end."""
        return cls(((0.0, 60.0 / beats_per_minute),))

    @cached_property
    def _beats(self) -> list[float]:
        return [beat for beat, _ in self.changes]

    @cached_property
    def _seconds(self) -> list[float]:
        seconds = [0.0]
        for (beat, seconds_per_beat), (next_beat, _) in zip(self.changes, self.changes[1:], strict=False):
            seconds.append(seconds[-1] + (next_beat - beat) * seconds_per_beat)
        return seconds

    def beat_at(self, at: float) -> float:
        """The beat, whole or broken, at a moment in seconds."""
        index = max(bisect_right(self._seconds, at) - 1, 0)
        beat, seconds_per_beat = self.changes[index]
        return beat + (at - self._seconds[index]) / seconds_per_beat

    def second_at(self, beat: float) -> float:
        """The moment, in seconds, of a beat."""
        index = max(bisect_right(self._beats, beat) - 1, 0)
        first_beat, seconds_per_beat = self.changes[index]
        return self._seconds[index] + (beat - first_beat) * seconds_per_beat

    def seconds_at(self, beats: NDArray[np.float64]) -> NDArray[np.float64]:
        """The moments, in seconds, of many beats, each as `second_at` gives it."""
        index = np.maximum(np.searchsorted(self._beats, beats, side="right") - 1, 0)
        first_beats, seconds_per_beat = np.array(self.changes).T
        since = (beats - first_beats[index]) * seconds_per_beat[index]
        seconds: NDArray[np.float64] = np.array(self._seconds)[index] + since
        return seconds

    def stretched(self, factor: float) -> "TempoMap":
        """The same beats, each `factor` times as long."""
        return TempoMap(tuple((beat, seconds * factor) for beat, seconds in self.changes))


STEADY_120 = TempoMap()
