"""Chords drawn by frequency (row E7): what knowing how common each symbol is, and nothing of order, is worth.

Serves every encoding of one symbol a row. What is drawn is drawn as often as it stood in training, so never a
symbol that did not stand there. What is charged counts each symbol once more than it was seen, so that
held-out music with an unknown chord has a price. Must not know models or encodings' names.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from music.settings import SettingError
from music.tokens.encoding import Tokens


@dataclass(frozen=True)
class SymbolFrequencies:
    """How often each symbol of a vocabulary stood in training, by its number."""

    counts: NDArray[np.int64]

    @classmethod
    def of(cls, pieces: Iterable[Tokens], size: int) -> Self:
        """Counted over the tokens of pieces, of a vocabulary of `size` symbols."""
        counts = np.zeros(size, np.int64)
        for tokens in pieces:
            counts += np.bincount(_numbers(tokens, size), minlength=size)
        return cls(counts)

    def nats_a_token(self, pieces: Iterable[Tokens]) -> float:
        """Of held-out tokens, all pooled."""
        nats_of = -np.log((self.counts + 1.0) / (self.counts.sum() + len(self.counts)))
        costs = [nats_of[_numbers(tokens, len(self.counts))] for tokens in pieces]
        tokens = sum(map(len, costs))
        if not tokens:
            raise SettingError("no tokens to measure; give pieces with at least one")
        return math.fsum(float(nats.sum()) for nats in costs) / tokens

    def drawn(self, n: int, seed: int) -> NDArray[np.int64]:
        """So many tokens (n x 1) by frequency, each by itself, as an encoding decodes them."""
        total = self.counts.sum()
        if not total:
            raise SettingError("nothing to draw from: no tokens were counted; give pieces with at least one")
        chance = np.random.default_rng(seed)
        return chance.choice(len(self.counts), size=(n, 1), p=self.counts / total)


def _numbers(tokens: Tokens, size: int) -> NDArray[np.int64]:
    if tokens.ndim != 2 or tokens.shape[1] != 1:
        raise SettingError(
            f"tokens are rows of one symbol each, not {tokens.shape}; choose an encoding of one symbol"
        )
    numbers = tokens[:, 0].astype(np.int64)
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < size:
        raise SettingError(
            f"a token's number lies outside the vocabulary of {size}; encode with the encoding "
            "that was fitted"
        )
    return numbers
