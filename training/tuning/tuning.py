"""A run that learns on from a model file, of takes and old music: begun, measured, kept near to what it was.

Knows model files, corpora and runs. Must not know the command line or how files are exported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from evaluation.scoring.held_out import beginnings
from evaluation.scoring.likelihood import likelihood
from music.encodings.event import EventEncoding
from music.settings import SettingError
from pieces.corpus import Corpus, Description, strictest, write_corpus
from pieces.music import Music
from pieces.music_sets import Split
from pieces.token_pieces import encode_pieces
from realtime.inference.bundle import Bundle, read_bundle
from training.learning.beginning import begin_with, file_named
from training.learning.learner import Learner
from training.learning.parallel import Company
from training.learning.validation import validated
from training.models.event_model import EventModel
from training.models.event_scorer import EventScorer
from training.models.from_file import settings_in
from training.models.model import Model, in_use
from training.opened_run import OpenedRun, untrained
from training.recipes.recipe import Recipe, recipe_from
from training.recipes.recipe_files import tables_of
from training.run import Places, begin_run
from training.tuning.old_music import Pieces, Wanted, passages_of, played_by
from training.tuning.takes import Takes, split_up

RECIPE = "own-takes"
MOST_FORGOTTEN = 0.02  # of the nats a note of old music
_DROPOUT = 0.1  # of the trunk's layers
_NOT_LEARNT_ON = "only a model of events over an LSTM or a linear recurrence can be learnt on from so"
FEWEST_OLD, MOST_MEASURED = 2000, 12_000  # notes of old music, however few or many takes there are
_SHARES = tuple(number / 10 for number in range(10, -1, -1))  # the last is what was before


@dataclass(frozen=True, slots=True)
class Corpora:
    """The names of a run's two corpora."""

    takes: str
    old: str

    @classmethod
    def of(cls, run: str) -> "Corpora":
        """Beside others, a run's are known by its name."""
        return cls(f"{run}-takes", f"{run}-old")


def file_to_learn_on(path: Path) -> Bundle:
    """The model file, if it can be learnt on from; one in eight bits can't, and its sister is named."""
    bundle = read_bundle(path)
    if bundle.header.precision == "int8":
        raise SettingError(f"{path}: in eight bits, which can't be learnt on from; {_sister_of(path)}")
    return bundle


def _sister_of(path: Path) -> str:
    stem = path.stem.removesuffix("-int8")
    sisters = (path.with_name(f"{stem}-{precision}.onnx") for precision in ("fp16", "fp32"))
    there = next((sister for sister in sisters if sister.is_file()), None)
    if there is not None:
        return f"say --from {there}"
    return "say its fp16 or fp32 sister (antiphon export-onnx RUN --precision fp16)"


def recipe_for(bundle: Bundle, run: str, changes: Mapping[str, Any]) -> Recipe:
    """The recipe of a run of that name that learns on from a file."""
    names = Corpora.of(run)
    model = _model_of(bundle)
    of_the_file: dict[str, Any] = {
        "data.corpora": [names.takes, names.old],
        "data.transforms": [{"name": "beat-time"}] if model["listens"] else [],
        "model": model,
        "begin_from": str(bundle.path.resolve()),
    }
    return recipe_from(tables_of(RECIPE), RECIPE, of_the_file | dict(changes))


def _model_of(bundle: Bundle) -> dict[str, Any]:
    """The settings of the model in a file, with some dropout."""
    settings = settings_in(bundle.header)
    if settings is None:
        raise SettingError(f"{bundle.path}: {_NOT_LEARNT_ON}")
    model = asdict(settings)
    return model | {"trunk": model["trunk"] | {"dropout": _DROPOUT}}


def model_of_file(recipe: Recipe, device: torch.device) -> EventModel:
    """The model in the file that a recipe begins from."""
    model = untrained(recipe, EventEncoding(), device)
    assert isinstance(model, EventModel)
    begin_with(model, file_named(recipe.begin_from))
    return model


def write_takes(takes: Takes, name: str, corpora: Path) -> Description:
    """The corpus of the takes."""
    about = Description(name, "own", "the player's own", "the player", (), takes.left_out)
    return write_corpus(corpora / f"{name}.safetensors", about, split_up(takes.kept))


