"""`antiphon data`: `fetch` a set of music, `prepare` a corpus of it, `tell` says what a corpus holds.

Preparing ends with a report of what was left out and why.
"""

import argparse
import shlex
import sys
from pathlib import Path

from commands.parts.places import CORPORA, add_corpora, refuse_old_name
from commands.parts.refusal import refusing
from pieces.corpus import Corpus, Description, prepare
from pieces.fetch import ARCHIVES, Archive, Progress, fetch
from pieces.music_sets import KNOWN_SETS, SPLITS, TIERS, music_set

EXAMPLES = """\
  antiphon data fetch maestro
  antiphon data prepare rolls MUSIC/rolls
  antiphon data prepare maestro-v3 MUSIC/maestro-v3
  antiphon data prepare jsb MUSIC/boulanger
  antiphon data prepare my-takes takes
  antiphon data tell corpora/rolls.safetensors"""

_NAMED = 10  # files left out that are named; of more, the number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    making = steps.add_parser("prepare", help="turn a folder of music into a corpus")
    making.add_argument("set", metavar="SET", help=f"its name; known are {', '.join(KNOWN_SETS)}")
    making.add_argument("folder", type=Path, metavar="DIR", help="the folder that holds its files")
    making.add_argument(
        "--tier", choices=TIERS, help="what the music's licence allows (sets that aren't known: own)"
    )
    making.add_argument("--licence", default="", help="the licence, in words, of a set that isn't known")
    add_corpora(making)
    refuse_old_name(making, "--out", "--corpora DIR")
    making.add_argument("--workers", type=int, default=2, help="processes that read (default: %(default)s)")
    fetching = steps.add_parser("fetch", help="download a set of music from its official address")
    fetching.add_argument("archive", choices=ARCHIVES, metavar="NAME", help=f"one of: {', '.join(ARCHIVES)}")
    fetching.add_argument(
        "--to", type=Path, metavar="DIR", help="the folder to unpack it in (default: the set's name, here)"
    )
    fetching.add_argument(
        "--from",
        dest="url",
        metavar="URL",
        help="another address of the same archive (its checksum is asked for all the same)",
    )
    telling = steps.add_parser("tell", help="say what a corpus holds")
    telling.add_argument("corpus", type=Path, metavar="CORPUS")


def parse(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """Each step has options of its own, which stand behind its name."""
    return parser.parse_args(words)


@refusing
def run(args: argparse.Namespace) -> int:
    """Fetch music, make a corpus of it, or describe one."""
    if args.step == "fetch":
        return _fetch(ARCHIVES[args.archive], args.to, args.url)
    if args.step == "tell":
        print("\n".join(_report(args.corpus, Corpus(args.corpus).description)))
        return 0
    out = (args.corpora or CORPORA) / f"{args.set}.safetensors"
    description = prepare(music_set(args.set, args.tier, args.licence), args.folder, out, args.workers)
    print("\n".join(_report(out, description)))
    return 0


def _fetch(archive: Archive, to: Path | None, url: str | None) -> int:
    folder = to or Path(archive.music_set)
    print(f"{archive.name}, {archive.size / 1e6:.0f} MB, from {url or archive.url}", file=sys.stderr)
    try:
        is_new = fetch(archive, folder, url, _progress(), lambda line: print(line, file=sys.stderr))
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on from what is there", file=sys.stderr)
        return 130
    print(f"{folder}: {archive.name}, {archive.music_files:,} files{'' if is_new else ', was there already'}")
    print(f"next: antiphon data prepare {archive.music_set} {shlex.quote(str(folder))}")
    return 0


def _progress() -> Progress:
    """A line that is written over at a terminal; elsewhere a line for every tenth."""
    is_terminal, shown = sys.stderr.isatty(), -1

    def progress(there: int, of: int) -> None:
        nonlocal shown
        part = 100 * there // of if is_terminal else 100 * there // of // 10 * 10
        if part != shown:
            shown = part
            end = "\n" if not is_terminal or there == of else ""
            print(f"{chr(13) if is_terminal else ''}{part:3} %", end=end, file=sys.stderr, flush=True)

    return progress


def _report(path: Path, corpus: Description) -> list[str]:
    notes = sum(piece.notes for piece in corpus.pieces)
    splits = ", ".join(f"{sum(piece.split == split for piece in corpus.pieces)} {split}" for split in SPLITS)
    tier = TIERS.get(corpus.tier, "unknown")  # type: ignore[call-overload]
    lines = [
        f"{path}: {corpus.name}, {len(corpus.pieces)} pieces ({splits}), {notes:,} notes, hash {corpus.hash}",
        f"licence: {corpus.licence}; tier {corpus.tier}: {tier}",
        f"left out: {len(corpus.left_out)}",
    ]
    lines += [f"  {file.file}: {file.why}" for file in corpus.left_out[:_NAMED]]
    more = len(corpus.left_out) - _NAMED
    return [*lines, f"  and {more} more"] if more > 0 else lines
