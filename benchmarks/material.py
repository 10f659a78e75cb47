"""The music that a benchmark works on: files of a folder, evenly spaced, or performances made on the spot."""

import argparse
import csv
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from commands.parts.places import add_music
from music.midi.files import write_midi
from music.notes import Note, Pedal
from music.phrase import Phrase, each_key_once

MIDI_ENDINGS = (".mid", ".midi")


def add_material(parser: argparse.ArgumentParser, files: int, rounds: int | None = 3) -> None:
    """Declare the options that choose the music and, unless `rounds` is None, the number of rounds."""
    add_music(
        parser,
        "MIDI files, in folders or not; where a table there names a test split, its pieces alone "
        "(default: music made on the spot)",
    )
    parser.add_argument(
        "--files",
        type=int,
        default=files,
        help="how many, evenly spaced by name; 0: all (default: %(default)s)",
    )
    if rounds is not None:
        parser.add_argument(
            "--rounds", type=int, default=rounds, help="rounds to take the median of (default: %(default)s)"
        )


@contextmanager
def music_paths(folder: Path | None, count: int) -> Iterator[list[Path]]:
    """So many files of a folder; without a folder, so many made performances, gone afterwards."""
    if folder is not None:
        paths = files_in(folder)
        if not paths:
            raise FileNotFoundError(f"no MIDI files in {folder}: give --music a folder that holds some")
        yield spaced(paths, count)
        return
    with tempfile.TemporaryDirectory() as made:
        paths = [Path(made) / f"{number}.mid" for number in range(count or 20)]
        for seed, path in enumerate(paths):
            write_midi(performance(seed), path)
        yield paths


def files_in(folder: Path) -> list[Path]:
    """The MIDI files of a folder by name; those of the test split alone, where a table names one."""
    for table in sorted(folder.glob("*.csv")):
        with table.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        if rows and {"split", "midi_filename"} <= rows[0].keys():
            return sorted(folder / row["midi_filename"] for row in rows if row["split"] == "test")
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in MIDI_ENDINGS)


def spaced(paths: Sequence[Path], count: int) -> list[Path]:
    """So many of them, evenly spaced; all where there are no more, or for a count of 0."""
    if count == 0 or len(paths) <= count:
        return list(paths)
    return [paths[place * len(paths) // count] for place in range(count)]


def performance(seed: int, notes: int = 5000) -> Phrase:
    """A made performance, always the same for a seed: ten notes a second, with the pedal."""
    chance = random.Random(seed)
    at, played = 0.0, []
    for _ in range(notes):
        at += chance.choice((0.0, 0.01, 0.1, 0.2)) + chance.random() * 0.04
        played.append(Note(at, chance.randint(30, 90), chance.randint(20, 110), chance.uniform(0.05, 1.5)))
    treads = [Pedal(place * 0.8, place % 2 == 1) for place in range(1, int(at / 0.8))]
    return Phrase.of(each_key_once(played), treads)
