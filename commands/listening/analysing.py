"""`antiphon listening-test analyse`: what the ratings say, as lines or as JSON; kept beside them."""

import argparse
import json

from listening.folder import ListeningFolder
from listening.outcome.analysis import analysed, lines_of
from listening.ratings import Ratings
from music.settings import SettingError
from music.whole_file import write_whole


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--synthetic", action="store_true", help="those of a rehearsal (`serve --synthetic`), by no people"
    )
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")


def run(args: argparse.Namespace) -> int:
    """Read, reckon, print, and keep."""
    folder = ListeningFolder(args.folder)
    test, path = folder.test(), folder.ratings(synthetic=args.synthetic)
    if not path.is_file():
        again = " --synthetic" if args.synthetic else ""
        raise SettingError(
            f"{path} is not there: nobody has listened yet; "
            f"`antiphon listening-test serve {args.folder}{again}` lets people listen"
        )
    ratings = Ratings(path, synthetic=args.synthetic)
    try:
        found = analysed(folder, ratings, synthetic=args.synthetic)
    finally:
        ratings.close()
    text = json.dumps(found.record(), indent=1)
    print(text if args.json else "\n".join(lines_of(found, test.scale)), flush=True)
    write_whole(folder.analysis(synthetic=args.synthetic), text)
    return 0
