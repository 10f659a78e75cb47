"""How often each published profile of keys finds the key that a piece is said to be in.

The stated key is the one that the title names in the folder's table, unless the file's first key signature
contradicts it; or else the file's only key signature, in folders whose signatures tell minor from major (some
write every key as major). A movement of a work named after another movement's key counts as a miss, so that
what is found is a lower bound.
"""

import argparse
import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commands.parts.places import add_music
from music.keys import TEMPERLEY_2007, Key, Profile, best_fit, semitones_to
from music.midi.files import read_many
from music.notes import Note
from music.piece import Piece

# The numbers as published: they are compared, and only Temperley's of 2007 are used.
PROFILES = {
    "Temperley 2007": TEMPERLEY_2007,
    "Albrecht-Shanahan 2013": Profile(
        (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
        (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
    ),
    "Bellman-Budge 2005": Profile(
        (16.80, 0.86, 12.95, 1.41, 13.49, 11.93, 1.25, 20.28, 1.80, 8.04, 0.62, 10.57),
        (18.16, 0.69, 12.99, 13.34, 1.07, 11.15, 1.38, 21.07, 7.49, 1.53, 0.92, 10.21),
    ),
    "Aarden-Essen 2003": Profile(
        (17.77, 0.146, 14.93, 0.160, 19.80, 11.36, 0.291, 22.06, 0.146, 8.155, 0.233, 4.951),
        (18.26, 0.738, 14.05, 16.86, 0.702, 14.44, 0.702, 18.62, 4.566, 1.932, 7.376, 1.756),
    ),
    "Temperley 1999": Profile(
        (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0),
        (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0),
    ),
    "Krumhansl-Kessler 1982": Profile(
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
    ),
}
MIDI_ENDINGS = (".mid", ".midi")
BEGINNING_S = 10.0  # how much is heard of a piece where its beginning alone is judged
_NAMED = re.compile(
    r"\b([A-G])[ -]?(#|b|♯|♭|sharp|flat)?[ -]?(major|minor|dur|moll)\b",
    re.IGNORECASE,
)
_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}


@dataclass(frozen=True, slots=True)
class Stated:
    """A piece's notes and the key that it is said to be in."""

    notes: Sequence[Note]
    key: Key


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_music(
        parser,
        "folders of MIDI files, in folders of their own where there are none at the top; "
        "a table (.csv) may hold titles",
        nargs="+",
        required=True,
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The keys found by each profile, in whole pieces and in their beginnings, and what ours confuses."""
    stated = {"/".join(folder.parts[-2:]): list(_stated(folder)) for folder in args.music}
    pieces = [piece for of_folder in stated.values() for piece in of_folder]
    if not pieces:
        raise FileNotFoundError(f"no piece with a stated key in {', '.join(map(str, args.music))}")
    return {
        "pieces": {name: len(of_folder) for name, of_folder in stated.items()} | {"all": len(pieces)},
        "found_in_whole_percent": _found(stated, lambda notes: notes),
        f"found_in_first_{BEGINNING_S:g}_s_percent": _found(stated, _beginning),
        "ours_heard_as_percent": _heard_as(pieces),
    }


def key_named(title: str) -> Key | None:
    """The first key that a title names, if it names one."""
    named = _NAMED.search(title.replace("_", " "))
    if named is None:
        return None
    letter, sign, mode = named.groups()
    tonic = _CLASSES[letter.upper()] + _SIGNS.get((sign or "").lower(), 0)
    return Key(tonic % 12, mode.lower() in ("minor", "moll"))


def _stated(folder: Path) -> Iterator[Stated]:
    titles = _titles(folder)
    paths = [path for path in folder.iterdir() if path.suffix.lower() in MIDI_ENDINGS]
    paths = paths or [path for path in folder.rglob("*") if path.suffix.lower() in MIDI_ENDINGS]
    read = [(path, pieces[0]) for path, pieces in read_many(sorted(paths)) if isinstance(pieces, tuple)]
    tells_mode = any(signature.is_minor for _, piece in read for signature in piece.keys)
    for path, piece in read:
        key = _key_of(piece, titles.get(path.name, ""), tells_mode)
        if key is not None and piece.phrase.notes:
            yield Stated(piece.phrase.notes, key)


def _key_of(piece: Piece, title: str, tells_mode: bool) -> Key | None:
    named = key_named(title)
    if named is not None:
        agrees = not piece.keys or _key_signed(piece.keys[0].sharps, named.is_minor) == named
        return named if agrees else None
    signed = {(signature.sharps, signature.is_minor) for signature in piece.keys}
    return _key_signed(*signed.pop()) if tells_mode and len(signed) == 1 else None


def _key_signed(sharps: int, is_minor: bool) -> Key:
    return Key((sharps * 7 + (9 if is_minor else 0)) % 12, is_minor)


def _titles(folder: Path) -> dict[str, str]:
    """Titles by the name of the file, from the tables in a folder."""
    titles = {}
    for table in sorted(folder.glob("*.csv")):
        with table.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                file = row.get("midi") or row.get("midi_filename") or ""
                titles[Path(file).name] = row.get("title") or row.get("canonical_title") or ""
    return titles


def _found(
    stated: dict[str, list[Stated]], heard: Callable[[Sequence[Note]], Sequence[Note]]
) -> dict[str, dict[str, float]]:
    everything = {name: of_folder for name, of_folder in stated.items() if of_folder}
    everything["all"] = [piece for of_folder in stated.values() for piece in of_folder]
    return {
        name: {
            folder: 100
            * sum(best_fit(heard(piece.notes), profile).key == piece.key for piece in pieces)
            / len(pieces)
            for folder, pieces in everything.items()
        }
        for name, profile in PROFILES.items()
    }


def _beginning(notes: Sequence[Note]) -> Sequence[Note]:
    return [note for note in notes if note.at < notes[0].at + BEGINNING_S]


def _heard_as(pieces: Sequence[Stated]) -> dict[str, float]:
    heard = Counter(_relation(best_fit(piece.notes).key, piece.key) for piece in pieces)
    return {name: 100 * count / len(pieces) for name, count in heard.most_common()}


def _relation(heard: Key, stated: Key) -> str:
    apart = semitones_to(stated, heard.tonic)
    if heard.is_minor == stated.is_minor:
        return {0: "the key itself", -5: "its dominant or subdominant", 5: "its dominant or subdominant"}.get(
            apart, "another key"
        )
    relative = 3 if stated.is_minor else -3
    return {0: "its parallel key", relative: "its relative key"}.get(apart, "another key")
