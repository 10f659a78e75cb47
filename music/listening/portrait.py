"""A portrait of how somebody plays, in numbers that a network can read: loudness, density, register, pitch
classes, rhythm.

It is taken of a phrase that is heard live, and, by the same sums, of stretches of music while a network is
trained (`training.models.listening.portrait`): so a network learns to play as a portrait says. Each group may
be left out: its numbers are 0 then, and so is its mark at the end. Times are in cells of 10 ms, as the
network hears them. Must not know models.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import log2
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from music.beats import nearest_frame
from music.notes import LOWEST_KEY, Note
from music.tokens.scales import CELLS_PER_S, velocity_bin

FEWEST_NOTES = 2  # one note has neither a gap nor a spread
TOGETHER_CELLS = 3  # onsets no further apart are one chord
GAP_EDGES = (8, 11, 15, 21, 29, 41, 57, 81, 121)  # cells: gaps between chords fall into ten classes
PITCH_CLASSES = 12


@dataclass(frozen=True, slots=True)
class Group:
    """Numbers that are known or left out together."""

    name: str
    size: int


GROUPS = (
    Group("loudness", 2),  # mean and spread
    Group("density", 3),  # onsets per cell, keys sounding at a time, share of onsets within a chord
    Group("register", 2),  # mean and spread
    Group("pitch classes", PITCH_CLASSES),  # their shares
    Group("gaps", len(GAP_EDGES) + 1),  # shares of each class of gaps between chords
)
NUMBERS = sum(group.size for group in GROUPS)
SIZE = NUMBERS + len(GROUPS)  # the numbers, then a mark for each group: 1 where it is known

Portrait = NDArray[np.float32]  # of `SIZE`

UNKNOWN: Portrait = np.zeros(SIZE, np.float32)


class Scale(NamedTuple):
    """What brings a mean and a spread to about the size of the other numbers."""

    middle: float
    step: float
    spread: float


LOUDNESS = Scale(15.0, 5.0, 3.0)  # bins of velocity
REGISTER = Scale(43.0, 10.0, 10.0)  # semitones above the lowest key
FEWEST_ONSETS = 1e-4  # per cell: less is this
USUAL_ONSETS = -3.5  # per cell, as a logarithm to the base 2: nine per second
USUAL_SOUNDING = 1.5  # keys and one more, as a logarithm to the base 2
TOGETHER_SCALE = 2.0  # of the share of onsets within a chord
SHARE_SCALE = 4.0  # of the shares of twelve or ten classes


def portrait_of(notes: Sequence[Note], without: Collection[str] = (), slower: float = 1.0) -> Portrait:
    """The portrait of notes in order of onset, the pedal folded in, heard `slower` times as fast;
    of fewer than two, unknown."""
    if len(notes) < FEWEST_NOTES:
        return UNKNOWN
    cells_per_s = CELLS_PER_S / slower
    onsets = np.array([nearest_frame(note.at - notes[0].at, cells_per_s) for note in notes])
    ends = np.array([nearest_frame(note.until - notes[0].at, cells_per_s) for note in notes])
    keys = np.array([note.pitch - LOWEST_KEY for note in notes])
    numbers = [
        *_scaled(np.array([velocity_bin(note.velocity) for note in notes]), LOUDNESS),
        *_density(onsets, np.maximum(ends, onsets + 1)),  # as it is written down: no note is shorter
        *_scaled(keys, REGISTER),
        *_shares((keys + LOWEST_KEY) % PITCH_CLASSES, PITCH_CLASSES),
        *_shares(np.searchsorted(GAP_EDGES, _apart(onsets), side="right"), len(GAP_EDGES) + 1),
    ]
    return _masked(np.array(numbers, np.float32), without)


def _scaled(values: NDArray[np.int64], scale: Scale) -> tuple[float, float]:
    return (float(values.mean()) - scale.middle) / scale.step, float(values.std()) / scale.spread


def _density(onsets: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[float, float, float]:
    lasts = int(ends.max())
    sounding = int((ends - onsets).sum()) / lasts
    together = 1.0 - len(_apart(onsets)) / (len(onsets) - 1)
    return (
        log2(max(len(onsets) / lasts, FEWEST_ONSETS)) - USUAL_ONSETS,
        log2(1.0 + sounding) - USUAL_SOUNDING,
        together * TOGETHER_SCALE,
    )


def _apart(onsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The gaps between chords."""
    gaps = np.diff(onsets)
    return gaps[gaps > TOGETHER_CELLS]


def _shares(classes: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = np.bincount(classes, minlength=size) / max(len(classes), 1) * SHARE_SCALE
    return shares


def _masked(numbers: NDArray[np.float32], without: Collection[str]) -> Portrait:
    """The numbers of all groups but those left out, and the marks."""
    known = np.array([group.name not in without for group in GROUPS], np.float32)
    sizes = [group.size for group in GROUPS]
    return np.concatenate([numbers * np.repeat(known, sizes), known])
