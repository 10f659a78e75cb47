"""The training loop, on one page.

Reads windows in lanes, carries each lane's state from window to window, clips, steps, and tells how it goes. It can be broken off
at any moment: it then finishes the step, saves, and says how to go on; gone on from, it makes the same losses as if it
had never stopped.
"""

import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import Tensor

from music.encodings.catalogue import encoding_named
from music.settings import SettingError
from training.checkpoint import RunFolder
from training.corpus import Corpus, strictest
from training.dataset import Batch, LanePlace, Lanes, TokenPieces, check_reads_events, encoded
from training.evaluation.held_out import Stretch, beginnings
from training.evaluation.likelihood import likelihood
from training.event_scorer import EventScorer
from training.manner import manner_of
from training.models.event_model import EventModel, EventState, begin_event
from training.recipe import LearningSettings, Recipe

Told = Callable[[str], None]


class StoppedLearning(Exception):
    """Learning can't go on: says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Learner:
    """All that a step needs: what is asked, the data, the model, and where to keep it."""

    recipe: Recipe
    folder: RunFolder
    pieces: TokenPieces
    held_out: list[Stretch]
    model: EventModel
    optimiser: torch.optim.AdamW


def learner_for(recipe: Recipe, folder: RunFolder, corpora: list[Corpus], device: torch.device) -> Learner:
    """Data, a fresh model and its optimiser, as the recipe says."""
    torch.manual_seed(recipe.seed)
    encoding = encoding_named(recipe.data.encoding)
    check_reads_events(encoding)
    model = EventModel(recipe.model).to(device)
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning.rate, weight_decay=recipe.learning.weight_decay
    )
    held_out = beginnings(encoded(corpora, encoding, "validation"), recipe.log.validation_events)
    return Learner(recipe, folder, encoded(corpora, encoding, "train"), held_out, model, optimiser)


def told_of(recipe: Recipe, corpora: list[Corpus], commit: str) -> dict[str, Any]:
    """What a run records before it begins."""
    encoding = encoding_named(recipe.data.encoding)
    check_reads_events(encoding)
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
    return {
        "recipe": recipe.told(),
        "data": data,
        "tier": strictest([told.tier for told in descriptions]),
        "manner": manner_of(encoded(corpora, encoding, "train")),
        "source_commit": commit,
        "torch": torch.__version__,
    }


def learn(learner: Learner, tell: Told, *, resumed: bool = False, until: int | None = None) -> int:
    """Take steps until the recipe's end (or step `until`, or a request to stop); the number of steps done."""
    recipe, model = learner.recipe, learner.model
    device = next(model.parameters()).device
    lanes_at, state, step, best = _beginning(learner, resumed, device)
    lanes = Lanes(
        learner.pieces,
        begin_event(),
        lanes=recipe.data.lanes,
        window=recipe.data.window,
        seed=recipe.seed,
        augmentation=recipe.data.augmentation,
        places=lanes_at,
    )
    last = recipe.learning.steps if until is None else min(until, recipe.learning.steps)
    progress = _Progress(recipe, step, last, tell)
    with _asked_to_stop() as asked:
        while step < last and not asked():
            batch = lanes.next()
            rate = _rate_at(step, recipe.learning)
            nats, events, state = _step(learner, batch, state, rate, device)
            step += 1
            if not math.isfinite(nats):
                raise StoppedLearning(
                    f"the loss is {nats} at step {step}: the last good state is in {learner.folder.path}; "
                    f"go on from it with a lower rate (--set learning.rate={rate / 2:.1e}) in a new run (--init)"
                )
            progress.took(step, nats, events, rate, learner.folder)
            if step % recipe.log.validate_every == 0 or step == recipe.learning.steps:
                best = _validated(learner, step, best, tell)
            if step % recipe.log.save_every == 0:
                _save(learner, lanes, state, step, best)
    _save(learner, lanes, state, step, best)
    return step


