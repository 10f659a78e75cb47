"""`antiphon rows`: every row of the papers, whether it is here, and what came of it."""

import argparse
import json
from dataclasses import asdict

from commands.papers.register import STATES, Row, counted, markdown, rows
from commands.parts.refusal import refusing
from music.settings import SettingError, right_ones

EXAMPLES = """\
  antiphon rows
  antiphon rows A4
  antiphon rows --state open
  antiphon rows --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("row", nargs="?", metavar="ROW", help="one row in full, as A4")
    parser.add_argument("--state", choices=STATES, help="only the rows in this state")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print them as JSON")
    form.add_argument("--markdown", action="store_true", help="print the page docs/rows.md")


@refusing
def run(args: argparse.Namespace) -> int:
    """Show them."""
    if args.markdown and (args.row or args.state):
        raise SettingError("--markdown is the whole page: leave out the row and --state")
    some = _asked_for(args)
    if args.json:
        print(json.dumps([asdict(row) for row in some], indent=2))
    elif args.markdown:
        print(markdown(some), end="")
    elif args.row:
        print("\n".join(_in_full(some[0])))
    else:
        print("\n".join([*map(_line, some), "", f"{len(some)} rows: {counted(some) or 'none'}"]))
    return 0


def _asked_for(args: argparse.Namespace) -> list[Row]:
    named = {row.name: row for row in rows()}
    if args.row is not None and args.row.upper() not in named:
        raise SettingError(f"no row is called {args.row!r}; {right_ones(args.row.upper(), named)}")
    some = [named[args.row.upper()]] if args.row else list(named.values())
    some = [row for row in some if args.state in (None, row.state)]
    if args.row and not some:
        raise SettingError(
            f"{args.row} is {named[args.row.upper()].state}, not {args.state}; leave --state out"
        )
    return some


def _line(row: Row) -> str:
    return f"{row.name:4} {row.state:10} {row.what}"


def _in_full(row: Row) -> list[str]:
    lines = [
        f"{row.name}: {row.what}",
        f"state    {row.state}: {STATES[row.state]}",
        f"command  {row.command}",
    ]
    if row.recipe:
        lines.append(f"recipe   {row.recipe}")
    if row.result:
        lines += [f"result   {row.result}", f"date     {row.date}", f"page     docs/{row.page}"]
    return lines
