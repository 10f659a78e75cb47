"""Scores without marks of loudness: a machine plays every note of them alike, which is no way to play.

What follows in such a piece is learnt, but not how loud it is. Knows how `event` numbers its fields. Must not
know models or corpora.
"""

import numpy as np
from numpy.typing import NDArray

from music.settings import SettingError
from pieces.corpus import PieceRecord
from training.feeds.lanes import Unlearnt

# Bins of velocity (standard deviation). The hand of `pieces.beat_time` strays by 1.2 of them around one
# loudness; scores with a few marks have 2 and more (chopin-scores, lieder-piano).
FLAT_SPREAD = 1.5
_VELOCITY = 2  # the field


def flat_loudness_left_out(encoding: str) -> Unlearnt:
    """Which fields of a piece teach nothing: the velocity, of a score that keeps to one loudness."""
    if encoding != "event":
        raise SettingError(f"data.flat_loudness can be left out of 'event' alone, not of {encoding!r}")

    def unlearnt(rows: NDArray[np.int64], piece: PieceRecord) -> tuple[int, ...]:
        return (_VELOCITY,) if piece.has_beat and is_flat(rows) else ()

    return unlearnt


def is_flat(events: NDArray[np.int64]) -> bool:
    """Whether all notes of a piece (tokens of `event`) are about equally loud."""
    velocities = events[:, _VELOCITY]
    struck = velocities[velocities > 0]
    return len(struck) == 0 or float(struck.std()) < FLAT_SPREAD
