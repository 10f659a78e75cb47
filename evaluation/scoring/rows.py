"""How surprised a model of any family is by held-out music as it reads it: nats a row, by part.

A row is whatever the model's encoding writes: a symbol, a note, a step of a roll. So figures of one
encoding can be compared with one another, and not with those of others. Must not know a runtime.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from music.settings import SettingError

Rows = NDArray[Any]  # T x F
_WINDOW = 128  # rows scored in one call: changes no figure


class RowScorer(Protocol):
    """A model as its judge sees it; its state is a value."""

    @property
    def parts(self) -> tuple[str, ...]:
        """What its nats are split into."""

    @property
    def lanes(self) -> int:
        """How many lanes side by side it reads best; more or fewer change no figure."""

    def begin(self, lanes: int) -> Any:
        """The state of so many lanes that have heard nothing."""

    def score(self, state: Any, rows: Rows) -> tuple[NDArray[np.float64], Any]:
        """Nats of the next T rows of each lane (lanes x T x F) by part (lanes x T x parts), and the state
        after."""


@dataclass(frozen=True, slots=True)
class RowLikelihood:
    """Nats by piece and part, and how many rows each piece has."""

    parts: tuple[str, ...]
    nats: NDArray[np.float64]  # pieces x parts
    rows: NDArray[np.int64]  # pieces
    unknown: float | None = None  # the share of rows that are the symbol for what was not learnt

    @property
    def nats_a_row(self) -> float:
        """Of all rows pooled, all parts together."""
        return float(self.nats.sum() / self.rows.sum())

    @property
    def standard_error(self) -> float:
        """Of nats a row, as pieces are drawn by chance; 0 where there is one piece."""
        pieces = len(self.rows)
        if pieces < 2:
            return 0.0
        apart = self.nats.sum(1) - self.nats_a_row * self.rows
        return float(np.sqrt((apart**2).sum() * pieces / (pieces - 1)) / self.rows.sum())

    def record(self) -> dict[str, Any]:
        """Every figure by name, as JSON can hold it."""
        by_part = (self.nats.sum(0) / self.rows.sum()).tolist()
        return {
            "nats_a_row": self.nats_a_row,
            "standard_error": self.standard_error,
            "by_part": dict(zip(self.parts, by_part, strict=True)),
            "rows": int(self.rows.sum()),
            "pieces": len(self.rows),
            **({} if self.unknown is None else {"unknown": self.unknown}),
        }


def row_likelihood(scorer: RowScorer, pieces: Sequence[Rows], unknown: int | None = None) -> RowLikelihood:
    """How surprised a model is by all rows of these pieces, each from silence; `unknown` is the symbol for
    what it has not learnt."""
    nats = np.zeros((len(pieces), len(scorer.parts)))
    lengths = np.array([len(piece) for piece in pieces], np.int64)
    longest_first = sorted(range(len(pieces)), key=lambda number: -lengths[number])
    for first in range(0, len(pieces), scorer.lanes):
        lanes = longest_first[first : first + scorer.lanes]
        nats[lanes] = _nats_of(scorer, [pieces[number] for number in lanes])
    if not lengths.sum():
        raise SettingError("there is no row in the music that is to be judged")
    if not np.isfinite(nats).all():
        raise SettingError(f"the model's nats sum up to {nats.sum()}: its weights are broken; judge another")
    return RowLikelihood(scorer.parts, nats, lengths, None if unknown is None else _share(pieces, unknown))


def _share(pieces: Sequence[Rows], symbol: int) -> float:
    return sum(int((piece[:, 0] == symbol).sum()) for piece in pieces) / sum(map(len, pieces))


def _nats_of(scorer: RowScorer, pieces: Sequence[Rows]) -> NDArray[np.float64]:
    """Nats of each piece (lanes x parts), the longest first; beyond the end of one nothing is counted."""
    longest = len(pieces[0])
    rows = np.zeros((len(pieces), longest, pieces[0].shape[1]), pieces[0].dtype)
    counts = np.zeros((len(pieces), longest, 1), bool)
    for lane, piece in enumerate(pieces):
        rows[lane, : len(piece)], counts[lane, : len(piece)] = piece, True
    state, nats = scorer.begin(len(pieces)), np.zeros((len(pieces), len(scorer.parts)))
    for begin in range(0, longest, _WINDOW):
        window = slice(begin, begin + _WINDOW)
        found, state = scorer.score(state, rows[:, window])
        nats += np.where(counts[:, window], found, 0.0).sum(1)
    return nats
