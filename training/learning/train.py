"""The training loop, on one page.

Reads a batch, carries each lane's state from window to window, clips, steps, and reports how it goes. It can
be broken off at any moment: it then finishes the step, saves, and says how to go on; gone on from, it makes
the same losses as if it had never stopped. In several processes each learns from its share of the lanes, and
the losses are those of one.
"""

import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import torch
from torch import nn

from training.feeds.feed import Batch
from training.learning.learner import Learner, Loss, save
from training.learning.progress import Progress
from training.learning.validation import validated
from training.models.model import begun, carried

Say = Callable[[str], None]
_STOPS = (signal.SIGINT, signal.SIGTERM)


class StoppedLearning(Exception):
    """Learning can't go on: says why, and what to do."""


def learn(learner: Learner, say: Say, *, until: int | None = None) -> int:
    """Take steps until the recipe's end (or step `until`, or a request to stop, or patience's end);
    the number of steps done."""
    log, company = learner.recipe.log, learner.company
    last = learner.steps if until is None else min(until, learner.steps)
    loss = company.together(Loss(learner.model))
    progress = Progress(learner, last, say)
    saved = -1
    with _asked_to_stop() as asked:
        while learner.step < last and not learner.is_settled and not any(company.sums(asked())):
            rate = learner.schedule.rate_at(learner.step)
            surprise, rows = _step(learner, loss, learner.feed.next(), rate)
            learner.step += 1
            learner.schedule.took(surprise)
            progress.took(surprise, rows, rate)
            if learner.step % log.validate_every == 0 or learner.step == learner.steps:
                _measure(learner, say)
            if learner.step in learner.stages and company.is_first:
                learner.folder.save_snapshot(learner.step, learner.result)
            if learner.step % log.save_every == 0:
                save(learner)
                saved = learner.step
        if learner.is_settled:
            progress.ended()
    if saved != learner.step:
        save(learner)
    return learner.step


def _step(learner: Learner, loss: nn.Module, batch: Batch, rate: float) -> tuple[float, int]:
    """One window of every lane: the mean surprise of a row, and how many rows counted."""
    company = learner.company
    if not learner.model.training:  # asked first: to set every layer takes longer than a small network's step
        learner.model.train()
    for group in learner.optimiser.param_groups:
        group["lr"] = rate
    rows, following, counts, begins = (torch.from_numpy(part).to(company.device) for part in batch)
    state = begun(learner.state, learner.model.silent_state(len(begins)), begins)
    with torch.autocast(company.device.type, torch.bfloat16, enabled=learner.precision == "bfloat16"):
        surprise, after = loss(rows, following, counts, state)
    total, counted = company.sums(float(surprise.detach()), int(counts.sum()))
    mean = total / counted
    if not math.isfinite(mean):
        raise _no_number(learner, "loss", mean, rate)
    learner.optimiser.zero_grad(set_to_none=True)
    (surprise * (company.share.of / counted)).backward()  # processes' gradients are averaged, not summed
    norm = float(nn.utils.clip_grad_norm_(learner.model.parameters(), learner.recipe.learning.clip))
    if not math.isfinite(norm):  # a step with it would break weights that are good
        raise _no_number(learner, "gradient", norm, rate)
    learner.optimiser.step()
    if learner.average is not None:
        learner.average.update_parameters(learner.model)
    learner.state = carried(after)
    return mean, int(counted)


def _no_number(learner: Learner, what: str, value: float, rate: float) -> StoppedLearning:
    """Why learning stops, which the curves say too:
    a run without it would look as if nobody had gone on with it."""
    folder = learner.folder
    if learner.company.is_first:
        folder.log({"step": learner.step + 1, "kind": "diverged", "what": what, "value": str(value)})
    best = f"; its best weights so far are in {folder.model} (--init)" if folder.model.exists() else ""
    is_half = learner.precision == "bfloat16"
    finer = ", or with products in float32 (--set learning.precision=float32)" if is_half else ""
    return StoppedLearning(
        f"{folder.path}: the {what} is {value} at step {learner.step + 1}; begin a new run with a lower rate "
        f"(--set learning.rate={rate / 2:.1e}){finer}{best}"
    )


def _measure(learner: Learner, say: Say) -> None:
    """On held-out pieces; the best weights so far are the run's result,
    or the latest where that is asked for, or where the loss doesn't show how good they are."""
    company, loss = learner.company, 0.0
    if company.is_first:
        figures = validated(learner.result, learner.recipe, learner.held_out, company.device)
        loss, sentence = float(figures["loss"]), figures.pop("sentence")
        better = loss < learner.best
        is_best_kept = learner.model.falls_as_it_learns and learner.recipe.log.keep == "best"
        kept = better or not is_best_kept
        learner.folder.log({"step": learner.step, "kind": "validation", **figures})
        if kept:
            learner.folder.save_model(learner.result)
        mark = (" (best)" if is_best_kept else " (kept)") if kept else ""
        say(f"step {learner.step}: {sentence} on held-out pieces{mark}")
    loss = company.said_by_first(loss)
    learner.waited = 0 if loss < learner.best else learner.waited + 1
    learner.best = min(learner.best, loss)


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """While within, Ctrl-C and SIGTERM ask to stop after the step; a second one stops at once."""
    asked: list[int] = []

    def ask(number: int, _: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    asking = [number for number in _STOPS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, ask) for number in asking}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
