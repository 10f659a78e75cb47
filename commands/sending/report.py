"""`antiphon report`: chosen models in one file that opens anywhere, charts and sound inside."""

import argparse
from pathlib import Path
from time import localtime, strftime

from commands.parts.places import CORPORA, add_corpora, add_runs
from commands.parts.refusal import refusing
from dashboard.listened.analyses import analysis_of, load_heard
from dashboard.places import Places
from dashboard.sending.calls import sent_calls
from dashboard.sending.chosen import chosen_of, named_apart, reports_named
from dashboard.sending.sheet import MOST_BYTES, sheet
from music.settings import SettingError
from music.whole_file import write_whole

EXAMPLES = """\
  antiphon report mine default.onnx --to models.html
  antiphon report mine.onnx other.onnx --held-out 4 --title "Two partners" --to models.html

  Figures, bars with their intervals, the same calls' answers with play buttons, licences and credits: all in
  one file, which opens without a network and asks nobody for anything."""

TITLE = "Models of Antiphon"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "models",
        nargs="+",
        metavar="MODEL",
        help="a run's name, an exported file (FILE.onnx) or a report of `antiphon evaluate` (FILE.json)",
    )
    parser.add_argument(
        "--to",
        type=Path,
        required=True,
        metavar="FILE.html",
        help=f"the file to write, of at most {MOST_BYTES / 1e6:g} MB",
    )
    parser.add_argument(
        "--held-out",
        type=int,
        default=0,
        metavar="N",
        help="so many calls of held-out pieces, too, with how the pieces go on (default: %(default)s, for "
        "they are music of the corpus: its licence must let you hand it on)",
    )
    parser.add_argument(
        "--listening-test",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="what listeners said as well, as `antiphon listening-test analyse DIR` found; repeatable",
    )
    parser.add_argument("--title", default=TITLE, metavar="WORDS", help="what stands above it")
    add_runs(parser)
    add_corpora(parser, f"{CORPORA}; held-out calls are read from there")


@refusing
def run(args: argparse.Namespace) -> int:
    """Write it."""
    if args.held_out < 0:
        raise SettingError(f"--held-out is 0 or more, not {args.held_out}")
    if args.to.suffix.lower() not in (".html", ".htm"):
        raise SettingError(f"--to {args.to}: let its name end in .html, so that it opens by a click")
    if not args.to.absolute().parent.is_dir():
        raise SettingError(f"{args.to.parent}: no such folder")
    places = Places(args.runs, args.corpora or CORPORA)
    found = (one for name in args.models for one in reports_named(places, name).items())
    chosen = chosen_of(named_apart(found))
    calls = sent_calls(places, chosen, args.held_out)
    heard = [load_heard(analysis_of(folder)) for folder in args.listening_test]
    text = sheet(chosen, calls, args.title, strftime("%Y-%m-%d", localtime()), heard)
    write_whole(args.to, text)
    models = f"{len(chosen)} report{'s' if len(chosen) > 1 else ''}"
    print(f"{args.to}: {models}, {len(calls)} calls to hear, {len(text.encode()) / 1e3:,.0f} kB")
    return 0
