"""How far music lies from a reference: the normalised Chamfer distance of two clouds of notes (row A6).

A note is a point: its pitch, its onset and its duration. Every axis is centred and scaled by the reference's
own mean and spread, so that a distance says how much of the reference's variety it is; pitch then counts four
times as much, "the pitch scale gets wider", as the paper has it without a number. Of each note of either
cloud the distance to the nearest note of the other is taken; the means over both clouds are added, so that
the distance is symmetric and doesn't grow with the number of notes. It is divided by the mean distance of the
reference's notes to its centre, which is what playing nothing comes to: silence is exactly 1.

What the figure means shows beside `controls`: the same notes with their pitches shuffled, one pitch repeated,
and music that has nothing to do with it. Must not know models.
"""

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from evaluation.likeness.defined import Figures, Undefined
from evaluation.likeness.spread import spread_of
from music.phrase import Phrase
from music.settings import SettingError

Cloud = NDArray[np.float64]  # notes x (pitch, onset, duration)

# Of 1, 2, 4 and 6, the least with which one pitch repeated is as far as silence, whichever pitch it is.
PITCH_STRETCH = 4.0
_AT_ONCE = 1 << 20  # distances held at a time: 8 MiB, and three times that on the way
_SEED = 1


class Measured:
    """A reference, in whose units other music is measured."""

    def __init__(self, reference: Phrase, pitch_stretch: float = PITCH_STRETCH) -> None:
        if not pitch_stretch > 0:
            raise SettingError(f"pitch_stretch is above 0, not {pitch_stretch}")
        notes = cloud(reference)
        if len(notes) < 2:
            raise Undefined("the reference has fewer than two notes, so nothing says how far apart they lie")
        spread = spread_of(notes)
        if not spread.any():
            raise Undefined(
                "all notes of the reference are one point, so nothing says how far apart they lie"
            )
        self._reference, self._centre = reference, notes.mean(0)
        self._scale = np.array([pitch_stretch, 1.0, 1.0]) / np.where(spread > 0, spread, 1.0)
        self._wanted = self._scaled(reference)
        self._silence = float(np.sqrt((self._wanted**2).sum(1)).mean())

    def distance(self, made: Phrase) -> float:
        """0 where both are the same; 1 as if not a note had been played; more is worse than that."""
        if not made.notes:
            return 1.0
        return chamfer(self._scaled(made), self._wanted) / self._silence

    def controls(self, unrelated: Phrase | None = None) -> dict[str, float]:
        """What music comes to that is surely not the reference.

        Shuffled: its notes, their pitches dealt out by chance. One pitch: the first, struck at every onset.
        Silent: no note. Unrelated: as many notes of other music, if some is given.
        """
        notes = self._reference.notes
        pitches = np.random.default_rng(_SEED).permutation([note.pitch for note in notes]).tolist()
        figures = {
            "shuffled": self.distance(_with_pitches(self._reference, pitches)),
            "one_pitch": self.distance(_with_pitches(self._reference, [notes[0].pitch] * len(notes))),
            "silent": self.distance(Phrase()),
        }
        if unrelated is not None and unrelated.notes:
            other = unrelated.moved(notes[0].at - unrelated.notes[0].at)
            figures["unrelated"] = self.distance(replace(other, notes=other.notes[: len(notes)]))
        return figures

    def _scaled(self, phrase: Phrase) -> Cloud:
        scaled: Cloud = (cloud(phrase) - self._centre) * self._scale
        return scaled


def with_controls(made: Phrase, reference: Phrase, unrelated: Phrase | None = None) -> Figures:
    """The distance of what was made, and those of the controls beside it."""
    figures = Figures()
    try:
        measured = Measured(reference)
    except Undefined as reason:
        figures.undefined["chamfer"] = str(reason)
        return figures
    figures.put("chamfer", lambda: measured.distance(made))
    for name, value in measured.controls(unrelated).items():
        figures.put(f"chamfer_{name}", partial(float, value))
    if len({note.pitch for note in reference.notes}) == 1:
        why = "all notes of the reference have one pitch, so that would be the reference itself"
        for name in ("chamfer_shuffled", "chamfer_one_pitch"):
            figures.undefined[name] = why
            figures.values.pop(name, None)
    return figures


def normalised_chamfer(made: Phrase, reference: Phrase, pitch_stretch: float = PITCH_STRETCH) -> float:
    """The distance of one piece to a reference; undefined where no two of its notes differ."""
    return Measured(reference, pitch_stretch).distance(made)


def cloud(phrase: Phrase) -> Cloud:
    """The notes of a phrase as points, in semitones and seconds."""
    rows = [(note.pitch, note.at, note.length_s) for note in phrase.notes]
    return np.array(rows, np.float64).reshape(-1, 3)


def chamfer(one: Cloud, other: Cloud) -> float:
    """The mean distance from a point to the nearest of the other cloud, both ways; both have points."""
    return _mean_to_nearest(one, other) + _mean_to_nearest(other, one)


def _with_pitches(phrase: Phrase, pitches: list[int]) -> Phrase:
    notes = [replace(note, pitch=pitch) for note, pitch in zip(phrase.notes, pitches, strict=True)]
    return replace(phrase, notes=tuple(notes))


def _mean_to_nearest(points: Cloud, others: Cloud) -> float:
    each = max(_AT_ONCE // len(others), 1)
    nearest = [
        np.sqrt(((points[begin : begin + each, None] - others) ** 2).sum(-1).min(1))
        for begin in range(0, len(points), each)
    ]
    return float(np.concatenate(nearest).mean())
