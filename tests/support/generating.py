"""Runs of every family as `antiphon generate` finds them, of random weights that make uneven choices."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from tests.support.phrases import improvised
from training.learning.checkpoint import RunFolder
from training.models.model import Model
from training.opened_run import untrained
from training.recipes.recipe import Recipe, recipe_from

LSTM = {"kind": "lstm", "layers": 1, "width": 16}
FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "event": (
        "event",
        {"kind": "event", "trunk": LSTM, "gap_size": 4, "key_size": 4, "velocity_size": 4, "head": 8},
    ),
    "note": ("note", {"kind": "note", "trunk": LSTM, "head": 8}),
    "step": ("step", {"kind": "step", "trunk": LSTM}),
    "pair": ("pair", {"kind": "symbol", "trunk": LSTM, "embedding": 8}),
    "performance": ("performance", {"kind": "symbol", "trunk": LSTM, "embedding": 8}),
    "character": ("character", {"kind": "symbol", "trunk": LSTM, "embedding": 8}),
    "message": ("message", {"kind": "symbol", "trunk": LSTM, "embedding": 8}),
    "chord": ("chord", {"kind": "symbol", "trunk": LSTM, "embedding": 8}),
    "roll-token": ("roll-token", {"kind": "symbol", "trunk": LSTM, "embedding": 8}),
    "roll": ("roll", {"kind": "roll", "trunk": LSTM}),
    "biaxial": (
        "roll",
        {
            "kind": "biaxial",
            "time_layers": 1,
            "time_width": 8,
            "note_layers": 1,
            "note_width": 8,
            "lowest": 60,
            "notes": 6,
        },
    ),
    "rbm": ("roll", {"kind": "rbm", "hidden": 16}),
}


def recipe_of_family(family: str, data: Mapping[str, Any] | None = None) -> Recipe:
    """A recipe for a small model of that family; `data` is said besides."""
    encoding, model = FAMILIES[family]
    tables = {
        "about": "made by a test",
        "row": "none",
        "takes": "nothing",
        "data": {"corpora": ["none"], "encoding": encoding, **(data or {})},
        "model": model,
        "learning": {"steps": 1},
    }
    return recipe_from(tables, family, {})


def made_run(runs: Path, family: str, name: str = "", **data: Any) -> RunFolder:
    """A run as `antiphon train` leaves it; an open vocabulary has been learnt from a phrase of the tests."""
    recipe = recipe_of_family(family, data)
    encoding = recipe.data.unfitted()
    encoding = encoding.fitted([improvised(1)])
    record = {
        "recipe": recipe.record(),
        "data": [],
        "tier": "own",
        "encoding_fingerprint": encoding.fingerprint,
        "source_commit": "0123abcd",
    }
    folder = RunFolder.new(runs / (name or family), record)
    folder.save_vocabulary(encoding.symbols_learnt or ())
    folder.save_model(opinionated(untrained(recipe, encoding, torch.device("cpu"))))
    return folder


def opinionated(model: Model) -> Model:
    """The model with larger weights, those that read the past above all; a machine over windows stays as fond
    of silence as it was, or it would play nothing else."""
    of_a_machine = {"visible_bias": 1.0, "weights": 100.0}
    with torch.no_grad():
        for name, weights in model.named_parameters():
            weights.mul_(of_a_machine.get(name, 3.0))
        for layer in model.modules():
            if isinstance(layer, torch.nn.Linear):
                layer.weight.mul_(2.0)
    return model
