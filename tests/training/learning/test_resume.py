"""A run that was stopped, however often and wherever, and gone on with is the run that never stopped:
its curves and all its tensors, bit for bit."""

import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from antiphon import main
from tests.support.command import antiphon
from tests.support.recipes import ALONE, check_same_run, curves, home_in, learnt, saved, small_recipe_of
from tests.support.running import line_with, running
from tests.support.waiting import PATIENCE_S
from training.learning.learner import UNREPORTED_ONCE
from training.learning.train import learn
from training.run import Places, begin_run, resume_run

# A recipe whose model has the sizes of a kept file, and begins with it though it listens.
OF_A_FILE: dict[str, Any] = {
    "begin_from": "tests/golden/format-1-fp32.onnx",
    "model": {
        **{"kind": "event", "trunk": {"kind": "lstm", "layers": 1, "width": 4}, "listens": True},
        **{"gap_size": 2, "key_size": 2, "velocity_size": 2, "head": 4},
    },
}
CARRIED = {"kind": "lanes", "lanes": 4, "window": 24, "carry": True}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return home_in(tmp_path_factory.mktemp("home"))


# What a next step depends on, by what keeps it: (kind, changes)
RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "state-of-lanes": ("event", {}),
    "chance-of-dropout": ("event", {"model.dropout": 0.5, "model.trunk.dropout": 0.3}),
    "chance-of-variants": ("event", {"data.semitones": [-2, 0, 3], "data.stretches": [0.9, 1.0, 1.1]}),
    "mean-of-weights": ("event", {"learning.average": 0.9}),
    "progress-that-slows": (
        "event",
        {
            "learning.rate": 0.5,
            "learning.schedule": {"kind": "slowing", "interval": 2, "patience": 1, "least": 0.2},
        },
    ),
    "curve-of-rates": ("event", {"learning.schedule": {"kind": "cosine", "warmup": 3}}),
    "unreported-losses": ("event", {"log.every": 4}),
    "whole-notes": ("note", {}),
    "windows-by-chance": ("symbol", {}),
    "learnt-vocabulary": ("symbol", {"data.encoding": "chord", "data.most_symbols": 20}),
    "lanes-of-symbols": ("symbol", {"data.feed": CARRIED, "data.first_given": True}),
    "optimiser-rmsprop": ("symbol", {"learning.optimiser": {"kind": "rmsprop"}}),
    "optimiser-adagrad": ("symbol", {"learning.optimiser": {"kind": "adagrad"}}),
    "times-of-notes": ("step", {}),
    "rolls": ("roll", {"model.head": "nade", "model.nade_width": 8}),
    "batch-norm": ("roll", {"model.trunk": {"kind": "gru", "layers": 2, "width": 12, "batch_norm": True}}),
    "ring": (
        "event",
        {"model.trunk": {"kind": "ring", "layers": 1, "width": 12, "ring": 6, "heads": 2}},
    ),
    "curriculum": (
        "roll",
        {"curriculum": [{"levels": [1, 2], "steps": 3}, {"levels": [3, 4], "steps": 4}]},
    ),
    "curriculum-of-windows": (
        "symbol",
        {"curriculum": [{"levels": [1, 2], "steps": 6}, {"levels": [3, 4], "steps": 2}]},
    ),
    "biaxial": ("biaxial", {"model.dropout": 0.5}),
    "gibbs-sampling": ("rbm", {}),
    "chance-of-portraits": ("event", {"model.listens": True, "data.beat_stretches": [1.0, 2.0]}),
    "begun-from-a-file": ("event", OF_A_FILE),
}


# one of each feed and of each thing that is carried on: the others differ in a setting
IN_EVERY_CHECK = (
    "state-of-lanes",
    "chance-of-dropout",
    "mean-of-weights",
    "progress-that-slows",
    "windows-by-chance",
    "lanes-of-symbols",
    "curriculum",
    "gibbs-sampling",
    "chance-of-portraits",
    "begun-from-a-file",
)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in IN_EVERY_CHECK else pytest.mark.slow) for name in RUNS]
)
@pytest.mark.slow
def test_a_run_in_parts_is_the_run_in_one(home: Places, name: str) -> None:
    kind, changes = RUNS[name]
    recipe = small_recipe_of(kind, changes)
    learnt(home, name, recipe)
    learnt(home, f"{name}-parts", recipe, 5, 6)  # between what is saved and measured; in the middle
    check_same_run(home, f"{name}-parts", name)


