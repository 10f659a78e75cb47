"""An experiment carried out: run after run, or several at a time, and what came of each in one table.

`runs/NAME/experiment.json` holds the recipes, `outcomes.json` what came of those that are done; each run lies
in a folder of its own beside. What is done isn't done again, and what was broken off is gone on with. Must
not know models.
"""

import json
import re
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from multiprocessing import active_children, get_context
from pathlib import Path
from queue import SimpleQueue
from statistics import fmean
from typing import Any

import torch

from evaluation.scoring.unknown import MOST_UNKNOWN, share_in_words
from music.settings import SettingError
from music.whole_file import write_whole
from training.experiments.outcome import write_outcome
from training.learning.checkpoint import RunFolder
from training.learning.held import held
from training.learning.parallel import company
from training.learning.train import StoppedLearning, learn
from training.opened_run import opened, recipe_read
from training.recipes.experiment import Trial
from training.recipes.precision import fallback_note, precision_on
from training.recipes.recipe import Recipe
from training.run import Places, begin_run, device_named, resume_run

Say = Callable[[str], None]
Outcome = (
    dict[str, Any] | str | None
)  # what came of a trial, or why there is nothing, or none: it was asked to stop
_OUTCOMES = "outcomes.json"
_COLUMNS = ("least_loss", "validation", "rows_a_second")


def carry_out(
    trials: Sequence[Trial] | None, name: str, places: Places, device: str, jobs: int, say: Say
) -> int:
    """Every trial given, or where none are given those that the experiment began with."""
    folder = places.runs / name
    if trials is None:
        trials = _trials_of(folder)
    else:
        _check_music_is_there(trials, places)
        trials = _begin(trials, folder)
    with held(folder):
        return _carry_out_rest(trials, name, places, device, jobs, say)


def _carry_out_rest(
    trials: Sequence[Trial], name: str, places: Places, device: str, jobs: int, say: Say
) -> int:
    folder = places.runs / name
    outcomes = _outcomes(folder)
    left = [trial for trial in trials if trial.name not in outcomes]
    say(
        f"{folder}: {len(trials)} runs, {len(trials) - len(left)} of them done; Ctrl-C stops, --resume "
        f"{name} goes on"
    )
    on = device_named(device)
    if any(precision_on(on, asked) != asked for asked in {trial.recipe.learning.precision for trial in left}):
        say(fallback_note(on))
    inner = replace(places, runs=folder)
    failed, is_stopped = 0, False
    for trial, outcome in _carry_out_each(left, inner, device, jobs):
        if outcome is None:
            is_stopped = True
            continue
        if isinstance(outcome, str):
            failed += 1
            say(f"{trial.name}: {outcome}")
            continue
        outcomes[trial.name] = outcome
        _write(folder / _OUTCOMES, outcomes)
        say(f"{len(outcomes)}/{len(trials)}  {trial.name}: {summary(outcome)}")
    if outcomes:
        say("\n".join([*table(outcomes), *ranking(outcomes)]))
    if is_stopped:
        say(f"stopped; go on: antiphon train --resume {name}")
    return 1 if failed else 0


def _carry_out_each(
    trials: Sequence[Trial], places: Places, device: str, jobs: int
) -> Iterator[tuple[Trial, Outcome]]:
    if jobs > 1:
        yield from _carry_out_side_by_side(trials, places, device, jobs)
        return
    for trial in trials:
        outcome = _carry_out_one(trial, places, device)
        yield trial, outcome
        if outcome is None:
            return


def _carry_out_side_by_side(
    trials: Sequence[Trial], places: Places, device: str, jobs: int
) -> Iterator[tuple[Trial, Outcome]]:
    ended: SimpleQueue[Future[Outcome] | None] = SimpleQueue()
    with (
        ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_in_its_process) as pool,
        _stops_put_into(ended),
    ):
        asked = {pool.submit(_carry_out_unless_stopped, trial, places, device): trial for trial in trials}
        for future in asked:
            future.add_done_callback(ended.put)
        left, is_stopped = len(asked), False
        while left:
            done = ended.get()
            if done is None:
                is_stopped = True
                pool.shutdown(wait=False, cancel_futures=True)
                for child in active_children():
                    child.terminate()  # each finishes its step and saves
                continue
            left -= 1
            yield asked[done], _outcome_in(done, is_stopped)


def _outcome_in(future: "Future[Outcome]", is_stopped: bool) -> Outcome:
    try:
        return future.result()
    except CancelledError:
        return None
    except BrokenProcessPool:
        if is_stopped:  # a process that was still beginning doesn't hear that it is asked: it ends
            return None
        return "its process was killed, perhaps for want of memory; --resume goes on, with fewer --jobs"


@contextmanager
def _stops_put_into(queue: "SimpleQueue[Future[Outcome] | None]") -> Iterator[None]:
    """While within, Ctrl-C and SIGTERM put None into the queue:
    what is read from there stops the others in good order."""
    stops = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: queue.put(None)) for number in stops}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _in_its_process() -> None:
    """Ctrl-C, which a terminal sends to every process,
    is left to the one that began this one; it sends SIGTERM."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: _asked.append(True))


_asked: list[bool] = []  # of this process, while it isn't learning: `learn` hears for itself


def _carry_out_unless_stopped(trial: Trial, places: Places, device: str) -> Outcome:
    """The same in a process of its own: asked to stop, it doesn't begin what was handed to it beforehand."""
    outcome = None if _asked else _carry_out_one(trial, places, device)
    if outcome is None:
        _asked.append(True)
    return outcome


