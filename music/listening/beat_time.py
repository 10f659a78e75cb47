"""Time counted in beats: a beat is always `BEAT_CELLS` long, whatever the tempo, so that a rhythm always
looks the same.

Which of a piece's note values is the beat follows from how densely notes are struck, alike in written music
and in what somebody plays. A gap above a second is not exact to the cell: after it, the place is the nearest
quarter of a beat. Knows numbers. Must not know notes.
"""

from math import floor, log2

import numpy as np
from numpy.typing import NDArray

from music.tokens.scales import CELLS_PER_S, EXACT_CELLS, GAPS, gap_cells

BEAT_CELLS = 48  # halves, thirds, quarters, sixths and eighths of it are whole cells
BEAT_S = BEAT_CELLS / CELLS_PER_S
QUARTER_CELLS = BEAT_CELLS // 4
_USUAL_GAPS_A_BEAT = 2**1.5  # between 1.41 and 2.83 gaps from onset to onset make a beat

_CELLS = np.array([gap_cells(gap) for gap in range(GAPS)])


def doublings_for(gap_beats: float) -> int:
    """How often a beat has to be doubled (below 0: halved) to be as long as beats usually are, where onsets
    usually lie `gap_beats` apart."""
    return floor(log2(gap_beats * _USUAL_GAPS_A_BEAT)) if gap_beats > 0 else 0


def moved_on(cell: int, gap: int) -> int:
    """The cell after a gap, which is given by its number."""
    later = cell + int(_CELLS[gap])
    return later if gap <= EXACT_CELLS else _at_a_quarter(later)


def cells_of(gaps: NDArray[np.int64]) -> NDArray[np.int64]:
    """The cell of each event, from the numbers of the gaps before them: `moved_on` from one to the next."""
    cells = _CELLS[gaps].cumsum()
    for place in np.flatnonzero(gaps > EXACT_CELLS):
        cells[place:] += _at_a_quarter(int(cells[place])) - cells[place]
    return cells


def _at_a_quarter(cell: int) -> int:
    return floor(cell / QUARTER_CELLS + 0.5) * QUARTER_CELLS
