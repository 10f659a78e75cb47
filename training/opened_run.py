"""The one way into a run on disk: its recipe, what it reads, and its best weights, or a refusal that says
what to do.

Knows run folders, recipes, encodings and weights. Must not know the command line or the loop.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from music.settings import SettingError
from music.tokens.encoding import Encoding
from training.learning.beginning import MODEL_FILE
from training.learning.checkpoint import RunFolder, load_weights
from training.models.catalogue import model_for
from training.models.model import Model
from training.recipes.recipe import Recipe, recipe_from

_FILES = (".safetensors", MODEL_FILE)


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """A run whose record this version reads. `record` is its `run.json`;
    its weights haven't been looked at."""

    folder: RunFolder
    record: Mapping[str, Any]
    recipe: Recipe
    encoding: Encoding

    @property
    def weights(self) -> Path:
        """The file of the best weights so far; a run that has none yet is an error."""
        if not self.folder.model.is_file():
            raise SettingError(
                f"{self.folder.path}: it has no model yet, for it was never measured on held-out pieces; "
                f"go on with it (antiphon train --resume {self.folder.path.name})"
            )
        return self.folder.model

    def corpora(self, otherwise: Path) -> Path:
        """Where its corpora lie: where they lay when it began, or in the other folder."""
        names = self.recipe.data.corpora
        places = [Path(str(self.record.get("corpora", otherwise))), otherwise]
        for place in places:
            if all((place / f"{name}.safetensors").is_file() for name in names):
                return place
        raise SettingError(
            f"{self.folder.path}: the music that it learns from ({', '.join(names)}) isn't in "
            f"{' nor in '.join(dict.fromkeys(map(str, places)))}; say where it lies (--corpora DIR), "
            "or make it: antiphon data prepare"
        )

    def put_weights(self, model: nn.Module) -> None:
        """Give a model the best weights so far."""
        load_weights(model, self.weights)


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a run: its best weights so far in a model, and what it reads."""

    folder: RunFolder
    recipe: Recipe
    encoding: Encoding
    model: Model


def opened(path: Path) -> OpenedRun:
    """The run in a folder; one that this version can't read as it was written is an error."""
    folder = RunFolder.existing(path)
    record = folder.record
    _check_holds(record, folder, "recipe", "data")
    written_by = str(record.get("source_commit", ""))
    recipe = recipe_read(record["recipe"], path, written_by)
    _check_holds(
        record, folder, "tier", "encoding_fingerprint", "source_commit"
    )  # which runs of old may lack
    encoding = _encoding_of(folder, recipe)
    if encoding.fingerprint != record["encoding_fingerprint"]:
        raise SettingError(
            f"{path}: it reads {encoding.name} with the fingerprint {record['encoding_fingerprint']}, "
            "and this version of "
            f"Antiphon writes {encoding.fingerprint}; train it anew, or use the version {written_by}"
        )
    return OpenedRun(folder, record, recipe, encoding)


def trained(folder: RunFolder, device: torch.device) -> Trained:
    """The run's best model so far, ready to be used."""
    run = opened(folder.path)
    model = untrained(run.recipe, run.encoding, device)
    run.put_weights(model)
    return Trained(run.folder, run.recipe, run.encoding, model.eval())


def before_learning(folder: RunFolder, device: torch.device) -> Trained:
    """The run's model as it was before its first step, ready to be used."""
    run = opened(folder.path)
    return Trained(run.folder, run.recipe, run.encoding, untrained(run.recipe, run.encoding, device).eval())


def untrained(recipe: Recipe, encoding: Encoding, device: torch.device) -> Model:
    """The model as the run began, unless it began with another's weights."""
    torch.manual_seed(recipe.seed)
    return model_for(recipe.model, encoding).to(device)


def beginning(asked: str, runs: Path) -> Path:
    """The file with the weights to begin a new run with: that of a run, by its name, a model file, or
    another. A file in a run's folder is that run's."""
    file = Path(asked)
    if not (file.is_file() or file.suffix in _FILES):
        return opened(runs / asked).weights
    if (file.parent / "run.json").is_file():
        run = opened(file.parent)
        if file.name == run.folder.model.name:
            return run.weights
    if not file.is_file():
        raise SettingError(
            f"{file}: no such file; say a run's name, a model file, or a file of weights that is there"
        )
    return file


def recipe_read(tables: Any, path: Path, written_by: str = "") -> Recipe:
    """The recipe that was recorded at `path`, by that version where it is known;
    one that this version can't read is an error."""
    if not isinstance(tables, Mapping):
        raise SettingError(f"{path}: damaged, so it can't be read: its recipe is {tables!r}")
    try:
        recipe = recipe_from(tables, path.name, {})
        recipe.data.unfitted()  # a name or a setting of the encoding may be another version's too
    except SettingError as error:
        raise SettingError(
            f"{path}: its recipe can't be read here ({error}), for another version of Antiphon wrote it"
            f"{written_by and ': '}{written_by}; use that version, or begin a new run"
        ) from None
    return recipe


def _check_holds(record: Mapping[str, Any], folder: RunFolder, *names: str) -> None:
    missing = [name for name in names if name not in record]
    if missing:
        raise SettingError(
            f"{folder.path / 'run.json'}: damaged, so the run can't be read: it lacks {' and '.join(missing)}"
        )


def _encoding_of(folder: RunFolder, recipe: Recipe) -> Encoding:
    encoding, learnt = recipe.data.unfitted(), folder.vocabulary()
    encoding = encoding.knowing(learnt)
    if not encoding.is_fitted:
        raise SettingError(
            f"{folder.path / 'vocabulary.json'}: missing, and the run can't be read without the symbols "
            "that it learnt"
        )
    return encoding