def _carry_out_one(trial: Trial, places: Places, device: str) -> Outcome:
    """One trial to its end; what came of it, or why it stopped."""
    try:
        folder = places.runs / trial.name
        with company(device_named(device)) as together, ExitStack() as holding:
            if RunFolder(folder).has_checkpoint:
                holding.enter_context(held(folder))
                learner = resume_run(trial.name, places, together)
            else:  # it ended before its first checkpoint: it begins anew under its name
                shutil.rmtree(folder, ignore_errors=True)
                learner = begin_run(trial.recipe, trial.name, places, together)
                holding.enter_context(held(folder))
            learn(learner, _say_nothing, until=learner.step if _asked else None)
            if learner.step < learner.steps and not learner.is_settled:
                return None
            return write_outcome(learner, places)
    except (SettingError, StoppedLearning, OSError) as error:
        return str(error)


def _say_nothing(line: str) -> None:
    del line  # a run's own lines are in its curves


def _check_music_is_there(trials: Sequence[Trial], places: Places) -> None:
    """Where no run has its corpora, before a folder is made: else each would be refused for the same."""
    missing: SettingError | None = None
    for trial in {_music_of(trial.recipe): trial for trial in trials}.values():
        try:
            places.corpora(trial.recipe)
            places.of_stages(trial.recipe)
            return
        except SettingError as error:
            missing = missing or error
    if missing is not None:
        raise missing


def _music_of(recipe: Recipe) -> tuple[str, ...]:
    return *recipe.data.corpora, *(name for stage in recipe.curriculum for name in stage.corpora)


def _begin(trials: Sequence[Trial], folder: Path) -> Sequence[Trial]:
    RunFolder.check_is_free(folder)
    folder.mkdir(parents=True)
    _write(folder / "experiment.json", {trial.name: trial.recipe.record() for trial in trials})
    return trials


def _trials_of(folder: Path) -> Sequence[Trial]:
    recipes = _read(folder / "experiment.json")
    return [Trial(name, recipe_read(recipe, folder / name)) for name, recipe in recipes.items()]


def corpora_of_trials(folder: Path, otherwise: Path) -> Path:
    """Where the corpora lie that an experiment's runs learn from;
    the other folder where none of them has begun."""
    for record in sorted(folder.glob("*/run.json")):
        with suppress(SettingError):
            return opened(record.parent).corpora(otherwise)
    return otherwise


def _outcomes(folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / _OUTCOMES
    return _read(path) if path.exists() else {}


def _read(path: Path) -> dict[str, Any]:
    try:
        tables: dict[str, Any] = json.loads(path.read_text())
    except ValueError as error:
        remedy = "; delete it, and what is done is measured again" if path.name == _OUTCOMES else ""
        raise SettingError(
            f"{path}: damaged, so the experiment can't be gone on with: {error}{remedy}"
        ) from None
    return tables


def _write(path: Path, tables: Any) -> None:
    write_whole(path, json.dumps(tables, indent=1) + "\n")


def table(outcomes: dict[str, dict[str, Any]]) -> list[str]:
    """What came of each run, a line a run."""
    width = max((len(name) for name in outcomes), default=4)
    columns = [column for column in _COLUMNS if any(column in row for row in outcomes.values())]
    columns += sorted({key for row in outcomes.values() for key in row.get("measures", {})})
    lines = ["  ".join([f"{'run':{width}}", *(f"{column:>14}" for column in columns)])]
    for name, row in outcomes.items():
        values = row | row.get("measures", {})
        lines.append("  ".join([f"{name:{width}}", *(_cell(values.get(column)) for column in columns)]))
    return lines


def ranking(outcomes: dict[str, dict[str, Any]]) -> list[str]:
    """Which of what is tried comes nearest to the corpus by the distance of its notes' distribution (B6): the
    mean over seeds, and beside it what unseen pieces of people come to."""
    found: dict[str, list[float]] = {}
    real: list[float] = []
    for name, row in outcomes.items():
        measures = row.get("measures", {})
        if "distance" in measures:
            found.setdefault(re.sub(r"-?seed\d+$", "", name), []).append(measures["distance"])
            real += [measures["real_distance"]] if "real_distance" in measures else []
    if len(found) < 2:
        return []
    means = {name: fmean(distances) for name, distances in found.items()}
    ranked = [f"{name} {means[name]:.3f}" for name in sorted(means, key=lambda name: means[name])]
    people = f" (people {fmean(real):.3f})" if real else ""
    return [f"nearest to the corpus first, by distance: {', '.join(ranked)}{people}"]


def _cell(value: Any) -> str:
    return f"{'–':>14}" if value is None else f"{value:>14,.4g}"


def summary(outcome: dict[str, Any]) -> str:
    """What came of one run, in a line."""
    values = {column: outcome[column] for column in _COLUMNS if column in outcome} | outcome.get(
        "measures", {}
    )
    ranges = outcome.get("ranges", {})
    words = [
        f"{name.replace('_', ' ')} {value:,.4g}{_range(ranges.get(name))}" for name, value in values.items()
    ]
    if values.get("test_unknown", 0.0) > MOST_UNKNOWN:
        words.append(f"warning: of its test {share_in_words(values['test_unknown'], 'token')}")
    words += [
        f"{name.replace('_', ' ')} not defined because {reason}"
        for name, reason in outcome.get("not_defined", {}).items()
    ]
    return ", ".join(words)


def _range(ends: Sequence[float] | None) -> str:
    return "" if ends is None else f" ({ends[0]:,.3g}–{ends[1]:,.3g})"
