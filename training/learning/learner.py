"""All that a step of learning needs: music, model, optimiser, schedule, and where they are kept.

Puts them together as a recipe says, and stores and gives back everything that the next step depends on. Must
not know the loop.

How this works -------------- `learner_for` reads a recipe from top to bottom and makes one `Learner` of it:

1. The music. Each corpus is encoded once (`encode_pieces`), cut down to what the recipe asks for (`part_of`),
and put behind a feed (`feed_for`), which gives batches without end: lanes of whole pieces, or windows. 2. The
model, with weights that depend on the recipe's seed alone or come from a file, the optimiser of its weights,
and the schedule of its rate. `average` is a second model: the running mean of the first one's weights. 3. The
state that the model carries from window to window, one a lane.

The loop (`training.learning.train`) then does the same at every step: it takes a batch from the feed, has
`Loss` read it from the carried state, steps the optimiser, and counts `step` up. So the fields of `Learner`
after `steps` are all that changes besides weights, optimiser, schedule, feed, state and random numbers.

A run can be broken off at any step and go on to the same result, bit for bit. That is why all of these can be
stored: `save` writes the tensors by part and the rest as a `place` (JSON), and `learner_for(resumed=True)`
makes the learner anew from the recipe and puts them back (`_give_back`). What is added to a learner and
changes from step to step must be added to both, or a resumed run differs from one that never stopped:
`tests/training/learning/test_resume.py` shows it.

Several processes may share one run (`Company`). Each reads its own lanes and carries their states; weights
and optimiser are the same in all, for gradients are averaged. So a checkpoint gathers states and random
numbers from all of them, and only the first process writes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from music.settings import SettingError
from music.tokens.encoding import Encoding
from pieces.corpus import Corpus
from pieces.music import Music
from pieces.token_pieces import TokenPieces, encode_pieces, levels_of
from training.feeds.chosen import Beginning, Chosen, over_composers
from training.feeds.curriculum import Curriculum, of_levels
from training.feeds.feed import ALONE, Feed, Share
from training.feeds.lanes import Lanes, LanesSettings
from training.feeds.loudness import flat_loudness_left_out
from training.feeds.variation import variation
from training.feeds.windows import Windows
from training.learning.beginning import begin_with, file_named
from training.learning.checkpoint import RunFolder, flat_state, put_state, put_weights
from training.learning.parallel import Company
from training.models.catalogue import model_for
from training.models.model import Model, State
from training.recipes.optimisers import optimiser_for
from training.recipes.precision import Precision, precision_on
from training.recipes.recipe import DataSettings, Recipe
from training.recipes.schedules import Schedule

_Tensors = tuple[Tensor, ...] | list[Tensor]
# The losses since the last report, in a checkpoint; and what that was called once.
UNREPORTED, UNREPORTED_ONCE = "unreported", "untold"


@dataclass(slots=True)
class Learner:
    """A run under way. What changes from step to step is at the end."""

    recipe: Recipe
    folder: RunFolder
    company: Company
    pieces: Music
    held_out: Music
    encoding: Encoding
    precision: Precision  # what products are reckoned in on this machine
    model: Model
    average: AveragedModel | None
    optimiser: torch.optim.Optimizer
    schedule: Schedule
    feed: Feed
    state: State  # of this process's lanes
    steps: int  # to the end
    step: int = 0
    best: float = math.inf
    waited: int = 0  # measurements since the best
    unreported: tuple[float, int] = (0.0, 0)  # surprise and rows since the last report to the curves

    @property
    def result(self) -> Model:
        """The model that is measured and kept: the running mean of its weights, where one is kept."""
        return self.model if self.average is None else cast(Model, self.average.module)

    @property
    def stages(self) -> set[int]:
        """The steps after which the weights are kept as snapshots."""
        return {max(round(share * self.steps), 1) for share in self.recipe.log.snapshots}

    @property
    def is_settled(self) -> bool:
        """Whether patience is at its end."""
        patience = self.recipe.learning.patience
        return bool(patience) and self.waited >= patience


def learner_for(
    recipe: Recipe,
    folder: RunFolder,
    corpora: Sequence[Corpus],
    encoding: Encoding,
    company: Company,
    *,
    resumed: bool,
) -> Learner:
    """A run as it begins, or as its checkpoint left it."""
    torch.manual_seed(recipe.seed + company.share.number)
    pieces = encode_pieces(corpora, encoding, "train", recipe.data.transform, recipe.data.most)
    parts, place = folder.load_checkpoint() if resumed else ({}, {})
    with torch.random.fork_rng():  # the same weights in every process
        torch.manual_seed(recipe.seed)
        model = model_for(recipe.model, encoding).to(company.device)
        if recipe.begin_from and not resumed:
            begin_with(model, file_named(recipe.begin_from))
    learning = recipe.learning
    if learning.patience and not model.falls_as_it_learns:
        raise SettingError(
            f"the loss of a model of kind {recipe.model.kind} doesn't show how good it is, so patience "
            "can't judge by it; say learning.patience=0"
        )
    average = _average_of(model, learning.average) if learning.average else None
    music = part_of(pieces, recipe.data)
    feed = _feed(
        recipe,
        music,
        _stages_of(recipe, corpora, encoding, pieces, music),
        model,
        encoding,
        company.share,
        place,
    )
    steps = learning.steps or max(math.ceil(learning.passes * feed.batches_a_pass), 1)
    learner = Learner(
        recipe,
        folder,
        company,
        music,
        held_out_music(recipe, corpora, encoding),
        encoding,
        precision_on(company.device, learning.precision),
        model,
        average,
        optimiser_for(learning.optimiser, model.parameters(), learning.rate),
        Schedule(learning.schedule, learning.rate, steps, place.get("schedule")),
        feed,
        _own_lanes(
            parts.get("carried", {}), model.silent_state(feed.lanes // company.share.of), feed.lanes, company
        ),
        steps,
    )
    if resumed:
        _give_back(learner, parts, place)
    return learner


def _average_of(model: Model, kept: float) -> AveragedModel:
    """The running mean, of which so much is kept at each step, and less at first: else a short run's mean
    would be of the weights that it began with (a quarter of them after 2,800 steps of 0.9995)."""

    def mean(averaged: _Tensors, now: _Tensors, count: Tensor | int) -> None:
        kept_now = min(kept, (1 + int(count)) / (10 + int(count)))
        get_ema_multi_avg_fn(kept_now)(averaged, now, count)  # type: ignore[no-untyped-call]

    return AveragedModel(model, multi_avg_fn=mean)


def part_of(pieces: Music, data: DataSettings) -> Music:
    """The pieces that are asked for, and as many rows of them."""
    numbers = numbers_of(pieces, data)
    if len(numbers) == 0:
        raise SettingError(
            f"data.skip_pieces={data.skip_pieces} leaves none of {len(pieces)} pieces for train; skip fewer"
        )
    if numbers != range(len(pieces)):
        pieces = Chosen(pieces, numbers)
    return Beginning.of(pieces, data.most_rows) if data.most_rows else pieces


def numbers_of(pieces: Music, data: DataSettings) -> Sequence[int]:
    """Which of the pieces are asked for, in the order that they are picked in."""
    everything: Sequence[int] = range(len(pieces))
    if data.pick == "over-composers":
        everything = over_composers(pieces)
    end = data.skip_pieces + data.most_pieces if data.most_pieces else None
    return everything[data.skip_pieces : end]


def _stages_of(
    recipe: Recipe,
    corpora: Sequence[Corpus],
    encoding: Encoding,
    pieces: TokenPieces,
    music: Music,
) -> list[tuple[Music, int]]:
    """The pieces of each stage of the curriculum, and its steps."""
    stages: list[tuple[Music, int]] = []
    for stage in recipe.curriculum:
        if stage.corpora:
            others = [Corpus(corpora[0].path.with_name(f"{name}.safetensors")) for name in stage.corpora]
            of_stage = encode_pieces(others, encoding, "train", recipe.data.transform)
            stages.append((of_levels(of_stage, levels_of(of_stage, others), stage.levels), stage.steps))
        else:
            all_levels = levels_of(pieces, corpora)
            levels = [all_levels[number] for number in numbers_of(pieces, recipe.data)]
            stages.append((of_levels(music, levels[: len(music)], stage.levels), stage.steps))
    return stages


def held_out_music(recipe: Recipe, corpora: Sequence[Corpus], encoding: Encoding) -> TokenPieces:
    """What the run is measured on while it learns."""
    return encode_pieces(corpora, encoding, "validation", recipe.data.transform)


def feed_for(
    recipe: Recipe, pieces: Music, model: Model, encoding: Encoding, share: Share = ALONE, place: Any = None
) -> Feed:
    """The feed that the recipe asks for, of these pieces."""
    begin = None if recipe.data.first_given else model.begin_row
    settings = recipe.data.feed
    varied = variation(encoding.name, recipe.data.augmentation, recipe.seed)
    if isinstance(settings, LanesSettings):
        in_beats = None if begin is None else model.begin_row_in_beats
        return Lanes(
            pieces,
            begin,
            settings,
            seed=recipe.seed,
            varied=varied,
            begin_in_beats=in_beats,
            unlearnt=flat_loudness_left_out(encoding.name)
            if recipe.data.flat_loudness == "left out"
            else None,
            place=place,
            share=share,
        )
    if varied is not None:
        raise SettingError(
            "a feed of windows varies nothing: leave stretches, semitones, louder and spreads out, or say "
            "data.feed.kind=lanes"
        )
    if recipe.data.flat_loudness == "left out":
        raise SettingError(
            "a feed of windows leaves no field out: leave data.flat_loudness out, or say data.feed.kind=lanes"
        )
    return Windows(pieces, begin, settings, seed=recipe.seed, place=place, share=share)


def _feed(
    recipe: Recipe,
    music: Music,
    stages: Sequence[tuple[Music, int]],
    model: Model,
    encoding: Encoding,
    share: Share,
    place: dict[str, Any],
) -> Feed:
    def feed(pieces: Music, at: Any) -> Feed:
        return feed_for(recipe, pieces, model, encoding, share, at)

    if not recipe.curriculum:
        return feed(music, place.get("feed"))
    return Curriculum(music, stages, feed, place.get("feed"))


def save(learner: Learner) -> None:
    """Store everything that the next step depends on; every process takes part, and the first one writes."""
    company = learner.company
    carried = {name: company.gathered(value) for name, value in learner.state.items()}
    chance = {
        name: company.gathered(value[None].to(company.device)).cpu()
        for name, value in _chance(company.device).items()
    }
    if not company.is_first:
        return
    parts: dict[str, dict[str, Tensor]] = {
        "model": learner.model.state_dict(),
        "optimiser": flat_state(learner.optimiser),
        "carried": carried,
        "chance": chance,
    }
    if learner.average is not None:
        parts["average"] = learner.average.state_dict()
    place = {
        "step": learner.step,
        "feed": learner.feed.place,
        "schedule": learner.schedule.record(),
        "best": learner.best if math.isfinite(learner.best) else None,
        "waited": learner.waited,
        UNREPORTED: learner.unreported,
    }
    learner.folder.save_checkpoint(parts, place)


def _chance(device: torch.device) -> dict[str, Tensor]:
    """Where random numbers come from: torch's own state, and that of the device where it has one."""
    states = {"torch": torch.get_rng_state()}
    return states | {"cuda": torch.cuda.get_rng_state(device)} if device.type == "cuda" else states


