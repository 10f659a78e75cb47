"""A run from its beginning: what it records of itself, begun and gone on with, and what came of it as a model to use.

Must not know the command line or the loop.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from music.encodings.catalogue import encoding_named
from music.encodings.encoding import Encoding, OpenEncoding
from music.settings import SettingError
from training.checkpoint import RunFolder, load_weights, precisions_told
from training.corpus import Corpus, strictest
from training.learner import Learner, learner_for
from training.manner import manner_of
from training.models.catalogue import model_for
from training.models.model import Model
from training.parallel import Company
from training.progress import measure_of
from training.recipe import Recipe, recipe_from
from training.token_pieces import encoded, fitted


@dataclass(frozen=True, slots=True)
class Places:
    """Where runs and corpora lie."""

    runs: Path
    data: Path

    def corpora(self, recipe: Recipe) -> list[Corpus]:
        """The recipe's corpora."""
        return [Corpus(self.data / f"{name}.safetensors") for name in recipe.data.corpora]


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a run: its best weights so far in a model, and what it reads."""

    folder: RunFolder
    recipe: Recipe
    encoding: Encoding
    model: Model


def begun(recipe: Recipe, name: str, places: Places, company: Company, init: Path | None = None) -> Learner:
    """A new run."""
    folder = RunFolder(places.runs / name)
    with company.first_before_others():
        if company.is_first:
            folder.check_is_free(folder.path)
        corpora = places.corpora(recipe)
        encoding = fitted(
            recipe.data.unfitted(), corpora, recipe.data.transform, recipe.data.most_symbols or None
        )
        on_paper(recipe, encoding)  # what can't be read is told before music is encoded
        learner = learner_for(recipe, folder, corpora, encoding, company, resumed=False)
        if recipe.log.needs_unseen:  # told now and not when it is done
            encoded(corpora, encoding, "test", recipe.data.transform)
        if init:
            load_weights(learner.model, init)
        if company.is_first:  # all that can be wrong has been told: now it is written
            told = told_of(recipe, corpora, encoding) | {
                "precisions": precisions_told([(0, learner.precision)])
            }
            RunFolder.new(folder.path, told | _manner_told(learner))
            folder.save_vocabulary(getattr(encoding, "learnt", ()))
    return learner


def gone_on_with(name: str, places: Places, company: Company) -> Learner:
    """A run as its checkpoint left it."""
    folder = RunFolder.existing(places.runs / name)
    told = folder.told
    recipe = recipe_of(folder)
    corpora = places.corpora(recipe)
    for corpus, before in zip(corpora, told["data"], strict=True):
        if corpus.description.hash != before["hash"]:
            raise SettingError(
                f"{corpus.path}: not the corpus that the run began with (hash {corpus.description.hash}, then "
                f"{before['hash']}); begin a new run with --init {folder.model}"
            )
    with company.first_before_others():
        learner = learner_for(recipe, folder, corpora, encoding_of(folder), company, resumed=True)
        if company.is_first:
            folder.note_precision(learner.step, learner.precision)
    return learner


def trained(folder: RunFolder, device: torch.device) -> Trained:
    """The run's best model so far, ready to be used; a run that has none yet is an error."""
    recipe, encoding = recipe_of(folder), encoding_of(folder)
    if not folder.model.exists():
        raise SettingError(
            f"{folder.path}: it has no model yet, for it was never measured on held-out pieces; "
            f"go on with it (antiphon train --resume {folder.path.name})"
        )
    model = untrained(recipe, encoding, device)
    load_weights(model, folder.model)
    return Trained(folder, recipe, encoding, model.eval())


def untrained(recipe: Recipe, encoding: Encoding, device: torch.device) -> Model:
    """The model as the run began, unless it began with another's weights."""
    torch.manual_seed(recipe.seed)
    return model_for(recipe.model, encoding).to(device)


def recipe_of(folder: RunFolder) -> Recipe:
    """What was asked of a run."""
    told = folder.told
    try:
        return recipe_from(told["recipe"], folder.path.name, {})
    except SettingError as error:
        raise SettingError(
            f"{folder.path}: its recipe can't be read here ({error}), for another version of Antiphon wrote it: "
            f"{told.get('source_commit', 'unknown')}; use that version, or begin a new run"
        ) from None


def encoding_of(folder: RunFolder) -> Encoding:
    """What a run's model reads, with the vocabulary that it learnt."""
    told = folder.told
    encoding = encoding_from(told["recipe"]["data"], folder.vocabulary())
    if encoding.fingerprint != told["encoding_fingerprint"]:
        raise SettingError(
            f"{folder.path}: it reads {encoding.name} with the fingerprint {told['encoding_fingerprint']}, and this version of "
            f"Antiphon writes {encoding.fingerprint}; train it anew, or use the version {told['source_commit']}"
        )
    return encoding


def encoding_from(data: Mapping[str, Any], learnt: Sequence[str]) -> Encoding:
    """An encoding by its name, its settings and what it learnt."""
    encoding = encoding_named(data["encoding"], **data.get("encoding_settings", {}))
    return replace(encoding, learnt=tuple(learnt)) if isinstance(encoding, OpenEncoding) else encoding


def on_paper(recipe: Recipe, encoding: Encoding) -> Model:
    """The model without weights, made in no time: its shapes and its words."""
    with torch.device("meta"):
        return model_for(recipe.model, encoding)


def told_of(recipe: Recipe, corpora: Sequence[Corpus], encoding: Encoding) -> dict[str, Any]:
    """What a run records before it begins, of what was asked; `measure` is what its losses are of."""
    descriptions = [corpus.description for corpus in corpora]
    data = [
        {
            "name": told.name,
            "tier": told.tier,
            "licence": told.licence,
            "credit": told.credit,
            "hash": told.hash,
            "pieces": len(told.pieces),
        }
        for told in descriptions
    ]
    told = {
        "recipe": recipe.told(),
        "data": data,
        "tier": strictest([told.tier for told in descriptions]),
        "encoding_fingerprint": encoding.fingerprint,
        "measure": measure_of(on_paper(recipe, encoding)),
        "source_commit": _commit(),
        "torch": torch.__version__,
    }
    return json.loads(json.dumps(told))  # type: ignore[no-any-return]


def _manner_told(learner: Learner) -> dict[str, Any]:
    """Of events alone: a live instrument hears its player in this manner."""
    return {"manner": manner_of(learner.pieces)} if learner.encoding.name == "event" else {}


def device_named(name: str) -> torch.device:
    """The device to learn on: `auto` takes a GPU where there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise SettingError("no CUDA device can be used here; say --device cpu")
    return torch.device(name)


def _commit() -> str:
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"
