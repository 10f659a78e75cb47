"""Notes a second through each encoding, there and back, with pure-Python readers of the same files beside it.

Knows the encodings and the clock. Without a folder it makes its own music.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from benchmarks.material import add_material, music_paths
from benchmarks.notation.reading import peers
from music.encodings.catalogue import ENCODINGS
from music.midi.files import read_phrase
from music.phrase import Phrase
from music.tokens.encoding import Encoding


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_material(parser, files=4)
    parser.add_argument(
        "--as", dest="names", nargs="+", choices=ENCODINGS, default=list(ENCODINGS), metavar="NAME"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    with music_paths(args.music, args.files) as paths:
        phrases = [read_phrase(path) for path in paths]
        notes = sum(len(phrase.notes) for phrase in phrases)
        beside = {
            "antiphon, reading": notes / _seconds(lambda: [read_phrase(path) for path in paths], args.rounds)
        }
        for name, read in peers().items():
            beside[f"{name}, reading"] = notes / _seconds(partial(read, paths), args.rounds)
    encodings = {name: _figures(ENCODINGS[name](), phrases, notes, args.rounds) for name in args.names}
    return {
        "files": len(paths),
        "notes": notes,
        "rounds": args.rounds,
        "encodings": encodings,
        "beside, notes_per_s": beside,
    }


def _figures(encoding: Encoding, phrases: list[Phrase], notes: int, rounds: int) -> dict[str, float]:
    encoding = encoding.fitted(phrases)
    tokens = [encoding.encode(phrase) for phrase in phrases]
    encoding_s = _seconds(lambda: [encoding.encode(phrase) for phrase in phrases], rounds)
    decoding_s = _seconds(lambda: [encoding.decode(rows) for rows in tokens], rounds)
    return {
        "tokens": sum(map(len, tokens)),
        "encoded_notes_per_s": notes / encoding_s,
        "decoded_notes_per_s": notes / decoding_s,
    }


def _seconds(work: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return median(taken)
