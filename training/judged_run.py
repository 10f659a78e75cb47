"""A run on disk as something to be judged: its best weights, and the same model before it learnt."""

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

import torch

from music.encodings.encoding import Encoding
from music.settings import SettingError
from training.checkpoint import RunFolder, load_weights
from training.evaluation.answerer import Answerer
from training.evaluation.judge import Judged
from training.event_scorer import EventScorer
from training.models.event_model import EventModel, EventModelSettings, build
from training.recipe import Recipe, recipe_from
from training.run import device_named


def judged_run(folder: RunFolder, device: str, answering: Callable[[], Answerer] | None = None) -> Judged:
    """The run's best model so far; a run that has none yet is an error. `answering` makes it play."""
    told = folder.told
    recipe = recipe_from(told["recipe"], folder.path.name, {})
    encoding = recipe.data.unfitted()
    on = device_named(device)
    untrained, model = _untrained(recipe, encoding, on), _untrained(recipe, encoding, on)
    if not folder.model.exists():
        raise SettingError(
            f"{folder.path}: it has no model yet, for it was never measured on held-out pieces; "
            f"go on with it (antiphon train --resume {folder.path.name})"
        )
    load_weights(model, folder.model)
    about = {
        "name": folder.path.name,
        "hash": _hash_of(folder.model),
        "tier": told["tier"],
        "weights": sum(value.numel() for value in model.parameters()),
        "encoding": encoding.name,
        "encoding_fingerprint": encoding.fingerprint,
        "learnt_from": told["data"],
        "source_commit": told["source_commit"],
        "runtime": f"torch {torch.__version__}, {on}",
    }
    return Judged(about, EventScorer(model), EventScorer(untrained), answering)


def _untrained(recipe: Recipe, encoding: Encoding, device: torch.device) -> EventModel:
    """The model as the run began, unless it began with another's weights."""
    if not isinstance(recipe.model, EventModelSettings):
        raise SettingError(
            f"a model of kind {recipe.model.kind!r} can't be judged event by event; take a run of model.kind=event"
        )
    torch.manual_seed(recipe.seed)
    return build(recipe.model, encoding).to(device)


def _hash_of(path: Path) -> str:
    return blake2b(path.read_bytes(), digest_size=8).hexdigest()
