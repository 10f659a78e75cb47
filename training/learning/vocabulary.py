"""The encoding of a run that begins: an open vocabulary takes its symbols from the pieces that are learnt.

Were they taken from more, a softmax would carry symbols that never come up in learning, and a piece for test
that has them would seem to know less that is new than it does: only what was learnt is known. Must not know
models.
"""

from collections.abc import Sequence

import numpy as np

from music.tokens.encoding import Encoding
from pieces.corpus import Corpus
from pieces.music import Music
from pieces.token_pieces import encode_pieces, fitted
from training.learning.learner import part_of
from training.recipes.recipe import DataSettings


def encoding_for(data: DataSettings, corpora: Sequence[Corpus]) -> Encoding:
    """With a closed vocabulary as it is; with an open one, knowing the symbols of the music that the recipe
    learns, the most frequent first, and no more of them than it asks for."""
    most = data.most_symbols or None
    if not data.is_part:
        return fitted(data.unfitted(), corpora, data.transform, most)
    of_all = fitted(data.unfitted(), corpora, data.transform)
    if of_all.symbols_learnt is None:
        return of_all
    pieces = encode_pieces(corpora, of_all, "train", data.transform, data.most)
    return of_all.knowing(_symbols_in(part_of(pieces, data), of_all)[:most])


def _symbols_in(music: Music, encoding: Encoding) -> list[str]:
    """The symbols that stand in some music, most frequent first, and of equally frequent ones by name."""
    names = encoding.vocabulary.fields[0].symbols or ()
    counts = np.zeros(len(names), np.int64)
    for number in range(len(music)):
        rows = music.rows(number, 0, music.length(number))
        counts += np.bincount(rows[:, 0], minlength=len(names))
    there = [number for number in np.flatnonzero(counts).tolist() if number != encoding.unknown]
    return [
        str(names[number]) for number in sorted(there, key=lambda number: (-counts[number], names[number]))
    ]
