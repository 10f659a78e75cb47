"""What a run records of itself, read again."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from music.encodings.event import EventEncoding
from music.encodings.roll import RollEncoding
from music.phrase import Phrase
from music.settings import SettingError
from music.tokens.encoding import Tokens
from pieces.corpus import Corpus
from pieces.token_pieces import encode_pieces
from tests.support.corpora import phrased_corpus
from tests.support.recipes import ALONE, home_in, small_recipe_of
from training.learning.train import learn
from training.run import begin_run, record_of, resume_run


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


STAGE = {"levels": [1, 2, 3, 4], "steps": 3, "corpora": ["easy"]}


def test_a_stage_of_another_corpus_is_read_recorded_and_gone_on_with(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    phrased_corpus(home.data / "easy.safetensors", 12)
    recipe = small_recipe_of("roll", {"curriculum": [STAGE]})
    learner = begin_run(recipe, "graded", home, ALONE)
    record = learner.folder.record
    assert [corpus["name"] for corpus in record["data"]] == ["tiny"]
    assert [corpus["name"] for corpus in record["stages"]] == ["easy"]
    easy = Corpus(home.data / "easy.safetensors")
    rolls = encode_pieces([easy], RollEncoding(), "train")
    begins = {rolls.rows(number, 0, 8).tobytes() for number in range(len(rolls))}
    first = learner.feed.next()
    assert {lane[:8].astype(np.uint8).tobytes() for lane in first.following} <= begins
    learn(learner, lambda line: None, until=4)
    resume_run("graded", home, ALONE)
    phrased_corpus(home.data / "other" / "easy.safetensors", 9)
    (home.data / "other" / "easy.safetensors").replace(home.data / "easy.safetensors")
    with pytest.raises(SettingError, match=r"easy.*not the corpus that the run began with"):
        resume_run("graded", home, ALONE)


def test_the_strictest_tier_counts_that_of_a_stage_too(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    phrased_corpus(home.data / "easy.safetensors", 9)
    recipe = small_recipe_of("roll", {"curriculum": [STAGE]})

    def of_tier(corpora: list[Corpus], tier: str) -> Any:
        return [
            SimpleNamespace(description=replace(corpus.description, tier=tier), path=corpus.path)
            for corpus in corpora
        ]

    free, strict = of_tier(home.corpora(recipe), "ship"), of_tier(home.of_stages(recipe), "research-nc")
    assert record_of(recipe, free, RollEncoding(), strict)["tier"] == "research-nc"
    assert record_of(recipe, free, RollEncoding())["tier"] == "ship"


def test_without_git_a_run_says_that_its_commit_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_in(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    learner = begin_run(small_recipe_of("event"), "no-git", home, ALONE)
    assert learner.folder.record["source_commit"] == "unknown"


def test_a_run_by_passes_records_how_many_steps_they_are(tmp_path: Path) -> None:
    recipe = small_recipe_of("event", {"learning.steps": 0, "learning.passes": 1.5})
    learner = begin_run(recipe, "passes", home_in(tmp_path), ALONE)
    assert learner.folder.record["steps"] == learner.steps > 0
