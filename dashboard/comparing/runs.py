"""All runs in one table: how each is doing, how it learns, and what differs between their recipes.

Losses of different measures never stand in one column. Must not know pages or charts, nor read files.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

from dashboard.comparing.across import seconds_left
from dashboard.comparing.remarks import Remarks
from dashboard.runs import Run

STATE, LEARNING = "state", "loss on train music"
STILL_S = 600.0  # a run that has written nothing for so long, and isn't done, was stopped
MEASURING_S = 3600.0  # and so long while it may be reading held-out pieces
_POINTS = 40  # of a curve as small as a word
_OF_NO_INTEREST = {"name", "about"}  # of a recipe: words, which change nothing


def table_of(
    runs: Sequence[Run], silent_s: Mapping[str, float], remarks: Mapping[str, Remarks]
) -> list[dict[str, Any]]:
    """A row for each run; `silent_s` says how long ago each, by name, has written last."""
    recipes = [dict(_settings(run.record["recipe"])) for run in runs]
    measures = dict.fromkeys(run.alike.held_out_measure for run in runs)
    differing = _differing(recipes)
    return [
        {
            "run": run.name,
            STATE: state_of(run, silent_s.get(run.name, 0.0)),
            **{
                f"best, {measure}": run.best if run.alike.held_out_measure == measure else None
                for measure in measures
            },
            LEARNING: _small(run),
            "tags": list(remarks[run.name].tags) if run.name in remarks else [],
            **{name: recipe.get(name, "") for name in differing},
            "model": run.model,
            "encoding": run.alike.written,
            "learnt from": run.learnt_from,
            "tier": run.record["tier"],
            "what it is": run.record["recipe"]["about"],
        }
        for run, recipe in zip(runs, recipes, strict=True)
    ]


def state_of(run: Run, silent_s: float) -> str:
    """How it is doing, in words."""
    if run.diverged_at is not None:
        return f"diverged at {run.diverged_at:,}"
    if run.outcome is not None:
        return f"finished, {run.done:,} steps"
    if not is_alive(run, silent_s):
        return f"stopped at {run.done:,}"
    if run.steps and run.done >= run.steps:
        return f"at its end, {run.done:,} steps, being measured"
    if silent_s > STILL_S:
        return f"measuring at {run.done:,}, silent for {_clock(silent_s)}"
    left = seconds_left(run)
    return f"running, {run.progress}" + (f", {_clock(left)} left" if left is not None else "")


def is_alive(run: Run, silent_s: float) -> bool:
    """Whether it still learns, as far as files tell."""
    patience = MEASURING_S if run.is_measuring else STILL_S
    return run.diverged_at is None and run.outcome is None and silent_s <= patience


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _differing(recipes: Sequence[Mapping[str, str]]) -> list[str]:
    """Settings that aren't the same in all recipes, in the order in which they are first met."""
    names = dict.fromkeys(name for recipe in recipes for name in recipe)
    return [name for name in names if len({recipe.get(name) for recipe in recipes}) > 1]


def _settings(table: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Each setting by its path, as `--set` has it, in words: of one kind, so that a column can be sorted."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _settings(value, f"{within}{name}.")
        elif f"{within}{name}" not in _OF_NO_INTEREST:
            yield f"{within}{name}", str(value)


def _small(run: Run) -> list[float]:
    losses = list(filter(isfinite, run.curves.train.column("loss")))
    step = max(-(-len(losses) // _POINTS), 1)
    return losses[::step]
