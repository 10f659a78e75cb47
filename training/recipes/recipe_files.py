"""Recipes as files: which there are, and what stands in them, unread.

Must not know what can be chosen, nor import what learns: listing which recipes there are takes no time.
"""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from music.settings import SettingError, right_ones, why_unreadable

EXPERIMENT = ("small", "variants", "grid", "seeds")  # what a file holds beyond one recipe


def recipe_names() -> list[str]:
    """The recipes that come with Antiphon."""
    folder = resources.files("training") / "recipes"
    return sorted(Path(file.name).stem for file in folder.iterdir() if file.name.endswith(".toml"))


def tables_of(name: str) -> dict[str, Any]:
    """A recipe's file as it stands."""
    if name.endswith(".toml"):
        text = _text_of(Path(name))
    elif name in recipe_names():
        text = (resources.files("training") / "recipes" / f"{name}.toml").read_text(encoding="utf-8")
    else:
        raise SettingError(f"no recipe is called {name!r}; {right_ones(name, recipe_names())}")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"recipe {name}: not TOML: {error}") from None
    except RecursionError:
        raise SettingError(f"recipe {name}: its brackets are too deep for any setting") from None


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: can't be read: {why_unreadable(error)}") from None


def variant_names(name: str) -> list[str]:
    """The variants of a file."""
    return list(tables_of(name).get("variants", {}))


def has_small_form(name: str) -> bool:
    """Whether a file has a small form."""
    return bool(tables_of(name).get("small"))
