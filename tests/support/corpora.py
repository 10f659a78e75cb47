"""A small corpus that tests make for themselves."""

from pathlib import Path

from music.midi_files import write_midi
from tests.support.phrases import improvised
from training.corpus import Description, prepare
from training.music_sets import music_set


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
