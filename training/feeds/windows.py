"""Sliding windows of fixed length in an order by chance, each starting cold.

Every piece is cut into windows `hop` rows apart; all windows of all pieces are shown once in each pass, in an
order of that pass. The order is reckoned, not stored, so that memory doesn't grow with the corpus. Must not
know models.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from music.settings import SettingError, check_least
from pieces.music import Music, Rows
from training.feeds.feed import ALONE, Batch, Share, after_begin, check_enough


@dataclass(frozen=True, slots=True)
class WindowsSettings:
    """`predict` says whether each row of a window is to be predicted,
    or only what follows the whole window."""

    kind: Literal["windows"] = "windows"
    batch: int = 64
    window: int = 32
    hop: int = 1
    predict: Literal["all", "last"] = "all"

    def __post_init__(self) -> None:
        check_least(self, 1, "batch", "window", "hop")


class Windows:
    """Batches of windows without end. `begin` is read before each piece;
    none where its first row is given and not predicted."""

    def __init__(
        self,
        pieces: Music,
        begin: tuple[float, ...] | None,
        settings: WindowsSettings,
        *,
        seed: int,
        place: Any = None,
        share: Share = ALONE,
    ) -> None:
        self.lanes, self._pieces, self._begin, self._settings, self._seed = (
            settings.batch,
            pieces,
            begin,
            settings,
            seed,
        )
        if settings.batch % share.of:
            raise SettingError(
                f"a batch of {settings.batch} can't be shared out among {share.of} processes; say "
                "data.feed.batch"
            )
        lengths = np.array([pieces.length(number) - (begin is None) for number in range(len(pieces))])
        beyond = np.maximum(lengths - settings.window, 0)
        if settings.predict == "all":
            # a last window that is filled up, so that every row is predicted; none where hops pass over the
            # end
            beyond = np.minimum(beyond + settings.hop - 1, lengths - 1)
        counts = np.where(lengths < 1, 0, beyond // settings.hop + 1)
        self._first = np.concatenate([[0], np.cumsum(counts)])  # the number of each piece's first window
        self.windows = int(self._first[-1])
        check_enough(self.windows > 0)
        self._share = share.of_lanes(settings.batch)
        self._places, self._last_counts = np.arange(settings.window), np.ones(1, bool)
        self._done = int(place or 0)
        self.batches_a_pass = self.windows / settings.batch

    @property
    def place(self) -> int:
        """How many windows are done."""
        return self._done

    def next(self) -> Batch:
        """Our share of the next batch; `place` stands after it."""
        numbers = np.arange(self._done, self._done + self.lanes)[self._share]
        self._done += self.lanes
        windows = self._shuffled(numbers)
        pieces = np.searchsorted(self._first, windows, side="right") - 1
        starts = (windows - self._first[pieces]) * self._settings.hop
        cut = [self._cut(piece, start) for piece, start in zip(pieces.tolist(), starts.tolist(), strict=True)]
        rows, following, counts = (np.stack(parts) for parts in zip(*cut, strict=True))
        return Batch(rows, following, counts, np.ones(len(cut), bool))

    def _shuffled(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        passes, places = np.divmod(numbers, self.windows)
        return np.array(
            [
                shuffled(np.array([place]), self.windows, (self._seed, int(number)))[0]
                for number, place in zip(passes, places, strict=True)
            ]
            if passes[0] != passes[-1]
            else shuffled(places, self.windows, (self._seed, int(passes[0])))
        )

    def _cut(self, piece: int, start: int) -> tuple[Rows, Rows, NDArray[np.bool_]]:
        """What is read (T x F), what follows (L x F) and what of it counts."""
        rows = self._rows(piece, start, start + self._settings.window + 1)
        missing = self._settings.window + 1 - len(rows)
        if self._settings.predict == "last":  # a piece shorter than the window has its beginning repeated
            rows = np.concatenate([np.repeat(rows[:1], missing, axis=0), rows]) if missing else rows
            return rows[:-1], rows[-1:], self._last_counts
        rows = np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0)]) if missing else rows
        return rows[:-1], rows[1:], self._places < self._settings.window - missing

    def _rows(self, piece: int, start: int, end: int) -> Rows:
        """Rows of a piece, counted from the row that is read before it."""
        length = self._pieces.length(piece)
        if self._begin is None:
            return self._pieces.rows(piece, start, min(end, length))
        rows = self._pieces.rows(piece, max(start - 1, 0), min(end - 1, length))
        return after_begin(self._begin, rows) if start == 0 else rows


def shuffled(places: NDArray[np.int64], size: int, seed: tuple[int, int]) -> NDArray[np.int64]:
    """Where each place from 0 to size - 1 is sent by a permutation that depends on the seed alone, computed
    place by place.

    Four rounds of a Feistel network over the smallest square of a power of two that holds them all; what
    falls outside goes round again.
    """
    half = max((max(size - 1, 1).bit_length() + 1) // 2, 1)
    mask = (1 << half) - 1
    keys = np.random.default_rng(seed).integers(1, 2**31, size=(4, 2))
    sent = places.astype(np.int64)
    outside = np.ones(len(sent), bool)
    while outside.any():
        left, right = sent[outside] >> half, sent[outside] & mask
        for factor, term in keys.tolist():
            mixed = (right + term) * (factor | 1) % 2_147_483_647
            left, right = right, left ^ ((mixed ^ (mixed >> 15)) & mask)
        sent[outside] = (left << half) | right
        outside = sent >= size
    return sent