@pytest.mark.slow
def test_a_run_that_is_stopped_at_every_step_is_the_run_in_one(home: Places) -> None:
    recipe = small_recipe_of("event", {"model.trunk.dropout": 0.3, "learning.average": 0.9, "log.every": 5})
    learnt(home, "in-one", recipe)
    learnt(home, "step-by-step", recipe, *range(1, 12))
    check_same_run(home, "step-by-step", "in-one")


@pytest.mark.slow
def test_a_checkpoint_from_before_one_of_its_names_changed_is_gone_on_from_exactly(home: Places) -> None:
    recipe = small_recipe_of("event", {"log.every": 4})
    learnt(home, "as-now", recipe)
    learn(begin_run(recipe, "as-before", home, ALONE), [].append, until=6)
    place = home.runs / "as-before" / "checkpoint" / "place.json"
    place.write_text(place.read_text().replace('"unreported"', f'"{UNREPORTED_ONCE}"'))
    learn(resume_run("as-before", home, ALONE), [].append)
    check_same_run(home, "as-before", "as-now")


def test_what_is_compared_tells_runs_apart(home: Places) -> None:
    """The check above can fail: another seed gives other curves and other tensors."""
    for seed in (1, 2):
        learnt(home, f"seed{seed}", small_recipe_of("event", {"seed": seed}))
    assert curves(home, "seed1") != curves(home, "seed2")
    with pytest.raises(AssertionError):
        check_same_run(home, "seed1", "seed2")
    parts = {name.split(".")[0] for name in saved(home, "seed1")}
    assert parts == {"model", "optimiser", "carried", "chance"}
    assert [row["step"] for row in curves(home, "seed1") if row["kind"] == "train"] == list(range(1, 13))


def test_a_slowing_schedule_is_remembered_where_it_has_slowed(home: Places) -> None:
    """So that the case above is no empty one."""
    learnt(home, "slowed", small_recipe_of(*RUNS["progress-that-slows"]), 9)
    rates = [row["rate"] for row in curves(home, "slowed") if row["kind"] == "train"]
    assert rates[0] == 0.5
    assert rates[9] < 0.5


def words(home: Places) -> list[str]:
    return ["--runs", str(home.runs), "--corpora", str(home.data), "--device", "cpu"]


def settings(**changes: Any) -> Iterator[str]:
    for name, value in changes.items():
        yield from ("--set", f"{name.replace('__', '.')}={value}")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_that_is_asked_to_stop_saves_says_how_to_go_on_and_goes_on_exactly(
    home: Places, number: signal.Signals
) -> None:
    name = f"asked-{number.name}"
    options = [
        *("tiny", *words(home)),
        *settings(learning__steps=20_000, log__every=1, log__validate_every=7, model__trunk__dropout=0.2),
        *settings(model__trunk__width=12, data__feed__lanes=4, data__feed__window=24),
    ]
    with running("train", *options, "--run", name) as process:
        line_with(process, "step 3/20000")
        process.send_signal(number)
        said = process.communicate(timeout=PATIENCE_S)[0].splitlines()
    assert process.returncode == 0
    stopped = re.fullmatch(
        rf"stopped at step (\d+) of 20000; go on: antiphon train --resume {name}", said[-1]
    )
    assert stopped
    until = str(int(stopped[1]) + 10)
    resumed = antiphon("train", "--resume", name, "--until", until, *words(home))
    assert (resumed.returncode, resumed.stderr) == (0, "")
    assert main(["train", *options, "--run", f"{name}-whole", "--until", until]) == 0
    check_same_run(home, name, f"{name}-whole")


@pytest.mark.slow
def test_a_process_that_is_killed_loses_only_what_came_after_its_last_checkpoint(home: Places) -> None:
    options = [
        *("tiny", *words(home)),
        *settings(learning__steps=20_000, log__every=1, log__validate_every=7, log__save_every=5),
        *settings(model__trunk__width=12, data__feed__lanes=4, data__feed__window=24),
    ]
    with running("train", *options, "--run", "killed") as process:
        line_with(process, "step 23/20000")
        process.kill()
        process.communicate(timeout=PATIENCE_S)
    done = max(row["step"] for row in curves(home, "killed"))
    until = str(done + 10)
    assert main(["train", "--resume", "killed", "--until", until, *words(home)]) == 0
    assert main(["train", *options, "--run", "not-killed", "--until", until]) == 0
    check_same_run(home, "killed", "not-killed")
