"""How loud and how dense the music is that a model is trained on: what it knows how to answer.

Recordings have the loudness of their instruments and the pace of their players; whoever plays the model may
be louder, or sparser, than any of them. Recorded with the model, this lets the instrument hear such a player
as the model knows music to be. Must not know models.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from music.tokens.scales import CELLS_PER_S, GAPS, gap_cells, velocity_of
from pieces.music import Music

STRETCH = 32  # notes
LOWEST, HIGHEST = 10.0, 90.0  # percentiles of stretches

_VELOCITIES = np.array([velocity_of(number) for number in range(32)], float)
_CELLS = np.array([gap_cells(gap) for gap in range(GAPS)])


def manner_of(pieces: Music) -> dict[str, tuple[float, float]]:
    """Of tokens of `event`, the tenth lowest and the tenth highest stretch of 32 notes in a hundred:
    `loudness`, the mean velocity from 1 to 127, and `density`, onsets a second."""
    stretches = np.array([row for number in range(len(pieces)) for row in _stretches(_whole(pieces, number))])
    if not len(stretches):  # not two notes to learn from
        return {}
    (quiet, sparse), (loud, dense) = np.percentile(stretches, (LOWEST, HIGHEST), axis=0)
    return {
        "loudness": (round(float(quiet), 1), round(float(loud), 1)),
        "density": (round(float(sparse), 2), round(float(dense), 2)),
    }


def _whole(pieces: Music, number: int) -> NDArray[np.int64]:
    return pieces.rows(number, 0, pieces.length(number))


def _stretches(events: NDArray[np.int64]) -> Iterator[tuple[float, float]]:
    """Mean velocity and density of one stretch after the other; a short piece is one."""
    gap, _, velocity = events.T
    strikes = velocity > 0
    at = _CELLS[gap].cumsum()[strikes] / CELLS_PER_S
    loud = _VELOCITIES[velocity[strikes] - 1]
    size = min(STRETCH, len(at))
    for first in range(0, len(at) - size + 1, max(size, 1)):
        if size > 1:
            lasts_s = at[first + size - 1] - at[first]
            yield float(loud[first : first + size].mean()), (size - 1) / max(lasts_s, 1 / CELLS_PER_S)
