"""Options from a TOML file: the same names and values as on the command line, which goes first.

A setting is a long option without its dashes: `temperature = 0.9`, `in = ["keystation"]`, `no-thru = true`.
What the file says is read by the same parser as the options, so nothing is declared twice. Must not know what
the options mean.
"""

import argparse
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from music.settings import SettingError, right_ones, why_unreadable

_NOT_IN_A_FILE = ("help", "config")


def with_config(parser: argparse.ArgumentParser, said: Sequence[str], path: Path) -> argparse.Namespace:
    """The options said on the command line, and for those left out there what the file says."""
    settings = _settings(path)
    actions = _by_name(parser)
    for name in settings:
        if name not in actions:
            raise SettingError(f"{path}: no setting is called {name!r}; {right_ones(name, actions)}")
    spoken = _spoken(parser, said)
    words: list[str] = []
    for name, value in settings.items():
        if actions[name].dest not in spoken:
            words += _words(path, name, actions[name], value)
    return _parsed(parser, [*words, *said], path)


def _settings(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: can't be read: {why_unreadable(error)}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{path}: not TOML: {error}") from None
    except RecursionError:
        raise SettingError(
            f"{path}: its brackets are too deep; a setting is a number, a word or a list"
        ) from None


def _by_name(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    return {
        option.removeprefix("--"): action
        for action in parser._actions
        for option in action.option_strings
        if option.startswith("--") and option.removeprefix("--") not in _NOT_IN_A_FILE
    }


def _spoken(parser: argparse.ArgumentParser, said: Sequence[str]) -> set[str]:
    """Which options were said."""
    silent = argparse.Namespace(**{action.dest: _UNSAID for action in parser._actions})
    for action in parser._actions:
        if isinstance(getattr(action, "default", None), list | dict):
            setattr(silent, action.dest, None)
    given = parser.parse_args(said, silent)
    return {name for name, value in vars(given).items() if value is not _UNSAID and value is not None}


_UNSAID = object()


def _words(path: Path, name: str, action: argparse.Action, value: Any) -> list[str]:
    """A setting as it would be said on the command line."""
    option = f"--{name}"
    if action.nargs == 0:
        if not isinstance(value, bool):
            raise SettingError(f"{path}: {name} is true or false, not {value!r}")
        return [option] if value else []
    if isinstance(value, dict):
        return [word for key, inner in value.items() for word in (option, f"{key}={inner}")]
    values = value if isinstance(value, list) else [value]
    if any(isinstance(inner, bool | dict | list) for inner in values):
        raise SettingError(f"{path}: {name} is a number or a word, not {value!r}")
    return [f"{option}={inner}" for inner in values]


def _parsed(parser: argparse.ArgumentParser, words: list[str], path: Path) -> argparse.Namespace:
    def refuse(message: str) -> None:
        raise SettingError(f"{path}, or the command line: {message}")

    parser.error = refuse  # type: ignore[method-assign, assignment]
    return parser.parse_args(words)
