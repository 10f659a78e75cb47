"""A run that is done, as its measures look at it: what it learnt, what it never saw, and what it draws.

Samples are drawn with seeds, and real pieces are drawn from everywhere in a corpus, never the first ones in
the order of its files. Must not know what is measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from evaluation.likeness.intervals import spread_over
from music.continuing.continuation import Length, played_on
from music.phrase import Phrase
from pieces.corpus import Corpus
from pieces.music import Music, Rows
from pieces.token_pieces import TokenPieces, encode_pieces
from pieces.transforms import InTurn, Reverse
from training.learning.checkpoint import load_weights
from training.models.drawing import Drawing
from training.opened_run import Trained, untrained
from training.playing.generation import Memory, drawn_in_lanes, first_rows, learns_backwards, memory_of

ROWS, SEED = 400, 1  # of each piece that is drawn to be looked at
_LANES = 64  # that are drawn side by side


@dataclass(frozen=True)
class Finished:
    """A run that is done: what came of it, what it was trained on, and its corpora."""

    made: Trained
    learnt: Music
    corpora: list[Corpus]
    steps: int = 0  # of its learning, to the end

    @cached_property
    def unseen(self) -> TokenPieces:
        """The pieces for test."""
        return encode_pieces(self.corpora, self.made.encoding, "test", self.made.recipe.data.transform)

    @cached_property
    def unseen_forwards(self) -> TokenPieces:
        """The same as people play them, where the run learnt them turned round: so runs in either direction
        can be judged by the same steps."""
        made = self.made
        if not learns_backwards(made.recipe):
            return self.unseen
        others = [one for one in made.recipe.data.transform.transforms if not isinstance(one, Reverse)]
        return encode_pieces(self.corpora, made.encoding, "test", InTurn(tuple(others)))

    @property
    def memory(self) -> Memory:
        """How far back the model has practised to hear."""
        return memory_of(self.made.recipe)

    @property
    def count(self) -> int:
        """How many pieces it draws for its measures."""
        return self.made.recipe.log.pieces

    @cached_property
    def drawn(self) -> list[Phrase]:
        """Pieces that it draws from nothing."""
        return self.drawn_with(Drawing())

    def drawn_with(self, drawing: Drawing) -> list[Phrase]:
        """The same at another temperature."""
        rows = self.rows_drawn(self.first, self.count, ROWS, drawing)
        return [self.made.encoding.decode(np.concatenate([self.first, lane])) for lane in rows]

    @property
    def first(self) -> Rows:
        """What a piece from nothing begins with."""
        return first_rows(self.made.model, self.made.encoding, self.memory, SEED)

    def rows_drawn(self, first: Rows, count: int, most: int, drawing: Drawing) -> list[Rows]:
        """So many pieces that go on from the same rows, in rows."""
        return self.rows_after([first] * count, most, drawing)

    def rows_after(self, prompts: Sequence[Rows], most: int, drawing: Drawing) -> list[Rows]:
        """How each of the prompts, which have as many rows each, goes on."""
        made: list[Rows] = []
        for begin in range(0, len(prompts), _LANES):
            lanes = prompts[begin : begin + _LANES]
            made += list(
                drawn_in_lanes(self.made.model, lanes, most, drawing, seed=SEED + begin, memory=self.memory)
            )
        return made

    def continued(self, prompts: Sequence[Rows]) -> list[Phrase]:
        """What it plays after each of the prompts, without them."""
        encoding = self.made.encoding
        after = self.rows_after(prompts, ROWS, Drawing())
        return [
            played_on(encoding, prompt, iter(rows), Length(None, ROWS)).new_alone
            for prompt, rows in zip(prompts, after, strict=True)
        ]

    def phrases(self, music: Music, most: int | None = None) -> list[Phrase]:
        """The beginnings of some of its pieces, as long as those that are drawn, as its encoding decodes
        them."""
        numbers = spread_over(range(len(music)), most or self.count)
        return [self.made.encoding.decode(music.rows(number, 0, ROWS)) for number in numbers]

    def whole(self, music: Music, most: int) -> list[Phrase]:
        """At most so many whole pieces."""
        numbers = spread_over(range(len(music)), most)
        return [self.made.encoding.decode(music.rows(number, 0, music.length(number))) for number in numbers]

    def with_weights(self, path: Path | None) -> "Finished":
        """The same run at another stage of its learning: with the weights of a file, or as it began."""
        made = self.made
        model = untrained(made.recipe, made.encoding, next(made.model.parameters()).device)
        if path is not None:
            load_weights(model, path)
        return replace(self, made=replace(made, model=model.eval()))