def _step(
    learner: Learner, batch: Batch, state: EventState, rate: float, device: torch.device
) -> tuple[float, int, EventState]:
    """One window of every lane; mean nats of an event, how many events counted, and the state that is carried."""
    model, optimiser = learner.model, learner.optimiser
    model.train()
    for group in optimiser.param_groups:
        group["lr"] = rate
    read_events, following, counts, begins = (torch.from_numpy(part).to(device) for part in batch)
    coarsely = learner.recipe.learning.precision == "bfloat16"
    with torch.autocast(device.type, torch.bfloat16, enabled=coarsely):
        read, after = model(read_events, begun(state, begins))
        nats = model.surprise(read, following).sum(-1) * counts
    events = int(counts.sum())
    loss = nats.sum() / events
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), learner.recipe.learning.clip)
    optimiser.step()
    return float(loss.detach()), events, EventState(*(part.detach().float() for part in after))


def begun(state: EventState, begins: Tensor) -> EventState:
    """The state with the lanes that begin a piece as silent as at the very start."""
    goes_on = (~begins).to(state.hidden.dtype)
    return EventState(
        state.hidden * goes_on[None, :, None],
        state.cell * goes_on[None, :, None],
        state.sounding * goes_on[:, None],
        state.age * goes_on[:, None],
    )


def _rate_at(step: int, learning: LearningSettings) -> float:
    if step < learning.warmup:
        return learning.rate * (step + 1) / learning.warmup
    done = (step - learning.warmup) / max(learning.steps - learning.warmup, 1)
    falling = 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
    return learning.last_rate + (learning.rate - learning.last_rate) * falling


def _beginning(
    learner: Learner, resumed: bool, device: torch.device
) -> tuple[tuple[LanePlace, ...] | None, EventState, int, float]:
    if not resumed:
        return None, learner.model.silent_state(learner.recipe.data.lanes), 0, math.inf
    carried, place = learner.folder.load_checkpoint(learner.model, learner.optimiser)
    learner.folder.forget_curves_after(place["step"])
    state = EventState(*(carried[name].to(device) for name in EventState._fields))
    lanes_at = tuple(LanePlace(*lane) for lane in place["lanes"])
    return lanes_at, state, place["step"], place["best"] if place["best"] is not None else math.inf


def _save(learner: Learner, lanes: Lanes, state: EventState, step: int, best: float) -> None:
    place = {
        "step": step,
        "lanes": [(lane.piece, lane.done) for lane in lanes.places],
        "best": best if math.isfinite(best) else None,
    }
    learner.folder.save_checkpoint(learner.model, learner.optimiser, state._asdict(), place)


def _validated(learner: Learner, step: int, best: float, tell: Told) -> float:
    told = likelihood(EventScorer(learner.model), learner.held_out).told()
    learner.folder.log({"step": step, "kind": "validation", **told})
    improved = told["nats_a_note"] < best
    if improved:
        learner.folder.save_model(learner.model)
    tell(
        f"step {step}: {told['nats_a_note']:.3f} nats a note on held-out pieces{' (best)' if improved else ''}"
    )
    return min(best, told["nats_a_note"])


class _Progress:
    """Tells the loss, the speed and the time left."""

    def __init__(self, recipe: Recipe, step: int, last: int, tell: Told) -> None:
        self._recipe, self._last, self._tell = recipe, last, tell
        self._since, self._began_at = step, time.monotonic()
        self._nats, self._events = 0.0, 0

    def took(self, step: int, nats: float, events: int, rate: float, folder: RunFolder) -> None:
        """Another step was taken."""
        self._nats += nats * events
        self._events += events
        every = self._recipe.log.every
        if step % every and step != self._last:
            return
        passed = time.monotonic() - self._began_at
        steps = step - self._since
        mean, speed = self._nats / self._events, self._events / passed
        folder.log(
            {"step": step, "kind": "train", "nats_an_event": mean, "rate": rate, "events_a_second": speed}
        )
        left = (self._last - step) * passed / steps
        self._tell(
            f"step {step}/{self._last}  {mean:.4f} nats an event  {speed:,.0f} events/s  {_clock(left)} left"
        )
        self._since, self._began_at, self._nats, self._events = step, time.monotonic(), 0.0, 0


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """While within, Ctrl-C and SIGTERM ask to stop after the step; a second one stops at once."""
    asked: list[int] = []

    def ask(number: int, _: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def device_named(name: str) -> torch.device:
    """The device to learn on: `auto` takes a GPU where there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise SettingError("no CUDA device can be used here; say --device cpu")
    return torch.device(name)


def corpus_paths(recipe: Recipe, folder: Path) -> list[Path]:
    """Where the recipe's corpora lie."""
    return [folder / f"{name}.safetensors" for name in recipe.data.corpora]
