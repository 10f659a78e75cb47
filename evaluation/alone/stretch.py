"""A long stretch of music, measured as a whole and in windows: who plays for minutes must not get stuck.

Every measure of such a stretch is declared here and nowhere else; the report, its printed table and the table
in docs/evaluation.md are made from `MEASURES` and `OF_WINDOWS`. Knows notes in seconds, the pedal folded in.
Must not know who played them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from evaluation.alone.repeats import longest_again, longest_loop_s, repeated_share
from evaluation.answering.measure import MEAN, Measure, table_of
from music.manner.chords import Chord, chords_of
from music.notes import Note
from music.passages import passage_of
from music.phrase import Phrase

WINDOW_S = 30.0
FEWEST_WINDOWS = 2  # fewer are no long stretch
_PITCHES = 128


@dataclass(frozen=True)
class Stretch:
    """Notes by onset, one at least, from the first on for a while."""

    notes: Sequence[Note]
    lasts_s: float

    @classmethod
    def of(cls, phrase: Phrase, most_s: float) -> "Stretch | None":
        """The beginning of a phrase, so long at most; None where it is shorter than `FEWEST_WINDOWS`."""
        if not phrase.notes:
            return None
        begin = phrase.notes[0].at
        lasts_s = min(phrase.until - begin, most_s)
        if lasts_s < FEWEST_WINDOWS * WINDOW_S:
            return None
        return cls([note for note in phrase.notes if note.at < begin + lasts_s], lasts_s)

    @cached_property
    def chords(self) -> list[Chord]:
        """Its chords."""
        return chords_of(self.notes)

    @cached_property
    def windows(self) -> list[list[Note]]:
        """Its notes window by window; what is left at the end is no window."""
        windows: list[list[Note]] = [[] for _ in range(int(self.lasts_s / WINDOW_S))]
        begin = self.notes[0].at
        for note in self.notes:
            place = int((note.at - begin) / WINDOW_S)
            if place < len(windows):
                windows[place].append(note)
        return windows

    @property
    def silence_s(self) -> float:
        """The longest time in which nothing sounds, up to its end."""
        left_s = self.notes[0].at + self.lasts_s - max(note.until for note in self.notes)
        return max(passage_of(self.notes).longest_silence_s, left_s)


def _sameness(stretch: Stretch) -> float | None:
    """What any two windows have in common, on average: of the keys that are struck, and how often."""
    shares = [_shares(window) for window in stretch.windows if window]
    pairs = [float(np.minimum(one, other).sum()) for one, other in combinations(shares, 2)]
    return fmean(pairs) if pairs else None


def _shares(window: Sequence[Note]) -> NDArray[np.float64]:
    counts = np.bincount([note.pitch for note in window], minlength=_PITCHES)
    return counts / len(window)


def _densities(stretch: Stretch) -> Iterator[float]:
    return (len(window) / WINDOW_S for window in stretch.windows)


def _loudness(stretch: Stretch) -> Iterator[float]:
    return (fmean(note.velocity for note in window) for window in stretch.windows if window)


MEASURES: tuple[Measure[[Stretch]], ...] = (
    Measure(
        "loop_s",
        "loop, s",
        "how long the longest stretch lasts that is one pattern of chords, three times running or more",
        "seconds",
        "near people's",
        ".1f",
        MEAN,
        lambda stretch: longest_loop_s(stretch.chords),
    ),
    Measure(
        "again",
        "again",
        "the longest run of chords that stands at two places",
        "chords",
        "near people's",
        ".0f",
        MEAN,
        lambda stretch: float(longest_again(stretch.chords)),
    ),
    Measure(
        "repeated",
        "repeated",
        "the share of runs of eight chords that have stood before",
        "share",
        "near people's",
        ".0%",
        MEAN,
        lambda stretch: repeated_share(stretch.chords),
    ),
    Measure(
        "sameness",
        "sameness",
        "what any two windows have in common of the keys that are struck",
        "share",
        "near people's",
        ".2f",
        MEAN,
        _sameness,
    ),
    Measure(
        "silence_s",
        "silence, s",
        "the longest time in which nothing sounds",
        "seconds",
        "near people's",
        ".1f",
        MEAN,
        lambda stretch: stretch.silence_s,
    ),
)


@dataclass(frozen=True, slots=True)
class OfWindows:
    """What is measured of each window."""

    name: str
    title: str
    shown: str
    of: Callable[[Stretch], Iterator[float]]


OF_WINDOWS = (
    OfWindows("density", "density", ".1f", _densities),
    OfWindows("loudness", "loud", ".0f", _loudness),
)


def table_drawn() -> str:
    """The measures as docs/evaluation.md lists them, in Markdown."""
    return table_of(MEASURES)
