"""A run from its beginning: what it records of itself, begun and gone on with.

Must not know the command line or the loop.
"""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from music.settings import SettingError
from music.tokens.encoding import Encoding
from pieces.corpus import Corpus, strictest
from pieces.manner import manner_of
from pieces.token_pieces import encode_pieces
from training.learning.beginning import begin_with, file_named, origin_record
from training.learning.checkpoint import RunFolder, precision_rows
from training.learning.learner import Learner, learner_for
from training.learning.parallel import Company
from training.learning.vocabulary import encoding_for
from training.models.catalogue import model_for
from training.models.model import Model, measure_of
from training.opened_run import opened
from training.recipes.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Places:
    """Where runs and corpora lie."""

    runs: Path
    data: Path

    def corpora(self, recipe: Recipe) -> list[Corpus]:
        """The recipe's corpora."""
        return [Corpus(self.data / f"{name}.safetensors") for name in recipe.data.corpora]

    def of_stages(self, recipe: Recipe) -> list[Corpus]:
        """The other corpora, that stages of its curriculum name."""
        names = dict.fromkeys(name for stage in recipe.curriculum for name in stage.corpora)
        return [
            Corpus(self.data / f"{name}.safetensors") for name in names if name not in recipe.data.corpora
        ]


def begin_run(
    recipe: Recipe, name: str, places: Places, company: Company, init: Path | None = None
) -> Learner:
    """Begin a new run: its folder and its record are written."""
    folder = RunFolder(places.runs / name)
    with company.first_before_others():
        if company.is_first:
            folder.check_is_free(folder.path)
        corpora = places.corpora(recipe)
        encoding = encoding_for(recipe.data, corpora)
        on_paper(recipe, encoding)  # what can't be read is refused before music is encoded
        learner = learner_for(recipe, folder, corpora, encoding, company, resumed=False)
        if recipe.log.needs_unseen:  # refused now and not when it is done
            encode_pieces(corpora, encoding, "test", recipe.data.transform)
        if init:
            begin_with(learner.model, init)
        if company.is_first:  # all that can be wrong has been refused: now it is written
            record = record_of(recipe, corpora, encoding, places.of_stages(recipe)) | {
                "precisions": precision_rows([(0, learner.precision)])
            }
            record |= origin_record(record["tier"], _begins_with(recipe, init))
            RunFolder.new(folder.path, record | {"steps": learner.steps} | _manner_record(learner))
            folder.save_vocabulary(getattr(encoding, "learnt", ()))
    return learner


def resume_run(name: str, places: Places, company: Company) -> Learner:
    """Go on with a run as its checkpoint left it."""
    run = opened(places.runs / name)
    folder, recipe = run.folder, run.recipe
    corpora = places.corpora(recipe)
    of_stages = places.of_stages(recipe)
    before_them = [*run.record["data"], *run.record.get("stages", [])]
    for corpus, before in zip([*corpora, *of_stages], before_them, strict=True):
        if corpus.description.hash != before["hash"]:
            raise SettingError(
                f"{corpus.path}: not the corpus that the run began with (hash {corpus.description.hash}, "
                f"then {before['hash']}); begin a new run with --init {folder.model}"
            )
    with company.first_before_others():
        learner = learner_for(recipe, folder, corpora, run.encoding, company, resumed=True)
        if company.is_first:
            folder.note_precision(learner.step, learner.precision)
            folder.note_corpora(places.data)
    return learner


def on_paper(recipe: Recipe, encoding: Encoding) -> Model:
    """The model without weights, made in no time: its shapes and its words."""
    with torch.device("meta"):
        return model_for(recipe.model, encoding)


def record_of(
    recipe: Recipe, corpora: Sequence[Corpus], encoding: Encoding, of_stages: Sequence[Corpus] = ()
) -> dict[str, Any]:
    """What a run records before it begins, of what was asked; `measure` is what its losses are of, and
    `stages` the corpora that its curriculum alone reads."""
    descriptions = [corpus.description for corpus in (*corpora, *of_stages)]
    data = [
        {
            "name": corpus.name,
            "tier": corpus.tier,
            "licence": corpus.licence,
            "credit": corpus.credit,
            "hash": corpus.hash,
            "pieces": len(corpus.pieces),
        }
        for corpus in descriptions
    ]
    record = {
        "recipe": recipe.record(),
        "data": data[: len(corpora)],
        **({"stages": data[len(corpora) :]} if of_stages else {}),
        "corpora": str(corpora[0].path.parent.absolute()),
        "tier": strictest([corpus.tier for corpus in descriptions]),
        "encoding_fingerprint": encoding.fingerprint,
        "measure": measure_of(on_paper(recipe, encoding)),
        "source_commit": _commit(),
        "torch": torch.__version__,
    }
    return json.loads(json.dumps(record))  # type: ignore[no-any-return]


def _manner_record(learner: Learner) -> dict[str, Any]:
    """Of events alone: a live instrument hears its player in this manner."""
    return {"manner": manner_of(learner.pieces)} if learner.encoding.name == "event" else {}


def _begins_with(recipe: Recipe, init: Path | None) -> list[Path]:
    """The files whose weights it begins with; what both have is the second's."""
    return [*([file_named(recipe.begin_from)] if recipe.begin_from else []), *([init] if init else [])]


def device_named(name: str) -> torch.device:
    """The device to learn on: `auto` takes a GPU where there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise SettingError("no CUDA device can be used here; say --device cpu")
    return torch.device(name)


def _commit() -> str:
    """Which commit it is of; unknown where there is no git, or no repository."""
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return "unknown"
    return described.stdout.strip() or "unknown"