def write_old(
    takes: Description,
    mixed: Sequence[Corpus],
    bundle: Bundle,
    recipe: Recipe,
    place: Path,
    device: torch.device,
) -> Description:
    """The corpus of old music, about as much as the takes: of corpora, or played by the file's model."""
    notes = sum(piece.notes for piece in takes.pieces if piece.split == "train")
    wanted = Wanted(max(notes, FEWEST_OLD), min(max(notes, FEWEST_OLD), MOST_MEASURED))
    if mixed:
        pieces = passages_of(mixed, wanted, recipe.seed)
        about = _about_mixed(place.stem, [corpus.description for corpus in mixed])
    else:
        pieces = played_by(model_of_file(recipe, device), wanted, recipe.seed)
        about = _about_drawn(place.stem, bundle)
    return write_corpus(place, about, _each_once(pieces))


def _about_mixed(name: str, mixed: Sequence[Description]) -> Description:
    licences, credits = (
        "; ".join(dict.fromkeys(getattr(corpus, what) for corpus in mixed if getattr(corpus, what)))
        for what in ("licence", "credit")
    )
    return Description(name, strictest(corpus.tier for corpus in mixed), licences, credits, (), ())


def _about_drawn(name: str, bundle: Bundle) -> Description:
    played = f"played by {bundle.path.name} ({bundle.fingerprint[:12]})"
    return Description(name, bundle.header.tier, "that of the model that played it", played, (), ())


def _each_once(pieces: Pieces) -> Pieces:
    return list({record.hash: (record, phrase) for record, phrase in reversed(pieces)}.values())[::-1]


def begin_tuning(recipe: Recipe, name: str, places: Places, company: Company) -> Learner:
    """Begin the run; what it begins with is its best until something is better on the held-out takes."""
    learner = begin_run(recipe, name, places, company)
    figures = validated(learner.result, recipe, learner.held_out, company.device)
    learner.best = float(figures["loss"])
    del figures["sentence"]
    learner.folder.log({"step": 0, "kind": "validation", **figures})
    learner.folder.save_model(learner.result)
    return learner


@dataclass(frozen=True, slots=True)
class Compared:
    """Nats a note before and after, and by how much of `before` it is worse (below 0: better)."""

    before: float
    after: float

    @property
    def worse(self) -> float:
        """As a share."""
        return self.after / self.before - 1

    @property
    def line(self) -> str:
        """As a person reads it."""
        return f"{self.before:.3f} -> {self.after:.3f} nats a note ({self.worse:+.1%})"


@dataclass(frozen=True, slots=True)
class Tuned:
    """What came of it. `share` is how far the weights went from the file's to the ones that were learnt."""

    takes: Compared
    old: Compared
    share: float

    @property
    def is_better(self) -> bool:
        """Whether it is worth writing down."""
        return self.takes.after < self.takes.before

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)


def tuned(run: OpenedRun, corpora: Path, device: torch.device) -> Tuned:
    """Measure the run's best weights, once they are as near to the file's as old music asks for."""
    before, model = model_of_file(run.recipe, device), untrained(run.recipe, run.encoding, device)
    assert isinstance(model, EventModel)
    run.put_weights(model)
    share, old = _draw_back(model, before, _music(run, corpora, 1, "test"))
    if share < 1:
        run.folder.save_model(model)
    of_takes = _music(run, corpora, 0, "validation")
    return Tuned(Compared(nats_a_note(before, of_takes), nats_a_note(model, of_takes)), old, share)


def _draw_back(model: EventModel, before: EventModel, old: Music) -> tuple[float, Compared]:
    """Where old music would be more than `MOST_FORGOTTEN` worse, the weights become a mean of those before
    and those learnt, with the largest share of these that keeps within it: the share, and what it comes to.
    """
    nats_before = nats_a_note(before, old)
    learnt = {name: value.clone() for name, value in model.state_dict().items()}
    for share in _SHARES:
        _put_mean(model, before, learnt, share)
        compared = Compared(nats_before, nats_a_note(model, old))
        if compared.worse <= MOST_FORGOTTEN:
            break
    return share, compared


def _put_mean(model: Model, before: Model, learnt: Mapping[str, torch.Tensor], share: float) -> None:
    weights = {
        name: torch.lerp(value, learnt[name], share) if value.is_floating_point() else learnt[name]
        for name, value in before.state_dict().items()
    }
    model.load_state_dict(weights)


def _music(run: OpenedRun, corpora: Path, place: int, split: Split) -> Music:
    """Pieces of the run's corpus at that place: takes first, then old music."""
    corpus = Corpus(corpora / f"{run.recipe.data.corpora[place]}.safetensors")
    return encode_pieces([corpus], run.encoding, split, run.recipe.data.transform)


def nats_a_note(model: EventModel, music: Music) -> float:
    """How surprised a model is by all of this music."""
    with in_use(model):
        return likelihood(EventScorer(model), beginnings(music, 0)).nats_a_note
