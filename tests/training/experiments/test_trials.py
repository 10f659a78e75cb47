"""An experiment carried out: every run and its outcome,
broken off and gone on with, one at a time or several; what fails is reported and the others go on."""

import json
import re
import signal
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from antiphon import main
from music.settings import SettingError
from tests.support.recipes import check_same_run, curves, home_in, recipe_file, small_recipe_of
from tests.support.running import running
from tests.support.waiting import PATIENCE_S, wait_until
from training.experiments import trials
from training.experiments.trials import carry_out, ranking, summary, table
from training.learning.learner import Learner
from training.learning.train import learn
from training.recipes.experiment import Trial
from training.recipes.recipe import Recipe
from training.run import Places

SHORT = {"learning.steps": 6, "log.validate_every": 3, "log.save_every": 2}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return home_in(tmp_path_factory.mktemp("home"))


def three(**changes: Any) -> list[Trial]:
    """Runs a, b and c of three seeds; b with changes."""
    made = {name: SHORT | {"seed": seed} for seed, name in enumerate("abc")}
    made["b"] |= changes
    return [Trial(name, small_recipe_of("event", settings)) for name, settings in made.items()]


def carried_out(made: list[Trial] | None, name: str, home: Places, jobs: int = 1) -> tuple[int, list[str]]:
    """The exit status and what was said."""
    said: list[str] = []
    return carry_out(made, name, home, "cpu", jobs, said.append), said


def outcomes(home: Places, name: str) -> dict[str, Any]:
    """What came of each run, but for its speed."""
    rows = json.loads((home.runs / name / "outcomes.json").read_text())
    return {run: {key: row[key] for key in row if key != "rows_a_second"} for run, row in rows.items()}


@pytest.fixture(scope="module")
def unbroken(home: Places) -> str:
    """The name of an experiment that went through."""
    assert carried_out(three(), "unbroken", home)[0] == 0
    return "unbroken"


Interrupted = Callable[[Learner, int], int]


def learning_but(name: str, instead: Interrupted, learnt: list[str]) -> Callable[..., int]:
    """`learn`, which of the run of that name does something else;
    tells which runs it was asked to learn, and from where."""

    def changed(learner: Learner, tell: Any, *, until: int | None = None) -> int:
        learnt.append(f"{learner.folder.path.name}{learner.step}")
        if learner.folder.path.name == name:
            return instead(learner, 3)
        return learn(learner, tell, until=until)

    return changed


def asked_to_stop(learner: Learner, step: int) -> int:
    return learn(learner, lambda _: None, until=step)


def killed_at_once(learner: Learner, step: int) -> int:
    learn(learner, lambda _: None, until=step)
    raise KeyboardInterrupt


@pytest.mark.slow
def test_every_run_has_its_folder_and_its_outcome(home: Places, unbroken: str) -> None:
    rows = outcomes(home, unbroken)
    assert list(rows) == ["a", "b", "c"]
    for name, row in rows.items():
        assert row["steps"] == 6
        assert json.loads((home.runs / unbroken / name / "outcome.json").read_text())["steps"] == 6
        curve = curves(home, f"{unbroken}/{name}")
        train = [row["loss"] for row in curve if row["kind"] == "train"]
        assert (row["least_loss"], row["last_loss"]) == (min(train), train[-1])
        assert row["validation"] == min(row["loss"] for row in curve if row["kind"] == "validation")
        assert row["measures"].keys() == {"test"}
    assert rows["a"]["least_loss"] != rows["b"]["least_loss"]


