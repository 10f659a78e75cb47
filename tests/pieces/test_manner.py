"""What a model file tells of the music it learnt from: how loud and how dense most of it is."""

from pathlib import Path

import pytest

from music.encodings.event import EventEncoding
from music.midi.files import write_midi
from music.notes import Note
from music.phrase import Phrase
from pieces.corpus import Corpus, prepare
from pieces.manner import manner_of
from pieces.music_sets import music_set
from pieces.token_pieces import TokenPieces, encode_pieces


def pieces(folder: Path, *each: tuple[int, float]) -> TokenPieces:
    """Pieces of 64 notes: (velocity, seconds from onset to onset), all in the train split."""
    (folder / "music").mkdir()
    for number in range(40):
        velocity, every_s = each[number % len(each)]
        notes = [
            Note(place * every_s, 40 + (place + number) % 40, velocity, every_s / 2) for place in range(64)
        ]
        write_midi(Phrase.of(notes), folder / "music" / f"{number}.mid")
    path = folder / "corpora" / "even.safetensors"
    prepare(music_set("even"), folder / "music", path, workers=1)
    return encode_pieces([Corpus(path)], EventEncoding(), "train")


def test_even_music_has_one_loudness_and_one_density(tmp_path: Path) -> None:
    manner = manner_of(pieces(tmp_path, (62, 0.2)))
    assert manner["loudness"] == pytest.approx((62, 62), abs=2)
    assert manner["density"] == pytest.approx((5.0, 5.0), abs=0.1)


def test_of_two_kinds_of_music_both_ends_are_recorded(tmp_path: Path) -> None:
    manner = manner_of(pieces(tmp_path, (40, 0.5), (90, 0.1)))
    assert manner["loudness"] == pytest.approx((40, 90), abs=2)
    assert manner["density"] == pytest.approx((2.0, 10.0), abs=0.2)
