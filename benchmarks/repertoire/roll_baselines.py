"""What counting alone knows of the four published sets of rolls, beside the figures that others counted.

Frame by frame, in nats a step over all 88 keys: the mean over all steps of all test pieces together, the
first step of a piece given. A model of rolls has to beat both; where ours differ from the published ones,
something is counted differently, and no other figure could be compared either.
"""

import argparse
from pathlib import Path
from typing import Any

from commands.parts.places import CORPORA, add_corpora
from evaluation.baselines.roll import Roll, nats_a_step
from music.encodings.roll import RollEncoding
from music.notes import KEYS
from pieces.corpus import Corpus
from pieces.music_sets import Split
from pieces.token_pieces import encode_pieces

# Per-key frequency and note bigram as others counted them.
PUBLISHED = {
    "jsb": (11.09, 10.49),
    "nottingham-rolls": (10.26, 5.15),
    "musedata": (11.51, 8.56),
    "piano-midi": (11.05, 8.26),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_corpora(parser)
    parser.add_argument(
        "--only",
        nargs="+",
        choices=PUBLISHED,
        metavar="SET",
        help=f"of {', '.join(PUBLISHED)} (default: all)",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    folder = Path(args.corpora or CORPORA)
    return {name: of_set(Corpus(folder / f"{name}.safetensors"), name) for name in args.only or PUBLISHED}


def of_set(corpus: Corpus, name: str) -> dict[str, Any]:
    """Ours and the published ones, and whether they are the same to two decimals."""
    found = nats_a_step(_rolls(corpus, "train"), _rolls(corpus, "test"))
    frequency, bigram = PUBLISHED[name]
    ours = (round(found.key_frequency, 2), round(found.note_bigram, 2))
    return {
        "key_frequency": ours[0],
        "published_key_frequency": frequency,
        "note_bigram": ours[1],
        "published_note_bigram": bigram,
        "the_same": ours == (frequency, bigram),
    }


def _rolls(corpus: Corpus, split: Split) -> list[Roll]:
    music = encode_pieces([corpus], RollEncoding(), split)
    return [music.rows(number, 0, music.length(number))[:, :KEYS] for number in range(len(music))]
