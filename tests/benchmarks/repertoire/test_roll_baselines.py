"""Counting keys beside published figures: on a corpus of our own, whose figures are known otherwise."""

import argparse
from pathlib import Path

import pytest

from benchmarks.repertoire import roll_baselines
from benchmarks.repertoire.roll_baselines import PUBLISHED, of_set
from evaluation.baselines.roll import nats_a_step
from music.encodings.roll import RollEncoding
from music.notes import KEYS
from pieces.corpus import Corpus
from pieces.token_pieces import encode_pieces
from tests.support.corpora import tiny_corpus


def test_ours_stand_beside_the_published_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_corpus(tmp_path)
    (path,) = tmp_path.rglob("*.safetensors")
    rolls = {
        split: [piece[:, :KEYS] for piece in encode_pieces([Corpus(path)], RollEncoding(), split)]  # type: ignore[arg-type]
        for split in ("train", "test")
    }
    counted = nats_a_step(rolls["train"], rolls["test"])
    found = of_set(Corpus(path), "jsb")
    assert found["key_frequency"] == round(counted.key_frequency, 2)
    assert found["note_bigram"] == round(counted.note_bigram, 2)
    assert found["published_note_bigram"] == PUBLISHED["jsb"][1]
    assert found["the_same"] is False
    same = (round(counted.key_frequency, 2), round(counted.note_bigram, 2))
    monkeypatch.setitem(PUBLISHED, "jsb", same)
    assert of_set(Corpus(path), "jsb")["the_same"] is True


def test_the_sets_that_are_asked_for_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_corpus(tmp_path)
    (path,) = tmp_path.rglob("*.safetensors")
    path.rename(path.with_name("musedata.safetensors"))
    parser = argparse.ArgumentParser()
    roll_baselines.add_arguments(parser)
    options = parser.parse_args(["--only", "musedata", "--corpora", str(path.parent)])
    assert list(roll_baselines.run(options)) == ["musedata"]