@pytest.mark.slow
def test_what_is_done_is_not_done_again(home: Places, unbroken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (home.runs / unbroken / "outcomes.json").read_bytes()
    learnt: list[str] = []
    monkeypatch.setattr(trials, "learn", learning_but("", asked_to_stop, learnt))
    status, said = carried_out(None, unbroken, home)
    assert status == 0
    assert learnt == []
    assert "3 runs, 3 of them done" in said[0]
    assert said[-1].splitlines()[0].startswith("run")
    assert (home.runs / unbroken / "outcomes.json").read_bytes() == before


@pytest.mark.slow
def test_asked_to_stop_it_says_how_to_go_on_and_goes_on_where_it_was(
    home: Places, unbroken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(trials, "learn", learning_but("b", asked_to_stop, learnt))
        status, said = carried_out(three(), "asked", home)
    assert status == 0
    assert said[-1] == "stopped; go on: antiphon train --resume asked"
    assert learnt == ["a0", "b0"]
    assert list(outcomes(home, "asked")) == ["a"]
    with monkeypatch.context() as patched:
        patched.setattr(trials, "learn", learning_but("", asked_to_stop, learnt))
        status, said = carried_out(None, "asked", home)
    assert status == 0
    assert "3 runs, 1 of them done" in said[0]
    assert learnt[2:] == ["b3", "c0"]
    assert outcomes(home, "asked") == outcomes(home, unbroken)
    for name in "abc":
        check_same_run(home, f"asked/{name}", f"{unbroken}/{name}")


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on_too(
    home: Places, unbroken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(trials, "learn", learning_but("b", killed_at_once, learnt))
        with pytest.raises(KeyboardInterrupt):
            carried_out(three(), "killed", home)
    assert list(outcomes(home, "killed")) == ["a"]
    assert carried_out(None, "killed", home)[0] == 0
    assert outcomes(home, "killed") == outcomes(home, unbroken)


@pytest.mark.slow
def test_a_run_that_was_killed_before_it_saved_begins_anew(home: Places, unbroken: str) -> None:
    assert carried_out(three(), "early", home)[0] == 0
    folder = home.runs / "early"
    rows = json.loads((folder / "outcomes.json").read_text())
    del rows["b"]
    (folder / "outcomes.json").write_text(json.dumps(rows))
    for file in (folder / "b" / "checkpoint").iterdir():
        file.unlink()
    assert carried_out(None, "early", home)[0] == 0
    assert outcomes(home, "early") == {name: outcomes(home, unbroken)[name] for name in ("a", "c", "b")}
    check_same_run(home, "early/b", f"{unbroken}/b")


def test_a_run_that_fails_is_reported_and_the_others_are_carried_out(home: Places, unbroken: str) -> None:
    status, said = carried_out(three(**{"learning.rate": 1e30, "learning.clip": 1e30}), "failing", home)
    assert status == 1
    (why,) = [line for line in said if line.startswith("b: ")]
    assert "lower rate" in why
    assert outcomes(home, "failing") == {name: outcomes(home, unbroken)[name] for name in "ac"}
    status, said = carried_out(None, "failing", home)  # and it is tried again
    assert status == 1
    assert "3 runs, 2 of them done" in said[0]


def test_a_run_that_cannot_begin_is_reported_and_the_others_are_carried_out(home: Places) -> None:
    status, said = carried_out(three(**{"data.corpora": ["nowhere"]}), "unbegun", home)
    assert status == 1
    assert any(line.startswith("b: ") and "no such corpus" in line for line in said)
    assert list(outcomes(home, "unbegun")) == ["a", "c"]


def test_where_no_run_has_its_corpus_nothing_is_begun(home: Places) -> None:
    made = [replace(one, recipe=without_music(one.recipe)) for one in three()]
    with pytest.raises(SettingError, match=r"nowhere\.safetensors: no such corpus; .* nowhere FOLDER"):
        carried_out(made, "no-music", home)
    assert not (home.runs / "no-music").exists()


def without_music(recipe: Recipe) -> Recipe:
    return replace(recipe, data=replace(recipe.data, corpora=("nowhere",)))


def test_an_experiment_is_never_written_over(home: Places, unbroken: str) -> None:
    with pytest.raises(SettingError, match="a run of that name exists; go on with it"):
        carried_out(three(), unbroken, home)


@pytest.mark.parametrize("file", ["experiment", "outcomes"])
def test_a_damaged_table_is_refused(home: Places, unbroken: str, file: str) -> None:
    path = home.runs / unbroken / f"{file}.json"
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    try:
        with pytest.raises(SettingError, match=f"{file}.json: damaged") as why:
            carried_out(None, unbroken, home)
        assert ("delete it" in str(why.value)) == (file == "outcomes")  # recipes are nowhere else
    finally:
        path.write_bytes(whole)


def test_where_outcomes_are_gone_what_is_done_is_measured_again(home: Places, unbroken: str) -> None:
    path = home.runs / unbroken / "outcomes.json"
    before = outcomes(home, unbroken)
    path.unlink()
    assert carried_out(None, unbroken, home)[0] == 0
    assert outcomes(home, unbroken) == before


def test_the_table_has_a_line_a_run_and_a_column_a_figure() -> None:
    rows = {
        "one": {"least_loss": 1.5, "validation": 2.25, "rows_a_second": 12345.6, "measures": {"test": 0.5}},
        "another": {
            "least_loss": 0.000123456,
            "validation": 2.0,
            "rows_a_second": 1.0,
            "measures": {"f1": 1.0},
        },
    }
    lines = table(rows)
    assert [line.split() for line in lines] == [
        ["run", "least_loss", "validation", "rows_a_second", "f1", "test"],
        ["one", "1.5", "2.25", "1.235e+04", "–", "0.5"],
        ["another", "0.0001235", "2", "1", "1", "–"],
    ]
    assert len({len(line) for line in lines}) == 1
    assert summary(rows["one"]) == "least loss 1.5, validation 2.25, rows a second 1.235e+04, test 0.5"
    assert table({}) == ["run "]


@pytest.mark.slow
def test_several_at_a_time_come_to_the_same_as_one_after_another(home: Places, unbroken: str) -> None:
    status, said = carried_out(three(), "side-by-side", home, jobs=2)
    assert status == 0
    assert {line.split()[1] for line in said if re.match(r"\d/3", line)} == {"a:", "b:", "c:"}
    assert outcomes(home, "side-by-side") == outcomes(home, unbroken)
    for name in "abc":
        check_same_run(home, f"side-by-side/{name}", f"{unbroken}/{name}")


@pytest.mark.slow
def test_what_a_killed_process_did_not_finish_is_gone_on_with(home: Places, unbroken: str) -> None:
    said: list[str] = []

    def tell(line: str) -> None:
        said.append(line)
        if line.startswith("1/3"):
            for child in active_children():
                child.kill()

    assert carry_out(three(), "lost", home, "cpu", 2, tell) == 1
    assert any("its process was killed" in line for line in said)
    assert carried_out(None, "lost", home, jobs=2)[0] == 0
    done = outcomes(home, "lost")
    assert {name: done[name] for name in "abc"} == outcomes(home, unbroken)


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_the_command_that_is_asked_to_stop_says_how_to_go_on_and_goes_on(home: Places, jobs: int) -> None:
    name, words = f"command{jobs}", ["--runs", str(home.runs), "--corpora", str(home.data), "--device", "cpu"]
    recipe = small_recipe_of("event", {"learning.steps": 300, "log.validate_every": 300})
    file = recipe_file(home, name, recipe, "[grid]\nseed = [1, 2, 3]\n")
    begun = home.runs / name
    with running("train", file, "--run", name, "--jobs", str(jobs), *words) as process:
        wait_until(lambda: any(begun.glob("*/curves.jsonl")))
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=PATIENCE_S)[0]
    assert process.returncode == 0
    assert said.splitlines()[-1] == f"stopped; go on: antiphon train --resume {name}"
    assert not (begun / "outcomes.json").exists()
    before = {
        path.parent.parent.name: written_at(begun, path.parent.parent.name)
        for path in begun.glob("*/checkpoint/place.json")
    }
    assert before
    assert main(["train", "--resume", name, "--jobs", str(jobs), *words]) == 0
    assert set(outcomes(home, name)) == {"seed1", "seed2", "seed3"}
    assert {run: written_at(begun, run) for run in before} == before  # they were not begun anew
    assert all(steps_logged(home, f"{name}/seed{seed}") == list(range(1, 301)) for seed in (1, 2, 3))


def steps_logged(home: Places, name: str) -> list[int]:
    return [row["step"] for row in curves(home, name) if row["kind"] == "train"]


def written_at(experiment: Path, run: str) -> int:
    return (experiment / run / "run.json").stat().st_mtime_ns


def test_what_is_tried_is_ranked_by_its_distance_to_the_corpus() -> None:
    def outcome(distance: float) -> dict[str, Any]:
        return {"least_loss": 1.0, "measures": {"distance": distance, "real_distance": 0.1}}

    outcomes = {
        "lstm-seed1": outcome(0.3),
        "lstm-seed2": outcome(0.5),
        "stacked-seed1": outcome(0.2),
        "without": {"least_loss": 1.0, "measures": {}},
    }
    (line,) = ranking(outcomes)
    assert line.endswith("stacked 0.200, lstm 0.400 (people 0.100)")
    assert ranking({"lstm-seed1": outcome(0.3), "lstm-seed2": outcome(0.5)}) == []
    assert ranking({}) == []


def test_a_summary_has_ranges_and_says_what_is_not_defined() -> None:
    line = summary(
        {
            "least_loss": 1.0,
            "measures": {"closes": 0.5},
            "ranges": {"closes": [0.4, 0.6]},
            "not_defined": {"chamfer": "the reference is silent"},
        }
    )
    assert "closes 0.5 (0.4–0.6)" in line
    assert "chamfer not defined because the reference is silent" in line


@pytest.mark.parametrize(("share", "warns"), [(0.04, False), (0.31, True)])
def test_a_loss_that_is_mostly_of_the_unknown_is_warned_of(share: float, warns: bool) -> None:
    line = summary({"least_loss": 1.0, "measures": {"test": 2.0, "test_unknown": share}})
    assert ("warning: of its test 31.0% of the tokens are unknown" in line) == warns
