"""A recipe: one experiment in a TOML file. Unknown names are errors that tell the nearest right one.

Knows what can be chosen and what the defaults are. Must not know how it is carried out.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from music.settings import SettingError, right_ones, settings_from
from training.augmentation import UNCHANGED, Augmentation
from training.models.event_model import EventModelSettings


@dataclass(frozen=True, slots=True)
class DataSettings:
    """Which corpora are learnt from, how they are written down, and how they are varied."""

    corpora: tuple[str, ...]
    encoding: str = "event"
    lanes: int = 32
    window: int = 256
    stretches: tuple[float, ...] = UNCHANGED.stretches
    semitones: tuple[int, ...] = UNCHANGED.semitones

    @property
    def augmentation(self) -> Augmentation:
        """The variants of each piece."""
        return Augmentation(self.stretches, self.semitones)


@dataclass(frozen=True, slots=True)
class LearningSettings:
    """The optimiser and its schedule: a rise over `warmup` steps, then half a cosine down to `last_rate`.

    `precision` is what products are reckoned in; weights and their sums stay in float32.
    """

    steps: int
    rate: float = 2e-3
    last_rate: float = 1e-5
    warmup: int = 200
    weight_decay: float = 0.01
    clip: float = 1.0
    precision: Literal["float32", "bfloat16"] = "float32"


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How often the run tells its loss, measures itself on held-out pieces, and saves itself; in steps."""

    every: int = 20
    validate_every: int = 500
    validation_events: int = 40_000
    save_every: int = 200


@dataclass(frozen=True, slots=True)
class Recipe:
    """One experiment. `row` names what it belongs to; `takes` says in words what it needs."""

    about: str
    row: str
    takes: str
    data: DataSettings
    learning: LearningSettings
    model: EventModelSettings = field(default_factory=EventModelSettings)
    log: LogSettings = field(default_factory=LogSettings)
    seed: int = 1

    def told(self) -> dict[str, Any]:
        """Everything chosen, as JSON can hold it."""
        return asdict(self)


def recipe_names() -> list[str]:
    """The recipes that come with Antiphon."""
    folder = resources.files("training") / "recipes"
    return sorted(Path(file.name).stem for file in folder.iterdir() if file.name.endswith(".toml"))


def recipe_named(name: str, changes: Mapping[str, str] | None = None) -> Recipe:
    """The recipe of that name, or in that file, with `section.key` changes."""
    return recipe_from(_tables(name), name, changes or {})


def recipe_from(tables: Mapping[str, Any], name: str, changes: Mapping[str, str]) -> Recipe:
    """A recipe from its tables."""
    changed = {key: dict(value) if isinstance(value, Mapping) else value for key, value in tables.items()}
    for path, value in changes.items():
        *sections, key = path.split(".")
        table = changed
        for section in sections:
            table = table.setdefault(section, {})
            if not isinstance(table, dict):
                raise SettingError(f"recipe {name}: {section!r} is no section, so {path!r} can't be set")
        table[key] = value
    return settings_from(Recipe, changed, f"recipe {name}")


def _tables(name: str) -> dict[str, Any]:
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


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path}: can't be read: {error}") from None
