"""What a whole piece is like, as numbers: the measures that sets of pieces are compared by (C9, A11).

    notes            how many there are a second
    pitch            their mean pitch
    spread           the standard deviation of their pitches, semitones
    range            from the lowest to the highest, semitones
    interval         the mean step from chord to chord of the tune, semitones
    gap              the mean time from chord to chord, seconds
    length           the mean sounding length, seconds
    chord            notes struck together, on average
    entropy          of pitch classes, bits: 0 for one, 2.8 for a scale, 3.6 for all twelve alike; the mean
                     over windows of two seconds
    groove           how alike the rhythms of neighbouring windows are: the share of sixteen places, an eighth
                     of a second each, that both strike or both leave out
    self_similarity  how alike a window's pitch classes are to the nearest of the windows that aren't its
                     neighbours (cosine)

After Wu and Yang (entropy, groove) and Yang and Lerch (the others). They count bars; music without a beat has
none, so a window here lasts two seconds, as long as a bar at 120. Must not know models.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from evaluation.likeness.defined import Figures, Undefined
from music.manner.chords import Chord, chords_of, gaps_between, tune_of
from music.notes import Note
from music.phrase import Phrase

WINDOW_S = 2.0
PLACES = 16  # in a window, for rhythm
_PITCH_CLASSES = 12
_EDGE_S = 1e-6  # an onset on a boundary falls on the later side, however it was rounded


@dataclass(frozen=True, slots=True)
class _Heard:
    """A piece as its measures look at it."""

    notes: Sequence[Note]
    chords: Sequence[Chord]
    windows: Sequence[Sequence[Note]]  # two seconds each, the first from the first note on

    @classmethod
    def of(cls, piece: Phrase) -> "_Heard":
        return cls(piece.notes, chords_of(piece.notes), _windows(piece.notes))

    def needs_notes(self) -> None:
        if not self.notes:
            raise Undefined("it has no note")

    def needs_chords(self) -> None:
        self.needs_notes()
        if len(self.chords) < 2:
            raise Undefined("nothing is struck after its first chord")

    @property
    def pitches(self) -> NDArray[np.float64]:
        self.needs_notes()
        return np.array([note.pitch for note in self.notes], np.float64)


def measures_of(piece: Phrase) -> Figures:
    """Every measure that a piece can have, and why it can't have the others."""
    heard, figures = _Heard.of(piece), Figures()
    for name, measure in MEASURES.items():
        figures.put(name, partial(measure, heard))
    return figures


def table_of(pieces: Sequence[Phrase]) -> NDArray[np.float64]:
    """Pieces by measures, in the order of `MEASURES`; pieces that lack one are left out."""
    each = map(measures_of, pieces)
    rows = [list(figures.values.values()) for figures in each if not figures.undefined]
    return np.array(rows, np.float64).reshape(-1, len(MEASURES))


def entropy_of(counts: NDArray[np.int64]) -> float:
    """The entropy of what was counted, in bits."""
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log2(shares)).sum()) + 0.0


def _windows(notes: Sequence[Note]) -> list[list[Note]]:
    if not notes:
        return []
    places = [int((note.at - notes[0].at + _EDGE_S) // WINDOW_S) for note in notes]
    windows: list[list[Note]] = [[] for _ in range(places[-1] + 1)]
    for place, note in zip(places, notes, strict=True):
        windows[place].append(note)
    return windows


def _a_second(heard: _Heard) -> float:
    heard.needs_chords()
    return len(heard.notes) / (heard.chords[-1].at - heard.chords[0].at)


def _interval(heard: _Heard) -> float:
    heard.needs_chords()
    return float(np.abs(np.diff(tune_of(heard.chords))).mean())


def _gap(heard: _Heard) -> float:
    heard.needs_chords()
    return fmean(gaps_between(heard.chords))


def _length(heard: _Heard) -> float:
    heard.needs_notes()
    return fmean(note.length_s for note in heard.notes)


def _chord(heard: _Heard) -> float:
    heard.needs_notes()
    return fmean(len(chord.pitches) for chord in heard.chords)


def _entropy(heard: _Heard) -> float:
    heard.needs_notes()
    return fmean(entropy_of(_pitch_classes(window)) for window in heard.windows if window)


def _groove(heard: _Heard) -> float:
    heard.needs_notes()
    if len(heard.windows) < 2:
        raise Undefined(f"it is over within {WINDOW_S:g} s, so there is no second window")
    struck = np.zeros((len(heard.windows), PLACES), np.bool_)
    for number, window in enumerate(heard.windows):
        begin = heard.notes[0].at + number * WINDOW_S
        places = [int((note.at - begin + _EDGE_S) / WINDOW_S * PLACES) for note in window]
        struck[number, np.minimum(places, PLACES - 1).astype(np.int64)] = True
    return float((struck[1:] == struck[:-1]).mean())


def _self_similarity(heard: _Heard) -> float:
    heard.needs_notes()
    classes = np.array([_pitch_classes(window) for window in heard.windows], np.float64)
    places = np.flatnonzero(classes.any(1))
    apart = np.abs(places[:, None] - places) > 1
    if not apart.any(1).all():
        raise Undefined("it has too few windows that aren't neighbours")
    unit = classes[places] / np.linalg.norm(classes[places], axis=1, keepdims=True)
    return float(np.where(apart, unit @ unit.T, -1.0).max(1).mean())


def _pitch_classes(notes: Sequence[Note]) -> NDArray[np.int64]:
    classes = np.array([note.pitch % _PITCH_CLASSES for note in notes], np.int64)
    return np.bincount(classes, minlength=_PITCH_CLASSES)


MEASURES: dict[str, Callable[[_Heard], float]] = {
    "notes": _a_second,
    "pitch": lambda heard: float(heard.pitches.mean()),
    "spread": lambda heard: float(heard.pitches.std()),
    "range": lambda heard: float(np.ptp(heard.pitches)),
    "interval": _interval,
    "gap": _gap,
    "length": _length,
    "chord": _chord,
    "entropy": _entropy,
    "groove": _groove,
    "self_similarity": _self_similarity,
}
