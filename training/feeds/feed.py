"""The one face of every feed: batches without end, and a place that it can be gone on from exactly.

A feed gives the share of one process of several: rows of lanes that other processes learn from are never
read. Must not know models.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from music.settings import SettingError
from pieces.music import Rows

NOT_LEARNT = -1  # in place of a field that follows: whatever is predicted of it costs nothing


class Batch(NamedTuple):
    """A window of each lane: what is read, what follows each of its last L rows,
    which of that counts, which lanes begin anew."""

    rows: NDArray[Any]  # B x T x F
    following: NDArray[Any]  # B x L x F; `NOT_LEARNT` in a field that teaches nothing
    counts: NDArray[np.bool_]  # B x L
    begins: NDArray[np.bool_]  # B


class Share(NamedTuple):
    """Which of how many processes this one is."""

    number: int = 0
    of: int = 1

    def of_lanes(self, lanes: int) -> slice:
        """The lanes of a batch that are this process's."""
        each = lanes // self.of
        return slice(self.number * each, (self.number + 1) * each)


ALONE = Share()


class Feed(Protocol):
    """Batches without end."""

    lanes: int  # of all processes together
    batches_a_pass: float  # how many batches show all the music once

    @property
    def place(self) -> Any:
        """Where it stands, as JSON can hold it; equal in all processes."""

    def next(self) -> Batch:
        """This process's share of the next batch; `place` stands after it."""


def after_begin(begin: tuple[float, ...] | None, rows: Rows) -> Rows:
    """The first rows of a piece (T x F) after the row that is read before them; as they are where there is
    none."""
    return rows if begin is None else np.concatenate([np.array([begin], rows.dtype), rows])


def check_enough(has_some: bool) -> None:
    """An error unless some piece has a row to predict."""
    if not has_some:
        raise SettingError(
            "no piece has rows enough to learn from; the corpus is too small for this encoding"
        )