def _give_back(learner: Learner, parts: dict[str, dict[str, Tensor]], place: dict[str, Any]) -> None:
    path = learner.folder.path / "checkpoint"
    put_weights(learner.model, parts["model"], path)
    put_state(learner.optimiser, parts["optimiser"])
    if learner.average is not None:
        put_weights(learner.average, parts["average"], path)
    company = learner.company
    for name, states in parts["chance"].items():
        mine = states[company.share.number % len(states)]
        if name == "torch":
            torch.set_rng_state(mine)
        elif company.device.type == name:
            torch.cuda.set_rng_state(mine, company.device)
    surprise, rows = place[UNREPORTED if UNREPORTED in place else UNREPORTED_ONCE]
    learner.unreported = surprise, rows
    learner.step, learner.waited = place["step"], place["waited"]
    learner.best = math.inf if place["best"] is None else place["best"]
    if learner.company.is_first:
        learner.folder.forget_curves_after(learner.step)


def _own_lanes(carried: dict[str, Tensor], silent: State, lanes: int, company: Company) -> State:
    """What this process's lanes carry. Where nothing was carried, or by a version that kept it otherwise,
    they begin in silence."""
    if carried.keys() != silent.keys():
        return silent
    mine = company.share.of_lanes(lanes)
    return {name: value[mine].to(company.device) for name, value in carried.items()}


class Loss(nn.Module):
    """The model with its loss, as one thing that is called once a step:
    so gradients can be shared among processes."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, rows: Tensor, following: Tensor, counts: Tensor, state: State) -> tuple[Tensor, State]:
        """The surprise of all rows that count, summed, and the state after."""
        read, after = self.model(rows, state, counts.shape[1])
        return (self.model.surprise(read, following).sum(-1) * counts).sum(), after
