"""How full and how empty the passages are that people play: what an answer is kept within comes from here.

From each file some passages of 3 to 12 seconds are taken by seed, the pedal folded in, and beside each the
one that follows it, as an answer follows a call. The figures are percentiles over passages.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from benchmarks.material import add_material, music_paths
from music.midi.files import MidiFileError, read_phrase
from music.notes import Note
from music.passages import Passage, passage_of
from music.phrase import pedal_folded

PERCENTILES = (1, 5, 50, 95, 99)
SHORTEST_S, LONGEST_S = 3.0, 12.0
FEWEST_NOTES = 4

Pair = tuple[list[Note], list[Note]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_material(parser, files=60, rounds=None)
    parser.add_argument(
        "--passages", type=int, default=6, metavar="N", help="how many of each file (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    chance = random.Random(1)
    with music_paths(args.music, args.files) as paths:
        pairs = [pair for path in paths for pair in pairs_of(_notes(path), args.passages, chance)]
    if not pairs:
        raise ValueError("no passage of four notes and as many after it was found: give more music")
    return {"passages": len(pairs)} | figures(pairs)


def figures(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Percentiles of what passages come to, and of the ratio of each to the one before it."""
    before, after = ([passage_of(notes) for notes in side] for side in zip(*pairs, strict=True))
    own = {name: _percentiles([getattr(found, name) for found in after]) for name in Passage.__slots__}
    against = {
        f"{name}_against_the_one_before": _percentiles(
            [
                getattr(later, name) / getattr(earlier, name)
                for earlier, later in zip(before, after, strict=True)
            ]
        )
        for name in ("fullest_second", "fullest_moment", "longest_repetition")
    }
    return own | against


def pairs_of(notes: Sequence[Note], count: int, chance: random.Random) -> Iterator[Pair]:
    """So many passages of a piece, each with the one that follows it.

    What is too thin, or runs past the end, is left out.
    """
    for _ in range(count if notes else 0):
        begin, length_s = chance.choice(notes).at, chance.uniform(SHORTEST_S, LONGEST_S)
        pair = (
            _between(notes, begin, begin + length_s),
            _between(notes, begin + length_s, begin + 2 * length_s),
        )
        if min(map(len, pair)) >= FEWEST_NOTES and begin + 2 * length_s <= notes[-1].at:
            yield pair


def _between(notes: Sequence[Note], begin: float, end: float) -> list[Note]:
    return [note for note in notes if begin <= note.at < end]


def _notes(path: Any) -> Sequence[Note]:
    try:
        return pedal_folded(read_phrase(path)).notes
    except MidiFileError:
        return ()


def _percentiles(values: Sequence[float]) -> dict[str, float]:
    found = np.percentile(values, PERCENTILES)
    return {
        f"p{percentile}": round(float(value), 2) for percentile, value in zip(PERCENTILES, found, strict=True)
    }
