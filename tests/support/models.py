"""Runs and model files that tests make in a second, of weights by chance or sharpened."""

from collections.abc import Mapping
from pathlib import Path

import torch

from music.encodings.event import EventEncoding
from training.learning.checkpoint import RunFolder
from training.models.event_model import EventModel, EventModelSettings
from training.recipes.recipe import Recipe, recipe_named

SMALL = {
    "model.trunk.layers": "2",
    "model.trunk.width": "32",
    "model.gap_size": "8",
    "model.key_size": "8",
    "model.velocity_size": "4",
    "model.head": "16",
}
LISTENING = SMALL | {"model.listens": "true"}
CORPUS_RECORD = {"name": "made", "tier": "own", "licence": "ours", "credit": "us", "hash": "00", "pieces": 1}


def small_recipe(changes: Mapping[str, str] = SMALL) -> Recipe:
    """A recipe whose model is made in no time."""
    return recipe_named("tiny", changes)


def small_model(seed: int = 1, changes: Mapping[str, str] = SMALL) -> EventModel:
    """A model with opinions: weights by chance, enlarged so that its choices are far from even."""
    torch.manual_seed(seed)
    settings = small_recipe(changes).model
    assert isinstance(settings, EventModelSettings)
    model = EventModel(settings).eval()
    with torch.no_grad():
        for out in (model.gap_out, model.key_out, model.velocity_out):
            out.weight *= 6.0
    return model


def small_run(runs: Path, name: str = "small", changes: Mapping[str, str] = SMALL) -> RunFolder:
    """A run as `antiphon train` leaves it."""
    record = {
        "recipe": small_recipe(changes).record(),
        "data": [CORPUS_RECORD],
        "tier": "own",
        "encoding_fingerprint": EventEncoding().fingerprint,
        "source_commit": "0123abcd",
        "torch": torch.__version__,
    }
    folder = RunFolder.new(runs / name, record)
    folder.save_model(small_model(changes=changes))
    return folder
