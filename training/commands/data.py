"""`antiphon data prepare`: MIDI files into a corpus, with a report of what was left out and why."""

import argparse
from pathlib import Path

from music.refusal import refusing
from training.corpus import Corpus, Description, prepare
from training.music_sets import KNOWN_SETS, SPLITS, TIERS, music_set

EXAMPLES = """\
  antiphon data prepare rolls MUSIC/rolls
  antiphon data prepare maestro-v3 MUSIC/maestro-v3
  antiphon data prepare my-takes takes
  antiphon data tell corpora/rolls.safetensors"""

_TOLD = 10  # files left out that are named; of more, the number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    making = steps.add_parser("prepare", help="turn a folder of MIDI files into a corpus")
    making.add_argument("set", metavar="SET", help=f"its name; known are {', '.join(KNOWN_SETS)}")
    making.add_argument("folder", type=Path, metavar="DIR", help="the folder that holds its files")
    making.add_argument(
        "--tier", choices=TIERS, help="what the music's licence allows (sets that aren't known: own)"
    )
    making.add_argument("--licence", default="", help="the licence, in words, of a set that isn't known")
    making.add_argument(
        "--out", type=Path, default=Path("corpora"), metavar="DIR", help="where (default: %(default)s)"
    )
    making.add_argument("--workers", type=int, default=2, help="processes that read (default: %(default)s)")
    telling = steps.add_parser("tell", help="tell what a corpus holds")
    telling.add_argument("corpus", type=Path, metavar="CORPUS")


@refusing
def run(args: argparse.Namespace) -> int:
    """Make a corpus, or tell of one."""
    if args.step == "tell":
        print("\n".join(_report(args.corpus, Corpus(args.corpus).description)))
        return 0
    out = args.out / f"{args.set}.safetensors"
    description = prepare(music_set(args.set, args.tier, args.licence), args.folder, out, args.workers)
    print("\n".join(_report(out, description)))
    return 0


def _report(path: Path, told: Description) -> list[str]:
    notes = sum(piece.notes for piece in told.pieces)
    splits = ", ".join(f"{sum(piece.split == split for piece in told.pieces)} {split}" for split in SPLITS)
    lines = [
        f"{path}: {told.name}, {len(told.pieces)} pieces ({splits}), {notes:,} notes, hash {told.hash}",
        f"licence: {told.licence}; tier {told.tier}: {TIERS.get(told.tier, 'unknown')}",  # type: ignore[call-overload]
        f"left out: {len(told.left_out)}",
    ]
    lines += [f"  {file.file}: {file.why}" for file in told.left_out[:_TOLD]]
    more = len(told.left_out) - _TOLD
    return [*lines, f"  and {more} more"] if more > 0 else lines
