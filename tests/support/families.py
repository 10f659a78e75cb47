"""Runs of every family and trunk, small enough to be exported in seconds, of weights by chance."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from music.tokens.encoding import Encoding
from tests.support.models import CORPUS_RECORD
from tests.support.phrases import improvised
from training.learning.checkpoint import RunFolder
from training.models.catalogue import model_for
from training.recipes.recipe import Recipe, recipe_named

LSTM = {"kind": "lstm", "layers": 1, "width": 6}
TRUNKS: dict[str, dict[str, Any]] = {
    "lstm": LSTM | {"layers": 2},
    "normed": LSTM | {"layers": 2, "batch_norm": True},
    "gru": LSTM | {"kind": "gru", "layers": 2},
    "rnn": LSTM | {"kind": "rnn"},
    "linear": {"kind": "linear", "layers": 2, "width": 6},
    "ring": {"kind": "ring", "layers": 1, "width": 6, "ring": 5, "heads": 2},
    "channel": {"kind": "attention", "layers": 1, "width": 6},
    "step": {"kind": "attention", "layers": 1, "width": 6, "weights": "scalar"},
    "conv": {"kind": "conv-lstm", "channels": 4, "kernel": 3, "layers": 1, "width": 6, "distributed": 5},
    "bidirectional": {"kind": "bidirectional", "layers": 1, "width": 4, "window": 5},
}
_SIZES = {"gap_size": 2, "velocity_size": 2, "head": 4}
_SYMBOL = {"kind": "symbol", "trunk": LSTM, "embedding": 3}
_ROLL = {"kind": "roll", "trunk": LSTM}
WINDOWS = {"kind": "windows", "batch": 8, "window": 6, "predict": "last"}
FAMILIES: dict[str, dict[str, Any]] = {
    "event": {"model": {"kind": "event", "trunk": LSTM, "key_size": 2, **_SIZES}},
    "note": {
        "data.encoding": "note",
        "model": {"kind": "note", "trunk": LSTM, "pitch_size": 2, "length_size": 2, **_SIZES},
    },
    "symbol": {"data.encoding": "performance", "model": _SYMBOL},
    "one-hot": {"data.encoding": "performance", "model": {"kind": "symbol", "trunk": LSTM, "embedding": 0}},
    "pair": {"data.encoding": "pair", "model": _SYMBOL | {"format_filter": True}},
    "message": {"data.encoding": "message", "model": _SYMBOL},
    "chord": {"data.encoding": "chord", "model": _SYMBOL},
    "character": {"data.encoding": "character", "model": _SYMBOL},
    "roll-token": {"data.encoding": "roll-token", "model": _SYMBOL},
    "windows": {
        "data.encoding": "performance",
        "data.feed": WINDOWS,
        "model": _SYMBOL,
    },
    "growing": {
        "data.encoding": "performance",
        "data.feed": WINDOWS | {"predict": "all"},
        "model": _SYMBOL,
    },
    "cold": {
        "data.encoding": "note",
        "data.feed": {"kind": "lanes", "lanes": 2, "window": 5, "carry": False},
        "model": {"kind": "note", "trunk": LSTM, "pitch_size": 2, "length_size": 2, **_SIZES},
    },
    "step": {
        "data.encoding": "step",
        "model": {"kind": "step", "trunk": LSTM, "pitch_size": 3, "mixture": 2},
    },
    "squared": {
        "data.encoding": "step",
        "data.feed": WINDOWS,
        "model": {"kind": "step", "trunk": LSTM, "pitch_size": 3, "times": "squared"},
    },
    "sigmoid": {"data.encoding": "roll", "model": _ROLL},
    "strikes": {
        "data.encoding": "roll",
        "model": _ROLL | {"strikes": True, "reads": "embeddings", "embedding": 4},
    },
    "nade": {"data.encoding": "roll", "model": _ROLL | {"head": "nade", "nade_width": 4}},
    "biaxial": {
        "data.encoding": "roll",
        "model": {"kind": "biaxial", "time_layers": 1, "time_width": 6, "note_layers": 1, "note_width": 4},
    },
    "deep": {
        "data.encoding": "roll",
        "model": {"kind": "biaxial", "time_layers": 2, "time_width": 6, "note_layers": 2, "note_width": 4},
    },
    "rbm": {
        "data.encoding": "roll",
        "data.feed": WINDOWS,
        "model": {"kind": "rbm", "steps": 6, "hidden": 4, "lowest": 21, "notes": 88},
    },
}


def family_recipe(family: str, trunk: str | None = None, changes: Mapping[str, Any] | None = None) -> Recipe:
    """A recipe of a family, with another trunk."""
    whole = (
        {"data.feed": {"kind": "lanes", "lanes": 2, "window": 12}} | FAMILIES[family] | dict(changes or {})
    )
    if trunk is not None:
        whole["model"] = whole["model"] | {"trunk": TRUNKS[trunk]}
    return recipe_named("tiny", whole)


def fitted(recipe: Recipe) -> Encoding:
    """The encoding of a recipe, an open vocabulary learnt from music made by rule."""
    return recipe.data.unfitted().fitted([improvised(seed, notes=60, pedal=False) for seed in (1, 2)])


def family_run(
    runs: Path, family: str, trunk: str | None = None, changes: Mapping[str, Any] | None = None
) -> RunFolder:
    """A run as `antiphon train` leaves it."""
    recipe = family_recipe(family, trunk, changes)
    encoding = fitted(recipe)
    record = {
        "recipe": recipe.record(),
        "data": [CORPUS_RECORD],
        "tier": "own",
        "encoding_fingerprint": encoding.fingerprint,
        "source_commit": "0123abcd",
        "torch": torch.__version__,
    }
    folder = RunFolder.new(runs / f"{family}-{trunk or 'own'}", record)
    folder.save_vocabulary(encoding.symbols_learnt or ())
    torch.manual_seed(1)
    folder.save_model(model_for(recipe.model, encoding))
    return folder
