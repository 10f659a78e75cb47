"""A run on disk as something to be judged: its best weights, and the same model before it learnt."""

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

import torch

from evaluation.answering.answerer import Answerer
from evaluation.judge import Judged
from music.settings import SettingError
from training.models.event_model import EventModel
from training.models.event_scorer import EventScorer
from training.opened_run import OpenedRun, untrained
from training.run import device_named


def judged_run(run: OpenedRun, device: str, answering: Callable[[], Answerer] | None = None) -> Judged:
    """The run's best model so far. `answering` makes it play."""
    on = device_named(device)
    before, model = _untrained(run, on), _untrained(run, on)
    run.put_weights(model)
    about = {
        "name": run.folder.path.name,
        "hash": _hash_of(run.weights),
        "tier": run.record["tier"],
        "weights": sum(value.numel() for value in model.parameters()),
        "encoding": run.encoding.name,
        "encoding_fingerprint": run.encoding.fingerprint,
        "learnt_from": [*run.record["data"], *run.record.get("stages", ())],
        "source_commit": run.record["source_commit"],
        "runtime": f"torch {torch.__version__}, {on}",
    }
    return Judged(about, EventScorer(model), EventScorer(before), answering)


def _untrained(run: OpenedRun, device: torch.device) -> EventModel:
    model = untrained(run.recipe, run.encoding, device)
    if not isinstance(model, EventModel):
        raise SettingError(
            f"a model of kind {run.recipe.model.kind!r} can't be judged event by event; judge it "
            "row by row: antiphon evaluate RUN"
        )
    return model


def _hash_of(path: Path) -> str:
    return blake2b(path.read_bytes(), digest_size=8).hexdigest()
