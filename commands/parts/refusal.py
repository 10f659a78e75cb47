"""Errors that a person can put right, said in one line; and `KEY=VALUE` words as settings."""

import argparse
import sys
from collections.abc import Callable
from functools import wraps

from music.midi.files import MidiFileError
from music.settings import SettingError
from music.whole_file import NO_ROOM

_REFUSED = (SettingError, MidiFileError, OSError)


def refusing(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """The same command, but an error that the person can put right ends in one line and exit status 2."""

    @wraps(run)
    def refuse_or_run(args: argparse.Namespace) -> int:
        try:
            return run(args)
        except BrokenPipeError:
            raise
        except _REFUSED as error:
            print(f"antiphon: {said_of(error)}", file=sys.stderr)
            return 2

    return refuse_or_run


def said_of(error: Exception) -> str:
    """An error in words, without the system's number for it, and what to do about a full disk."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    about = "" if error.filename is None else f"{error.filename}: "
    remedy = "; make room, or write elsewhere, and try again" if error.errno in NO_ROOM else ""
    return f"{about}{error.strerror[0].lower()}{error.strerror[1:]}{remedy}"


def add_settings_option(parser: argparse.ArgumentParser, what: str) -> None:
    """Declare `--set KEY=VALUE`, which `settings_of` reads; `what` is what it changes."""
    parser.add_argument(
        "--set", dest="settings", action="append", default=[], metavar="KEY=VALUE", help=f"{what}; repeatable"
    )


def settings_of(words: list[str]) -> dict[str, str]:
    """`KEY=VALUE` words as settings."""
    settings = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise SettingError(f"--set takes KEY=VALUE, not {word!r}")
        settings[name.replace("-", "_")] = value
    return settings
