"""What counting whole notes already knows: the unigram and the bigram that a model must beat.

A note is (gap, pitch, velocity, length) as `note` numbers them, the pedal folded in. Each field is predicted
by itself: the unigram by how frequent its value is, the bigram by how often it followed the value of the same
field of the note before, with `BACK_OFF` notes' worth of the unigram mixed in, so that what never followed is
still possible. The unigram itself counts each value once more than it was seen. The first note after a
beginning or a reset is the unigram's. Buckets of gap and length wider than 10 ms are charged as in
`likelihood`.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.scoring.held_out import Notes, Piece
from evaluation.scoring.likelihood import Likelihood
from music.encodings.note import NoteEncoding
from music.tokens.scales import GAPS, gap_width

NOTE_FIELDS = ("gap", "pitch", "velocity", "length")
BACK_OFF = 5.0
_SIZES = NoteEncoding().vocabulary.sizes
_WIDTH_NATS = (
    np.array([math.log(gap_width(gap)) for gap in range(GAPS)]),
    np.zeros(_SIZES[1]),
    np.zeros(_SIZES[2]),
    np.array([math.log(gap_width(length + 1)) for length in range(_SIZES[3])]),  # length 0 is one cell
)


@dataclass(frozen=True)
class NoteCounts:
    """How often each value of each field was seen, and how often it followed each."""

    seen: tuple[NDArray[np.int64], ...]  # a field: size
    followed: tuple[NDArray[np.int64], ...]  # a field: size x size, by the value before

    @classmethod
    def of(cls, pieces: Iterable[Notes]) -> "NoteCounts":
        """Counted over pieces."""
        seen = tuple(np.zeros(size, np.int64) for size in _SIZES)
        followed = tuple(np.zeros((size, size), np.int64) for size in _SIZES)
        for notes in pieces:
            for field, values in enumerate(notes.T):
                seen[field][:] += np.bincount(values, minlength=_SIZES[field])
                np.add.at(followed[field], (values[:-1], values[1:]), 1)
        return cls(seen, followed)

    def unigram(self, field: int) -> NDArray[np.float64]:
        """The probability of each value of a field."""
        counts = self.seen[field] + 1.0
        probabilities: NDArray[np.float64] = counts / counts.sum()
        return probabilities

    def bigram(self, field: int) -> NDArray[np.float64]:
        """The probability of each value (columns) after each value (rows)."""
        counts = self.followed[field] + BACK_OFF * self.unigram(field)
        probabilities: NDArray[np.float64] = counts / counts.sum(1, keepdims=True)
        return probabilities


def unigram_likelihood(counts: NoteCounts, pieces: Sequence[Piece]) -> Likelihood:
    """Of the pieces' notes, each by itself."""
    nats = np.array([_unigram_nats(counts, piece.notes) for piece in pieces])
    return _likelihood_of(nats, pieces)


def bigram_likelihood(counts: NoteCounts, pieces: Sequence[Piece]) -> Likelihood:
    """Of the pieces' notes, each given the one before in its piece."""
    tables = [-np.log(counts.bigram(field)) for field in range(len(NOTE_FIELDS))]
    nats = np.array([_bigram_nats(counts, tables, piece.notes) for piece in pieces])
    return _likelihood_of(nats, pieces)


def _unigram_nats(counts: NoteCounts, notes: Notes) -> list[float]:
    return [
        float((-np.log(counts.unigram(field)) + _WIDTH_NATS[field])[values].sum())
        for field, values in enumerate(notes.T)
    ]


def _bigram_nats(counts: NoteCounts, tables: list[NDArray[np.float64]], notes: Notes) -> list[float]:
    first = _unigram_nats(counts, notes[:1])
    return [
        first[field] + float((tables[field][values[:-1], values[1:]] + _WIDTH_NATS[field][values[1:]]).sum())
        for field, values in enumerate(notes.T)
    ]


def _likelihood_of(nats: NDArray[np.float64], pieces: Sequence[Piece]) -> Likelihood:
    notes = np.array([len(piece.notes) for piece in pieces])
    return Likelihood(NOTE_FIELDS, nats, notes, int(notes.sum()))
