"""How hard a phrase is to play, in four levels, from its notes alone.

Six features, each a sentence about playing, are weighed into a score, and the score is cut into levels 1 to
4. Where the weights come from, and how well the levels agree with others', is described in
docs/difficulty.md. Onsets and pitches alone count; velocity, pedal, tempo marks and how long keys are held
don't, so that a phrase is as hard with its pedal folded in as without, and as hard in any key.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from music.notes import Note
from music.phrase import Phrase

WINDOW_S = 2.0  # about a bar: long enough to hold a figure, short enough to find the hardest place
TOGETHER_S = 0.03  # onsets as close as this are one chord: hands are less even than that
_GUARD_S = 1e-4  # an onset on a boundary falls on one side, however it was rounded
LEAST_SPAN_S = 1.0  # what is shorter counts as this long, so that one chord isn't infinitely fast


@dataclass(frozen=True, slots=True)
class Features:
    """What makes a phrase hard; a field's weight is in `WEIGHTS`."""

    pace: float  # notes a second in its busiest tenth of two-second windows
    chord_size: float  # notes struck together, in its fullest twentieth of chords
    reach: float  # semitones between the lowest and the highest twentieth of its notes
    chromaticism: float  # entropy of its pitch classes, bits: a scale has about 2.7, all twelve alike 3.58
    upper_travel: float  # log2(1 + the semitones a second that the upper half moves through)
    lower_leaps: float  # semitones from note to note in the lower half, on average

    def record(self) -> dict[str, float]:
        """Every feature by name, as JSON can hold it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Difficulty:
    """A score (about -10 to 15; harder is higher), its level 1 to 4, and the features it comes from."""

    score: float
    level: int
    features: Features


# Points by a feature's unit: least squares on half of 1,695 pieces with known scores. See docs/difficulty.md.
WEIGHTS = Features(
    pace=0.272, chord_size=0.618, reach=0.0919, chromaticism=3.08, upper_travel=1.28, lower_leaps=0.361
)
STARTING_FROM = -25.03
LEVEL_STARTS = (-3.0, -0.5, 3.25)  # where levels 2, 3 and 4 begin, as in those pieces


def difficulty(phrase: Phrase) -> Difficulty:
    """How hard a phrase is; one without notes has every feature 0, and level 1."""
    features = features_of(phrase.notes)
    weights, values = asdict(WEIGHTS), asdict(features)
    score = STARTING_FROM + sum(weight * values[name] for name, weight in weights.items())
    return Difficulty(score, 1 + bisect_right(LEVEL_STARTS, score), features)


def features_of(notes: Sequence[Note]) -> Features:
    """The features of notes in any order."""
    if not notes:
        return Features(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    ordered = sorted(notes, key=lambda note: (note.at, note.pitch))
    onsets = np.array([note.at for note in ordered])
    pitches = np.array([note.pitch for note in ordered])
    above_lowest = pitches - pitches.min()  # the same numbers in every key, so that rounding is too
    is_upper = pitches * len(pitches) >= pitches.sum()  # at or above the mean pitch, in whole numbers
    span_s = max(float(onsets[-1] - onsets[0]), LEAST_SPAN_S)
    return Features(
        pace=_percentile(_rates(onsets), 90),
        chord_size=_percentile(_chord_sizes(onsets), 95),
        reach=_percentile(above_lowest, 95) - _percentile(above_lowest, 5),
        chromaticism=_entropy(np.bincount(pitches % 12)),
        upper_travel=log2(1 + float(_steps(pitches[is_upper]).sum()) / span_s),
        lower_leaps=float(_steps(pitches[~is_upper]).mean()),
    )


def _rates(onsets: NDArray[Any]) -> NDArray[Any]:
    """Notes a second in the window that begins with each note."""
    # A note a whole window later is outside it, and one that is just so much earlier inside, however they
    # were rounded.
    ends = onsets + (WINDOW_S - TOGETHER_S + _GUARD_S)
    return (np.searchsorted(onsets, ends) - np.arange(len(onsets))) / WINDOW_S


def _chord_sizes(onsets: NDArray[Any]) -> list[int]:
    """How many notes are struck within `TOGETHER_S` of each chord's first."""
    sizes: list[int] = []
    began = -np.inf
    for onset in onsets.tolist():
        if onset - began > TOGETHER_S + _GUARD_S:
            began = onset
            sizes.append(0)
        sizes[-1] += 1
    return sizes


def _steps(pitches: NDArray[Any]) -> NDArray[Any]:
    """Semitones from each note to the next; one step of 0 where there is no next."""
    return np.abs(np.diff(pitches)) if len(pitches) > 1 else np.zeros(1)


def _entropy(counts: NDArray[Any]) -> float:
    """The entropy, in bits, of what was counted."""
    shares = (
        np.sort(counts[counts > 0]) / counts.sum()
    )  # sorted, so that no rounding makes one key differ from another
    return float(-(shares * np.log2(shares)).sum())


def _percentile(values: NDArray[Any] | list[int], percent: float) -> float:
    return float(np.percentile(values, percent))
