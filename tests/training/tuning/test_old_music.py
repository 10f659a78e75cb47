"""Old music: passages of corpora by chance, or what a model plays by itself; always the same for a seed."""

from dataclasses import replace
from pathlib import Path

import pytest

from music.settings import SettingError
from pieces.corpus import Corpus, Description, record_of, write_corpus
from tests.support.corpora import tiny_corpus
from tests.support.models import small_model
from tests.support.phrases import improvised
from training.tuning.old_music import PASSAGE, Pieces, Wanted, passages_of, played_by


def notes_for(pieces: Pieces, split: str) -> int:
    return sum(record.notes for record, _ in pieces if record.split == split)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    tiny_corpus(tmp_path)
    return Corpus(tmp_path / "corpora" / "tiny.safetensors")


def test_passages_are_of_pieces_for_train_and_measured_on_are_those_held_out(corpus: Corpus) -> None:
    pieces = passages_of([corpus], Wanted(200, 100), seed=1)
    splits = {f"tiny/{piece.file}": piece.split for piece in corpus.description.pieces}
    for record, phrase in pieces:
        assert (splits[record.file] == "train") == (record.split == "train")
        assert record.notes == len(phrase.notes)
        assert phrase.pedals == ()
    assert 200 <= notes_for(pieces, "train") < 200 + 60
    assert 100 <= notes_for(pieces, "test") < 100 + 60
    assert passages_of([corpus], Wanted(200, 100), seed=1) == pieces
    assert passages_of([corpus], Wanted(200, 100), seed=2) != pieces


def test_of_a_long_piece_a_passage_is_taken_and_of_one_that_keeps_a_beat_its_beginning(
    tmp_path: Path,
) -> None:
    long = [improvised(seed, 3 * PASSAGE) for seed in range(4)]
    records = [
        replace(record_of(f"{number}.mid", split, phrase), has_beat=True)  # type: ignore[arg-type]
        for number, (phrase, split) in enumerate(zip(long, ("train", "train", "train", "test"), strict=True))
    ]
    about = Description("long", "ship", "CC0", "us", (), ())
    write_corpus(tmp_path / "long.safetensors", about, zip(records, long, strict=True))
    pieces = passages_of([Corpus(tmp_path / "long.safetensors")], Wanted(2 * PASSAGE, 1), seed=1)
    assert [(record.split, record.notes, record.has_beat) for record, _ in pieces] == [
        ("train", PASSAGE, True),
        ("train", PASSAGE, True),
        ("test", PASSAGE, True),
    ]
    begun = {phrase.notes[0].at for phrase in long}
    assert all(phrase.notes[0].at in begun for _, phrase in pieces)


def test_a_corpus_without_held_out_pieces_is_refused(tmp_path: Path) -> None:
    phrase = improvised(1)
    about = Description("one", "ship", "CC0", "us", (), ())
    write_corpus(tmp_path / "one.safetensors", about, [(record_of("1.mid", "train", phrase), phrase)])
    with pytest.raises(SettingError, match="no piece is for test; prepare it with more music"):
        passages_of([Corpus(tmp_path / "one.safetensors")], Wanted(10, 10), seed=1)


def test_a_model_plays_about_as_much_as_is_wanted_always_alike_for_a_seed() -> None:
    model = small_model()
    pieces = played_by(model, Wanted(500, 100), seed=1)
    assert notes_for(pieces, "train") >= 450
    assert notes_for(pieces, "test") >= 50
    assert all(phrase.notes for _, phrase in pieces)
    assert played_by(model, Wanted(500, 100), seed=1) == pieces
    assert played_by(model, Wanted(500, 100), seed=2) != pieces
