"""An experiment: the recipes that one file makes, to be compared with one another.

Beyond one recipe a file may hold `small` (what changes so that it runs on two cores), `variants` (by name,
what each changes), `grid` (for each setting, the values that it takes in turn) and `seeds`. Changes are
`section.key` names with values; the small form may bring a grid and seeds of its own. Where a person says
the value of what is taken in turn, that one alone is taken. Must not know how a recipe is carried out.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from typing import Any

from music.settings import SettingError, right_ones
from training.recipes.memory_capacity import memory_changes
from training.recipes.recipe import Recipe, recipe_from
from training.recipes.recipe_files import EXPERIMENT, tables_of

Changes = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trial:
    """One of an experiment's recipes; its name distinguishes it from the others,
    and is empty where there is only one."""

    name: str
    recipe: Recipe


def trials(
    name: str, changes: Changes | None = None, *, is_small: bool = False, variant: str | None = None
) -> list[Trial]:
    """Every recipe of a file, or of one of its variants."""
    tables = tables_of(name)
    beyond = {key: tables.pop(key) for key in EXPERIMENT if key in tables}
    _check(name, beyond)
    small = dict(beyond.pop("small", {})) if is_small else {}
    if is_small and not small:
        raise SettingError(f"recipe {name}: it has no small form; leave --small out")
    for key in EXPERIMENT:
        if key in small:
            beyond[key] = small.pop(key)
    _check(name, beyond)
    changes = changes or {}
    beyond |= _said_alone(beyond, changes)
    made = [
        Trial(
            "-".join(words),
            recipe_from(tables, name, _in_turn(memory_changes(_in_turn(small, points)), changes)),
        )
        for words, points in _points(name, beyond, variant)
    ]
    twice = {trial.name for trial in made if sum(other.name == trial.name for other in made) > 1}
    if twice:
        raise SettingError(f"recipe {name}: two of its runs would be called {min(twice)}; take a value out")
    return made


def _check(name: str, beyond: Mapping[str, Any]) -> None:
    """An error unless what a file holds beyond one recipe has the form that it is read in."""
    for key in ("small", "variants", "grid"):
        if not isinstance(beyond.get(key, {}), Mapping):
            raise SettingError(f"recipe {name}: {key} is a section, not {beyond[key]!r}")
    for variant, changes in beyond.get("variants", {}).items():
        if not isinstance(changes, Mapping):
            raise SettingError(f"recipe {name}: variant {variant} is a section, not {changes!r}")
    lists = {f"grid: {key}": values for key, values in beyond.get("grid", {}).items()}
    for key, values in (lists | {"seeds": beyond.get("seeds", [0])}).items():
        if not isinstance(values, list) or not values:
            raise SettingError(f"recipe {name}: {key} is a list of values to take in turn, not {values!r}")


def _said_alone(beyond: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """Of what is taken in turn the value that is said, without the others: it would be each run's, and their
    names would lie."""
    grid = {
        key: [_as_one_of(values, changes[key])] if key in changes else values
        for key, values in beyond.get("grid", {}).items()
    }
    if "seeds" not in beyond or "seed" not in changes:
        return {"grid": grid}
    return {"grid": grid, "seeds": [_as_one_of(beyond["seeds"], changes["seed"])]}


def _as_one_of(values: Sequence[Any], said: Any) -> Any:
    """A value as a person says it, in the form of those that a file has."""
    for value in values:
        if str(value) == str(said):
            return value
    if isinstance(said, str) and type(values[0]) in (int, float):
        with suppress(ValueError):
            return type(values[0])(said)
    return said


def _points(
    name: str, beyond: Mapping[str, Any], wanted: str | None
) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Every point of variants x grid x seeds: words that name it, and what it changes."""
    variants = beyond.get("variants") or {"": {}}
    if wanted is not None:
        if wanted not in variants:
            raise SettingError(f"recipe {name} has no variant {wanted!r}; {right_ones(wanted, variants)}")
        variants = {wanted: variants[wanted]}
    grid, seeds = beyond.get("grid", {}), beyond.get("seeds", [])
    for (variant, changes), values, seed in product(
        variants.items(), product(*grid.values()), seeds or [None]
    ):
        point = dict(zip(grid, values, strict=True))
        words = [variant] if variant else []
        words += [f"{key.rsplit('.', 1)[-1]}{value}" for key, value in point.items()]
        if seed is not None:
            words.append(f"seed{seed}")
            point["seed"] = seed
        yield words, _in_turn(changes, point)


def _in_turn(*each: Changes) -> dict[str, Any]:
    """Changes one after another. What is said again takes its place at the end: else a whole section that was
    said between would undo it."""
    made: dict[str, Any] = {}
    for changes in each:
        for key, value in changes.items():
            made.pop(key, None)
            made[key] = value
    return made
