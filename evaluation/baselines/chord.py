"""Chords drawn by frequency (row E7): what knowing how common each symbol is, and nothing of order, is worth;
and what knowing that most columns repeat the one before is worth on top of it.

Serves every encoding of one symbol a row. What is drawn is drawn as often as it stood in training, so never a
symbol that did not stand there. What is charged counts each symbol once more than it was seen, so that
held-out music with an unknown chord has a price. Must not know models or encodings' names.
"""

import math
from collections.abc import Iterable, Sequence
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

    @property
    def chances(self) -> NDArray[np.float64]:
        """Each symbol's, counted once more than it was seen."""
        chances: NDArray[np.float64] = (self.counts + 1.0) / (self.counts.sum() + len(self.counts))
        return chances

    def nats_a_token(self, pieces: Iterable[Tokens]) -> float:
        """Of held-out tokens, all pooled."""
        nats_of = -np.log(self.chances)
        return _pooled([nats_of[_numbers(tokens, len(nats_of))] for tokens in pieces])

    def drawn(self, n: int, seed: int) -> NDArray[np.int64]:
        """So many tokens (n x 1) by frequency, each by itself, as an encoding decodes them."""
        total = self.counts.sum()
        if not total:
            raise SettingError("nothing to draw from: no tokens were counted; give pieces with at least one")
        chance = np.random.default_rng(seed)
        return chance.choice(len(self.counts), size=(n, 1), p=self.counts / total)


@dataclass(frozen=True)
class SameAgain:
    """A rule of one number: the symbol before once more, with `share`, or any symbol by frequency.

    Where a symbol is a column of time, most columns are like the one before, and a model that has not learnt
    to hold a note costs more than this.
    """

    share: float
    frequencies: SymbolFrequencies

    @classmethod
    def of(cls, pieces: Sequence[Tokens], size: int) -> Self:
        """Counted over the tokens of pieces; a repetition and a change once more than seen."""
        again = [_is_again(_numbers(tokens, size)) for tokens in pieces]
        share = (sum(int(of.sum()) for of in again) + 1) / (sum(map(len, again)) + 2)
        return cls(share, SymbolFrequencies.of(pieces, size))

    def nats_a_token(self, pieces: Iterable[Tokens]) -> float:
        """Of held-out tokens, all pooled; the first of a piece by frequency alone."""
        chance_of = self.frequencies.chances
        costs: list[NDArray[np.float64]] = []
        for tokens in pieces:
            numbers = _numbers(tokens, len(chance_of))
            chances = chance_of[numbers]
            chances[1:] = (1 - self.share) * chances[1:] + self.share * _is_again(numbers)
            costs.append(-np.log(chances))
        return _pooled(costs)


def _is_again(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    return np.equal(numbers[1:], numbers[:-1])


def _pooled(costs: Sequence[NDArray[np.float64]]) -> float:
    tokens = sum(map(len, costs))
    if not tokens:
        raise SettingError("no tokens to measure; give pieces with at least one")
    return math.fsum(float(nats.sum()) for nats in costs) / tokens


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
