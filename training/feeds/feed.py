"""The one face of every feed: batches without end, and a place that it can be gone on from exactly.

A feed gives the share of one process of several: rows of lanes that other processes learn from are never
read. Must not know models.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Batch(NamedTuple):
    """A window of each lane: what is read, what follows each of its last L rows,
    which of that counts, which lanes begin anew."""

    rows: NDArray[Any]  # B x T x F
    following: NDArray[Any]  # B x L x F
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
