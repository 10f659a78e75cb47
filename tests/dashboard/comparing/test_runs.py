"""All runs in one table: states, and what differs between recipes alone."""

import json
import os
from pathlib import Path

import pytest

from dashboard.charts import Axes, loss_curves
from dashboard.comparing.across import Across, seconds_left
from dashboard.comparing.runs import LEARNING, MEASURING_S, STILL_S, is_alive, state_of, table_of
from dashboard.places import Places
from dashboard.runs import Run, find_runs, written_ns
from tests.support.judged import ROWS_A_STEP, diverged_run, learnt_roll_run, learnt_run, timed_run


def runs_in(folder: Path) -> dict[str, Run]:
    return {run.name: run for run in find_runs(Places(folder)).runs}


def test_a_row_says_how_a_run_is_doing(tmp_path: Path) -> None:
    learnt_run(tmp_path, "going", 60)
    diverged_run(tmp_path, "wild", 60, 40)
    learnt_roll_run(tmp_path, "done", done=True)
    runs = runs_in(tmp_path)
    assert state_of(runs["going"], 1.0).startswith("running, 60")
    assert state_of(runs["going"], STILL_S + 1) == "stopped at 60"
    assert state_of(runs["wild"], STILL_S + 1) == "diverged at 40"
    assert state_of(runs["done"], STILL_S + 1).startswith("finished")


def test_a_run_that_may_be_reading_held_out_pieces_is_given_more_time(tmp_path: Path) -> None:
    for name, validated in (("measures", 20), ("learns", 40)):
        folder = learnt_run(tmp_path, name, 40)
        record = json.loads((folder / "run.json").read_text())
        record["recipe"]["log"] = {"every": 10, "validate_every": 20}
        (folder / "run.json").write_text(json.dumps(record))
        rows = [json.loads(line) for line in (folder / "curves.jsonl").read_text().splitlines()]
        rows = [row for row in rows if row["kind"] == "train" or row["step"] <= validated]
        (folder / "curves.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    runs = runs_in(tmp_path)
    assert state_of(runs["measures"], STILL_S + 1) == "measuring at 40, silent for 10:01"
    assert is_alive(runs["measures"], STILL_S + 1)
    assert state_of(runs["measures"], MEASURING_S + 1) == "stopped at 40"
    assert state_of(runs["learns"], STILL_S + 1) == "stopped at 40"


def test_a_run_that_took_all_its_steps_is_being_measured_until_it_is_done(tmp_path: Path) -> None:
    run = runs_in(learnt_run(tmp_path, "last", 100).parent)["last"]
    assert state_of(run, STILL_S + 1) == "at its end, 100 steps, being measured"
    assert state_of(run, MEASURING_S + 1) == "stopped at 100"


def test_a_run_counts_as_silent_since_it_wrote_its_weights_as_well(tmp_path: Path) -> None:
    folder = learnt_run(tmp_path, "going", 40)
    for path in folder.iterdir():
        os.utime(path, ns=(1, 1))
    assert written_ns(folder) == 1
    (folder / "remarks.json").write_text("{}")
    (folder / "evaluation").mkdir()
    assert written_ns(folder) == 1  # people's, and the judge's
    (folder / "checkpoint").mkdir()
    assert written_ns(folder) > 1
    assert written_ns(tmp_path / "nowhere") == 0


def test_a_run_by_passes_that_says_its_steps_says_what_is_left(tmp_path: Path) -> None:
    folder = timed_run(tmp_path, "passes", 60, seconds=30.0)
    record = json.loads((folder / "run.json").read_text())
    record["recipe"]["learning"] = {"steps": 0, "passes": 2.5}
    (folder / "run.json").write_text(json.dumps(record))
    assert state_of(runs_in(tmp_path)["passes"], 1.0) == "running, 60, for 2.5 passes"
    (folder / "run.json").write_text(json.dumps(record | {"steps": 80}))
    run = runs_in(tmp_path)["passes"]
    assert seconds_left(run) == 20 / 10 * 30
    assert state_of(run, 1.0) == "running, 60 of 80, 1:00 left"


def test_only_what_differs_between_recipes_has_a_column(tmp_path: Path) -> None:
    learnt_run(tmp_path, "one", 60)
    learnt_run(tmp_path, "other", 60)
    learnt_roll_run(tmp_path, "rolls")
    runs = runs_in(tmp_path)
    (alike, _) = table_of([runs["one"], runs["other"]], {}, {})
    unlike = table_of([runs["one"], runs["rolls"]], {}, {})
    assert unlike[0].keys() == unlike[1].keys() > alike.keys()
    assert all(unlike[0][name] != unlike[1][name] for name in unlike[0].keys() - alike.keys())


def test_losses_of_different_measures_stand_in_columns_of_their_own(tmp_path: Path) -> None:
    learnt_run(tmp_path, "events", 60)
    learnt_roll_run(tmp_path, "rolls")
    runs = runs_in(tmp_path)
    events, rolls = table_of([runs["events"], runs["rolls"]], {}, {})
    assert (events["best, nats a step"], rolls["best, nats a note"]) == (None, None)
    assert events["best, nats a note"] != rolls["best, nats a step"] is not None


def test_a_run_that_says_how_long_its_rows_took_says_what_is_left(tmp_path: Path) -> None:
    timed_run(tmp_path, "timed", 60, seconds=30.0)
    run = runs_in(tmp_path)["timed"]
    assert seconds_left(run) == 40 / 10 * 30
    assert state_of(run, 1.0).endswith(", 2:00 left")
    learnt_run(tmp_path, "older", 60)
    assert seconds_left(runs_in(tmp_path)["older"]) is None


def test_curves_lie_across_hours_and_rows_where_a_run_says_them(tmp_path: Path) -> None:
    timed_run(tmp_path, "timed", 60, seconds=36.0)
    run = runs_in(tmp_path)["timed"]
    hours, rows, steps = (axis.place_in(run) for axis in (Across.HOURS, Across.ROWS, Across.STEPS))
    assert hours is not None
    assert rows is not None
    assert steps is not None
    assert [hours(step) for step in (0, 10, 15, 60, 99)] == pytest.approx([0, 0.01, 0.015, 0.06, 0.06])
    assert rows(20) == 2 * ROWS_A_STEP * 10
    assert steps(17) == 17
    learnt_run(tmp_path, "older", 60)
    assert Across.HOURS.place_in(runs_in(tmp_path)["older"]) is None


def test_a_chart_across_hours_leaves_out_what_has_none_and_a_logarithm_what_is_not_above_0(
    tmp_path: Path,
) -> None:
    timed_run(tmp_path, "timed", 60, seconds=36.0)
    learnt_run(tmp_path, "older", 60)
    runs = list(runs_in(tmp_path).values())
    chart = loss_curves(runs, "nats an event", axes=Axes(Across.HOURS, is_log=True)).to_dict()
    rows = [row for data in chart["datasets"].values() for row in data]
    assert {row["run"] for row in rows} == {"timed"}
    scales = [layer["encoding"]["y"]["scale"] for layer in chart["layer"]]
    assert all(scale["type"] == "log" for scale in scales)


def test_a_curve_as_small_as_a_word_has_few_points(tmp_path: Path) -> None:
    learnt_run(tmp_path, "long", 1000)
    (row,) = table_of(list(runs_in(tmp_path).values()), {}, {})
    assert 1 < len(row[LEARNING]) <= 40
