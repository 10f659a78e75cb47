"""How far music lies from a reference: the normalised Chamfer distance of two clouds of notes (row A6).

A note is a point: its pitch in semitones, stretched by a factor, its onset and its duration in seconds. Of
each note of either cloud the distance to the nearest note of the other is taken; the means over both clouds
are added, so that the distance is symmetric and doesn't grow with the number of notes. The paper adds sums
where we add means; it divides as we do, by the reference's distance to the origin, and states no factor: ours
is 2, a semitone being as far as two seconds. Where there are no notes, the origin stands for them: so playing
nothing at all is exactly 1. Must not know models.
"""

import numpy as np
from numpy.typing import NDArray

from music.phrase import Phrase
from music.settings import SettingError

Cloud = NDArray[np.float64]  # notes x (pitch, onset, duration)

PITCH_STRETCH = 2.0
_ORIGIN = np.zeros((1, 3))
_AT_ONCE = 1 << 20  # distances held at a time: 8 MiB, and three times that on the way


def normalised_chamfer(made: Phrase, reference: Phrase, pitch_stretch: float = PITCH_STRETCH) -> float:
    """0 where both are the same; 1 as if not a note had been played; more is worse than that."""
    wanted = cloud(reference, pitch_stretch)
    if not len(wanted):
        raise SettingError("the reference has no notes, so nothing can be as near to it as something else")
    return chamfer(cloud(made, pitch_stretch), wanted) / chamfer(wanted, _ORIGIN)


def cloud(phrase: Phrase, pitch_stretch: float = PITCH_STRETCH) -> Cloud:
    """The notes of a phrase as points."""
    if not pitch_stretch > 0:
        raise SettingError(f"pitch_stretch is above 0, not {pitch_stretch}")
    rows = [(pitch_stretch * note.pitch, note.at, note.length_s) for note in phrase.notes]
    return np.array(rows, np.float64).reshape(-1, 3)


def chamfer(one: Cloud, other: Cloud) -> float:
    """The mean distance from a point to the nearest of the other cloud, both ways; no points: the origin."""
    one, other = (points if len(points) else _ORIGIN for points in (one, other))
    return _mean_to_nearest(one, other) + _mean_to_nearest(other, one)


def _mean_to_nearest(points: Cloud, others: Cloud) -> float:
    each = max(_AT_ONCE // len(others), 1)
    nearest = [
        np.sqrt(((points[begin : begin + each, None] - others) ** 2).sum(-1).min(1))
        for begin in range(0, len(points), each)
    ]
    return float(np.concatenate(nearest).mean())
