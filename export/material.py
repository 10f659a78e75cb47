"""Music to compare a file with its model on: a corpus's held-out pieces, or a performance made by rule.

Knows corpora and phrases. Must not know models.
"""

import random
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from music.notes import Note, Pedal
from music.phrase import Phrase, each_key_once
from music.tokens.encoding import Encoding
from pieces.corpus import Corpus
from pieces.token_pieces import encode_pieces

_SCALE = (0, 2, 4, 5, 7, 9, 11)
_MOST_PIECES = 20


def made_music(encoding: Encoding, pieces: int = 4, notes: int = 400) -> list[NDArray[np.int64]]:
    """Pieces by rule, always the same: melody and chords in C, with pedal, rests and some very long notes."""
    return [encoding.encode(_piece(random.Random(seed), notes)) for seed in range(pieces)]


def music_of(corpus: Path, encoding: Encoding) -> list[NDArray[np.int64]]:
    """Held-out pieces of a corpus, spread over all of them."""
    held_out = encode_pieces([Corpus(corpus)], encoding, "validation")
    step = max(len(held_out) // _MOST_PIECES, 1)
    return [held_out[number] for number in range(0, len(held_out), step)]


def _piece(chance: random.Random, notes: int) -> Phrase:
    at = 0.0
    struck: list[Note] = []
    while len(struck) < notes:
        at += chance.choice((0.08, 0.12, 0.25, 0.25, 0.5, 0.5, 4.0 if chance.random() < 0.1 else 1.0))
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            pitch = 12 * chance.randint(3, 6) + chance.choice(_SCALE)
            length_s = 12.0 if chance.random() < 0.02 else chance.uniform(0.05, 1.2)
            struck.append(Note(at + chance.uniform(0.0, 0.03), pitch, chance.randint(25, 110), length_s))
    treads = [
        Pedal(second + part, down) for second in range(int(at)) for part, down in ((0.1, True), (0.95, False))
    ]
    return Phrase.of(each_key_once(struck), treads)
