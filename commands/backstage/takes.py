"""`antiphon takes`: the takes in a folder, listed, renamed, handed out, deleted.

A take is named by its name, by a part of it that no other has, or by its number in the list.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from commands.parts.refusal import refusing

if TYPE_CHECKING:
    from realtime.kept.folder import Shelved

EXAMPLES = """\
  antiphon takes
  antiphon takes name 1 "the good one"
  antiphon takes export good /media/usb
  antiphon takes export good mine.mid --only player
  antiphon takes delete 2 3"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    _add_folder(parser)
    parser.add_argument("--json", action="store_true", help="the list as JSON")
    steps = parser.add_subparsers(dest="step", metavar="STEP")
    listing = steps.add_parser("list", help="list them, the newest first (also without a step)")
    listing.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="as JSON")
    naming = steps.add_parser("name", help="give a take another name")
    naming.add_argument("take", metavar="TAKE")
    naming.add_argument("name", metavar="NAME")
    exporting = steps.add_parser("export", help="write a take elsewhere, or one side of it")
    exporting.add_argument("take", metavar="TAKE")
    exporting.add_argument("to", type=Path, metavar="TO", help="a MIDI file, or a folder")
    exporting.add_argument("--only", choices=("player", "antiphon"), help="what one of the two played")
    deleting = steps.add_parser("delete", help="delete takes")
    deleting.add_argument("takes_named", nargs="+", metavar="TAKE")
    deleting.add_argument("--yes", action="store_true", help="without asking")
    for step in (listing, naming, exporting, deleting):
        _add_folder(step, default=argparse.SUPPRESS)


def _add_folder(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    parser.add_argument(
        "--takes",
        type=Path,
        default=default,
        metavar="DIR",
        help="where they are (default: Music/Antiphon in your home)",
    )


def parse(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """Each step has options of its own, which stand behind its name."""
    return parser.parse_args(words)


@refusing
def run(args: argparse.Namespace) -> int:
    """Do what was asked for; 2 where it can't be."""
    from realtime.kept.folder import described, exported, found, renamed, shelved_in
    from realtime.rows.take import default_folder

    folder = args.takes or default_folder()
    if args.step == "name":
        print(f"now called {renamed(found(folder, args.take), args.name).name}")
    elif args.step == "export":
        print(f"written: {exported(found(folder, args.take), args.to, args.only)}")
    elif args.step == "delete":
        return _delete([found(folder, wanted) for wanted in args.takes_named], agreed=args.yes)
    else:
        _list(folder, [described(path) for path in shelved_in(folder)], as_json=args.json)
    return 0


def _list(folder: Path, takes: "list[Shelved]", *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([_record(take) for take in takes], indent=2))
        return
    if not takes:
        print(f"no takes in {folder} yet: `antiphon play` keeps what is played")
        return
    width = max(len(take.path.stem) for take in takes)
    print(f"{folder}\n  {'':3}  {'':{width}}  length  yours  answers  stars")
    for number, take in enumerate(takes, 1):
        print(f"  {number:3}  {take.path.stem:{width}}  {_said(take)}")


def _record(take: "Shelved") -> dict[str, object]:
    return {
        "file": str(take.path),
        "seconds": round(take.seconds, 3),
        "player": take.player,
        "model": take.model,
        "starred": take.starred,
        "about": list(take.about),
        "fault": take.fault,
    }


def _said(take: "Shelved") -> str:
    if take.fault is not None:
        return f"can't be read: {take.fault}"
    minutes, seconds = divmod(round(take.seconds), 60)
    seed = next((line for line in take.about if line.startswith("seed: ")), "")
    return (
        f"{minutes:3}:{seconds:02}  {take.player:5}  {take.model:7}  {take.starred or '':5}  {seed}".rstrip()
    )


def _delete(paths: list[Path], *, agreed: bool) -> int:
    paths = list(dict.fromkeys(paths))
    if not agreed:
        if not sys.stdin.isatty():
            print("antiphon: nobody can be asked here; say --yes to delete", file=sys.stderr)
            return 2
        names = ", ".join(path.stem for path in paths)
        if input(f"delete {names}? There is no way back. [y/N] ").strip().lower() not in ("y", "yes"):
            print("nothing was deleted")
            return 0
    for path in paths:
        path.unlink()
        print(f"deleted: {path.name}")
    return 0
