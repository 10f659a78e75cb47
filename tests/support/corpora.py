"""A small corpus that tests make for themselves."""

from collections.abc import Collection
from pathlib import Path

import numpy as np

from music.midi.files import write_midi
from pieces.corpus import Description, PieceRecord, prepare
from pieces.music import Rows
from pieces.music_sets import music_set
from tests.support.passages import phrases_of_a_piece
from tests.support.phrases import improvised


def music_folder(folder: Path, pieces: int = 24, notes: int = 60) -> Path:
    """A folder of improvised pieces as MIDI files."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(pieces):
        write_midi(improvised(seed, notes=notes, pedal=True), folder / f"piece-{seed:02}.mid")
    return folder


def tiny_corpus(folder: Path) -> Description:
    """`corpora/tiny.safetensors` in a folder, of pieces for each split."""
    music = music_folder(folder / "music")
    return prepare(music_set("tiny"), music, folder / "corpora" / "tiny.safetensors", workers=1)


def phrased_corpus(path: Path, pieces: int = 24) -> Description:
    """A corpus, named as its file, of pieces whose phrases breathe: each in its own key and tempo."""
    music = path.parent / f"music of {path.stem}"
    music.mkdir(parents=True)
    for number in range(pieces):
        piece = phrases_of_a_piece(6, 48 + number, 0.2 + 0.005 * (number % 7), 0.8)
        write_midi(piece, music / f"piece-{number:02}.mid")
    return prepare(music_set(path.stem), music, path, workers=1)


class Pieces:
    """Pieces in memory, as feeds read them: each row tells its piece and its place in it."""

    def __init__(self, *lengths: int, in_beats: Collection[int] = ()) -> None:
        self.in_beats = in_beats
        self.all = [
            np.stack([np.full(length, number), np.arange(length)], axis=1)
            for number, length in enumerate(lengths)
        ]

    def __len__(self) -> int:
        return len(self.all)

    def length(self, number: int) -> int:
        """How many rows a piece has."""
        return len(self.all[number])

    def rows(self, number: int, begin: int, end: int) -> Rows:
        """Those rows of a piece."""
        assert 0 <= begin <= end
        return self.all[number][begin:end]

    def record(self, number: int) -> PieceRecord:
        """What is known of a piece."""
        has_beat = number in self.in_beats
        return PieceRecord(f"{number}.mid", "train", f"{number:016}", self.length(number), has_beat=has_beat)
