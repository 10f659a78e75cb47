"""Music drawn by frequency alone (row E7): what knowing how common each thing is, and nothing of order,
sounds like.

Of encodings of one symbol a row each symbol is drawn as often as it stood in training, each by itself; of
rolls each key sounds as often as it did, in each step anew. A row of other encodings has several fields, of
which each is drawn by its own frequency. Real numbers have none. Must not know models or files.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from music.settings import SettingError
from music.tokens.encoding import Encoding
from pieces.music import Music, Rows

_AT_ONCE = 1024  # rows that are drawn together


@dataclass(frozen=True)
class Frequencies:
    """How often each value of each field stood in training."""

    shares: tuple[NDArray[np.float64], ...]
    kind: np.dtype[Any]

    @staticmethod
    def fits(encoding: Encoding) -> bool:
        """Whether its rows are symbols, which can be counted."""
        return not encoding.vocabulary.is_real

    @classmethod
    def of(cls, encoding: Encoding, music: Music) -> "Frequencies":
        """Counted over all pieces of some music; no row is the symbol for what was not learnt."""
        if not cls.fits(encoding):
            raise SettingError(
                f"{encoding.name} writes real numbers, which have no frequency; take a run of another "
                "encoding"
            )
        sizes = encoding.vocabulary.sizes
        counts = [np.zeros(size, np.int64) for size in sizes]
        kind = np.dtype(np.int64)
        for number in range(len(music)):
            rows = music.rows(number, 0, music.length(number))
            kind = rows.dtype
            for field, size in enumerate(sizes):
                counts[field] += np.bincount(rows[:, field].astype(np.int64), minlength=size)
        if encoding.unknown is not None:
            counts[0][encoding.unknown] = 0
        if not all(of_field.sum() for of_field in counts):
            raise SettingError("nothing was learnt that could be counted; take a run with music of its own")
        return cls(tuple(of_field / of_field.sum() for of_field in counts), kind)

    def rows(self, count: int, seed: int) -> Rows:
        """So many rows by chance."""
        rows, chance = np.empty((count, len(self.shares)), self.kind), np.random.default_rng(seed)
        for field, shares in enumerate(self.shares):
            rows[:, field] = chance.choice(len(shares), count, p=shares)
        return rows

    def drawn(self, seed: int) -> Iterator[Rows]:
        """Row after row, without end."""
        part = 0
        while True:
            yield from self.rows(_AT_ONCE, seed + 1_000_003 * part)
            part += 1
