"""Errors that a person can put right, told in one line; and `KEY=VALUE` words as settings."""

import argparse
import sys
from collections.abc import Callable
from functools import wraps

from music.midi.files import MidiFileError
from music.settings import SettingError

_TELLING = (SettingError, MidiFileError, OSError)


def refusing(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """The same command, with an error of the person's told in one line and exit status 2."""

    @wraps(run)
    def told(args: argparse.Namespace) -> int:
        try:
            return run(args)
        except BrokenPipeError:
            raise
        except _TELLING as error:
            print(f"antiphon: {error}", file=sys.stderr)
            return 2

    return told


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
