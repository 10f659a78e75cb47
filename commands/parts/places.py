"""Options that say where things lie: one name for one meaning, whatever the command.

`--runs DIR` where runs lie, `--corpora DIR` where corpora lie, `--corpus FILE` one corpus, `--music FOLDER`
MIDI files. An option that had another name once is refused with the name of today.
"""

import argparse
from pathlib import Path
from typing import Any, NoReturn

RUNS, CORPORA = Path("runs"), Path("corpora")


def add_runs(parser: argparse.ArgumentParser) -> None:
    """Declare `--runs`."""
    parser.add_argument(
        "--runs", type=Path, default=RUNS, metavar="DIR", help="where runs lie (default: %(default)s)"
    )


def add_corpora(parser: argparse.ArgumentParser, default: str = str(CORPORA)) -> None:
    """Declare `--corpora`, which is None where it isn't given; `default` says what is taken then."""
    parser.add_argument("--corpora", type=Path, metavar="DIR", help=f"where corpora lie (default: {default})")


def add_corpus(parser: argparse.ArgumentParser, what: str) -> None:
    """Declare `--corpus`; `what` says what it is for."""
    parser.add_argument("--corpus", type=Path, metavar="FILE", help=what)


def add_music(parser: argparse.ArgumentParser, what: str, **options: Any) -> None:
    """Declare `--music`; `what` says what the folder holds."""
    parser.add_argument("--music", type=Path, metavar="FOLDER", help=what, **options)
    refuse_old_name(parser, "--data", "--music FOLDER")


def refuse_old_name(parser: argparse.ArgumentParser, old: str, now: str) -> None:
    """Whoever still says `old` is refused in one line that names the option of today."""

    class Refused(argparse.Action):
        def __call__(self, *_: Any, **__: Any) -> NoReturn:
            parser.exit(2, f"antiphon: {old} is no option of this command any more; say {now}\n")

    parser.add_argument(old, action=Refused, nargs="*", dest=argparse.SUPPRESS, help=argparse.SUPPRESS)
