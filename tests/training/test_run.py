"""What a run records of itself, read again."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from music.encodings.event import EventEncoding
from music.phrase import Phrase
from music.tokens.encoding import Tokens
from pieces.corpus import Corpus
from tests.support.recipes import ALONE, home_in, small_recipe_of
from training.learning.train import learn
from training.run import begin_run, resume_run


@pytest.mark.parametrize("measures", [["by-heart"], ["test"]])
def test_a_recipe_for_one_piece_encodes_that_one_and_those_that_it_is_measured_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measures: list[str]
) -> None:
    home, encoded = home_in(tmp_path), 0
    encode = EventEncoding.encode

    def counting(self: EventEncoding, phrase: Phrase) -> Tokens:
        nonlocal encoded
        encoded += 1
        return encode(self, phrase)

    monkeypatch.setattr(EventEncoding, "encode", counting)
    changes = {"data.most_rows": 40, "log.measures": measures, "data.feed.lanes": 1}
    learner = begin_run(small_recipe_of("event", changes), "one", home, ALONE)
    corpus = Corpus(home.data / "tiny.safetensors")
    pieces = Counter(piece.split for piece in corpus.description.pieces)
    assert encoded == 1 + pieces["validation"] + (pieces["test"] if measures == ["test"] else 0)
    first = next(phrase for _, phrase in corpus.phrases("train"))
    assert np.array_equal(learner.pieces.rows(0, 0, 99), encode(EventEncoding(), first)[:40])
    before = encoded
    learn(learner, lambda line: None, until=2)
    resume_run("one", home, ALONE)
    assert encoded == before
