"""`antiphon listening-test export`: a test for a webMUSHRA server."""

import argparse
from pathlib import Path

from listening.folder import ListeningFolder
from listening.webmushra import export


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "out", type=Path, metavar="DIR", help="webMUSHRA's own folder, or one to copy into it"
    )


def run(args: argparse.Namespace) -> int:
    """Write configurations and clips."""
    paths = export(ListeningFolder(args.folder), args.out)
    print(f"{len(paths)} configurations, one for each order of the clips, such as {paths[0]}")
    print(f"next: http://YOUR.SERVER/webMUSHRA/?config={paths[0].name}; key.json stays in {args.folder}")
    return 0
