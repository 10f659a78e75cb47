"""Small recipes of every feed and family, and learning from them in this process as `antiphon train` does."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tests.support.corpora import tiny_corpus
from training.feeds.feed import Share
from training.learning.checkpoint import RunFolder, tensors_in
from training.learning.learner import Learner
from training.learning.parallel import Company
from training.learning.train import learn
from training.recipes.recipe import Recipe, recipe_from
from training.run import Places, begin_run, resume_run

ALONE = Company(Share(), torch.device("cpu"))
TRUNK = {"kind": "lstm", "layers": 1, "width": 12}
EVENT = {"kind": "event", "trunk": TRUNK, "gap_size": 4, "key_size": 4, "velocity_size": 2, "head": 8}
SYMBOL = {"kind": "symbol", "trunk": TRUNK, "embedding": 6}
ROLL = {"kind": "roll", "trunk": TRUNK}
RBM = {"kind": "rbm", "steps": 12, "hidden": 16}
BIAXIAL = {"kind": "biaxial", "time_layers": 1, "time_width": 8, "note_layers": 1, "note_width": 8}
LANES = {"kind": "lanes", "lanes": 4, "window": 24}
WINDOWS = {"kind": "windows", "batch": 8, "window": 12, "predict": "last"}

# By what is learnt from: encoding, feed and model.
_KINDS: dict[str, dict[str, Any]] = {
    "event": {"data.feed": LANES, "model": EVENT},
    "note": {
        "data.encoding": "note",
        "data.feed": LANES,
        "model": {"kind": "note", "trunk": TRUNK, "head": 8},
    },
    "symbol": {"data.encoding": "pair", "data.feed": WINDOWS, "model": SYMBOL},
    "step": {"data.encoding": "step", "data.feed": WINDOWS, "model": {"kind": "step", "trunk": TRUNK}},
    "roll": {"data.encoding": "roll", "data.feed": LANES, "model": ROLL},
    "biaxial": {"data.encoding": "roll", "data.feed": LANES | {"lanes": 2}, "model": BIAXIAL},
    "rbm": {"data.encoding": "roll", "data.feed": WINDOWS, "model": RBM},
}


def small_tables() -> dict[str, Any]:
    """A recipe of twelve steps that logs every one of them."""
    return {
        "about": "made by a test",
        "row": "none",
        "takes": "nothing",
        "data": {"corpora": ["tiny"]},
        "learning": {"steps": 12, "rate": 1e-2, "schedule": {"kind": "constant"}},
        "log": {"every": 1, "validate_every": 6, "save_every": 4, "validation_rows": 200},
    }


def small_recipe_of(kind: str, changes: Mapping[str, Any] | None = None) -> Recipe:
    """A small recipe for a kind of model, with changes."""
    return recipe_from(small_tables(), "small", _KINDS[kind] | dict(changes or {}))


def recipe_file(places: Places, name: str, recipe: Recipe, beyond: str = "") -> str:
    """A recipe as a file beside the runs; `beyond` is TOML of what makes an experiment of it."""
    path = places.runs.parent / f"{name}.toml"
    path.write_text("\n".join([*_sections("", recipe.record()), beyond]))
    return str(path)


def _sections(name: str, table: Mapping[str, Any]) -> list[str]:
    within = {key: value for key, value in table.items() if isinstance(value, dict)}
    lines = [f"[{name}]"] if name else []
    lines += [f"{key} = {_toml(value)}" for key, value in table.items() if key not in within]
    for key, value in within.items():
        lines += _sections(f"{name}.{key}".lstrip("."), value)
    return lines


def _toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def home_in(folder: Path) -> Places:
    """A place for runs, with the tiny corpus."""
    tiny_corpus(folder)
    return Places(folder / "runs", folder / "corpora")


def learnt(places: Places, name: str, recipe: Recipe, *breaks: int) -> Learner:
    """A run to its end, broken off at these steps and gone on with from what was saved."""
    learner = begin_run(recipe, name, places, ALONE)
    for step in breaks:
        learn(learner, _to_nobody, until=step)
        learner = resume_run(name, places, ALONE)
    learn(learner, _to_nobody)
    return learner


def _to_nobody(line: str) -> None:
    del line


def curves(places: Places, name: str) -> list[dict[str, Any]]:
    """Every measurement of a run but for how fast it went."""
    rows = RunFolder.existing(places.runs / name).curves()
    return [
        {key: value for key, value in row.items() if key not in ("rows_a_second", "seconds")} for row in rows
    ]


def saved(places: Places, name: str) -> dict[str, Tensor]:
    """All tensors that a run has on disk: its checkpoint's and its result's."""
    folder = places.runs / name
    files = [*sorted((folder / "checkpoint").glob("*.safetensors")), folder / "model.safetensors"]
    return {f"{file.stem}.{tensor}": value for file in files for tensor, value in tensors_in(file).items()}


def check_same_run(places: Places, one: str, other: str) -> None:
    """Two runs kept the same curves, and left the same tensors behind, to the last bit."""
    assert curves(places, one) == curves(places, other)
    ours, theirs = saved(places, one), saved(places, other)
    assert ours.keys() == theirs.keys()
    different = [name for name, value in ours.items() if not torch.equal(value, theirs[name])]
    assert different == []
