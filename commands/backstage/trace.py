"""`antiphon trace`: what the performer took in, as `antiphon play --trace FILE` wrote it, made into a test.

Where a promise of the performer's is broken in it, the test is cut down to the few events that break it.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from commands.parts.refusal import refusing

if TYPE_CHECKING:
    from realtime.kept.traced import Taken

EXAMPLES = """\
  antiphon play --trace evening.trace
  antiphon trace evening.trace
  antiphon trace evening.trace --to tests/realtime/performer/test_evening.py

  The performer always does the same with the same events. Without --to, this says whether it keeps its
  promises: it never fails, leaves no note of the model's hanging, sends on all that is the player's, and
  nothing keeps a phrase from ending."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("trace", type=Path, metavar="FILE", help="a trace")
    parser.add_argument("--to", type=Path, metavar="TEST.py", help="write the test for pytest here")
    parser.add_argument(
        "--as-it-does",
        action="store_true",
        help="with --to: the test also holds all that is sent by now, where every promise is kept",
    )


@refusing
def run(args: argparse.Namespace) -> int:
    """Say what there is; 1 where a promise is broken, 2 where it can't be said."""
    from music.settings import SettingError, why_unreadable
    from realtime.kept.traced import broken_in, shortest, taken_from

    if args.as_it_does and args.to is None:
        raise SettingError("--as-it-does is for --to")
    try:
        taken = taken_from(args.trace)
    except (OSError, UnicodeDecodeError) as reason:
        raise SettingError(f"{args.trace}: can't be read: {why_unreadable(reason)}") from reason
    broken = broken_in(taken)
    print(f"{len(taken)} events: {broken or 'all promises are kept'}")
    if args.to is not None:
        _write(shortest(taken) if broken else taken, args, as_it_does=args.as_it_does and broken is None)
    return int(broken is not None)


def _write(taken: "list[Taken]", args: argparse.Namespace, *, as_it_does: bool) -> None:
    from music.whole_file import write_whole
    from realtime.kept.pinned import written

    write_whole(args.to, written(taken, args.trace.name, as_it_does=as_it_does).encode())
    print(f"written: {args.to}, with {len(taken)} events")
