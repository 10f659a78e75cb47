"""A model file of any family that is listened to: how surprised it is by each row of held-out music.

The graph is called once a row, every field given and none drawn. In eight bits the lanes of a call share a
scale, so such a file reads one lane at a time. Must not know where music comes from.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from realtime.inference.rows.row_session import RowSession
from realtime.inference.session import ModelState

_SIDE_BY_SIDE = 16


class _Heard(NamedTuple):
    """The state before the row heard last, and that row (lanes x F); none was heard where a piece begins
    with its own first row."""

    before: ModelState
    last: NDArray[Any] | None


class ModelRowScorer:
    """An exported model as its judge sees it."""

    def __init__(self, session: RowSession) -> None:
        self._session, header = session, session.bundle.header
        self.parts = header.parts
        self.lanes = 1 if header.precision == "int8" else _SIDE_BY_SIDE

    def begin(self, lanes: int) -> _Heard:
        """The silent state."""
        header = self._session.bundle.header
        return _Heard(
            self._session.silent_state(lanes), self._session.begin(lanes) if header.reads_begin else None
        )

    def score(self, state: _Heard, rows: NDArray[Any]) -> tuple[NDArray[np.float64], _Heard]:
        """Nats of the next rows (lanes x T x F) by part; a first row that is given costs nothing."""
        before, last = state
        nats = np.zeros((*rows.shape[:2], len(self.parts)))
        for place in range(rows.shape[1]):
            following = rows[:, place]
            if last is not None:
                scores, before = self._session.score(last, following, before)
                nats[:, place] = -scores
            last = following
        return nats, _Heard(before, last)
