"""Figures from data: every run, field and player is in them, and no streamlit is needed."""

import json
import math
import re
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from dashboard import charts
from dashboard.colours import DARK, FIELD_COLOURS, LIGHT, MARK, PLAYER_COLOURS, Ground
from dashboard.curves import Curves
from dashboard.places import Places
from dashboard.reports import JudgedReport, Score
from dashboard.runs import Experiment, Run, default_reports, find_runs, load_run
from tests.support.command import ROOT
from tests.support.eyes import EYES, apart_by, contrast
from tests.support.judged import diverged_run, learnt_run

PLAYER = (Path(charts.__file__).parent / "player" / "player.css").read_text()
ROLL_COLOURS = re.findall(r"--(?:call|answer|continuation): (#\w{6});", PLAYER)


@pytest.fixture
def report(filled: Places) -> JudgedReport:
    (found,) = default_reports(filled)
    return found


def rows_of(chart: charts.Chart) -> list[dict[str, Any]]:
    """All data of a chart, of all its layers."""
    spec = chart.to_dict()
    layers = spec.get("layer", [spec])
    tables = [layer.get("data", spec.get("data", {})) for layer in layers]
    named = spec.get("datasets", {})
    return [row for table in tables for row in table.get("values") or named.get(table.get("name"), [])]


def test_curves_have_every_run_train_and_held_out(filled: Places) -> None:
    runs = find_runs(filled).runs
    learning, held_out = (
        charts.loss_curves(runs, "nats an event"),
        charts.held_out_curves(runs, "nats a note"),
    )
    for chart in (learning, held_out):
        assert {row["run"] for row in rows_of(chart)} == {"first", "second"}
    assert len(rows_of(learning)) == 16 + 8
    assert {row["value"] for row in rows_of(charts.train_curves(runs, "rate", "rate", ".0e"))} == {1e-3}
    late = charts.train_curves(runs, "rate", "rate", ".0e", since=40, axes=charts.Axes(is_log=True))
    assert {row["step"] for row in rows_of(late)} == {*range(40, 101, 10)}
    assert late.to_dict()["encoding"]["y"]["scale"]["type"] == "log"


def titles_of(chart: charts.Chart) -> set[str]:
    """What stands at a chart's vertical axis."""
    spec = chart.to_dict()
    return {layer["encoding"]["y"]["title"] for layer in spec.get("layer", [spec])}


def test_both_lines_of_events_are_in_one_measure_and_the_held_out_figure_in_its_own(filled: Places) -> None:
    (run,) = [run for run in find_runs(filled).runs if run.name == "second"]
    learning = charts.loss_curves([run], run.alike.measure)
    assert titles_of(learning) == {"nats an event"}
    at_20 = [row["value"] for row in rows_of(learning) if row["step"] == 20]
    assert at_20 == pytest.approx([7.6, 8.1])
    held_out = charts.held_out_curves([run], run.alike.held_out_measure)
    assert titles_of(held_out) == {"nats a note"}
    assert [row["value"] for row in rows_of(held_out)] == pytest.approx([15.2, 14.4, 13.6])


def test_another_family_has_its_own_measure_and_speed(mixed: Places) -> None:
    (run,) = [run for run in find_runs(mixed).runs if run.name == "rolls"]
    assert titles_of(charts.loss_curves([run], run.alike.measure)) == {"nats a step"}
    held_out = charts.held_out_curves([run], run.alike.held_out_measure)
    assert titles_of(held_out) == {"nats a step"}
    assert [row["value"] for row in rows_of(held_out)] == [20, 19, 18, 17]
    speed = charts.train_curves([run], "rows_a_second", f"{run.alike.unit}s a second", ",d")
    assert titles_of(speed) == {"steps a second"}


def test_every_trial_of_an_experiment_is_a_row(mixed: Places) -> None:
    (experiment,) = find_runs(mixed).experiments
    done, under_way, not_begun = charts.outcomes_of(experiment)
    assert (done["run"], done["steps"], done["least loss"], done["test"]) == (
        "plain-seed1",
        "40, done",
        16.0,
        17.5,
    )
    assert (under_way["steps"], under_way["least loss"], under_way["test"]) == (
        "20, for 2.5 passes",
        None,
        None,
    )
    assert (not_begun["run"], not_begun["steps"], not_begun["weights"]) == ("deep-seed2", "not begun", None)
    assert done.keys() == under_way.keys() == not_begun.keys()


def two_seeds(losses: Sequence[float]) -> Experiment:
    """Trials of two points and two seeds, the first of them done with these losses on held-out pieces."""
    trials = ("a-seed1", "a-seed2", "b-seed1", "b-seed2")
    outcomes = {
        name: {"least_loss": 1.0, "validation": loss, "measures": {"in_scale": loss / 10}}
        for name, loss in zip(trials, losses, strict=False)
    }
    record = {"recipe": {"data": {"encoding": "roll"}}, "measure": "nats a step"}
    return Experiment("sweep", trials, tuple(Run(name, record, Curves()) for name in trials), outcomes)


def test_a_point_of_an_experiment_is_shown_by_the_mean_of_its_seeds_and_how_far_they_lie_apart() -> None:
    a, b = charts.points_of(two_seeds([2.0, 3.0, 5.0]))
    assert (a["what is tried"], a["seeds done"], b["seeds done"]) == ("a", "2 of 2", "1 of 2")
    assert (a["on held-out pieces"], a["seeds apart by"], a["in scale"]) == (2.5, 1.0, pytest.approx(0.25))
    assert (b["on held-out pieces"], b["seeds apart by"]) == (5.0, None)
    assert a.keys() == b.keys()
    assert "measure" not in a  # all are of one, which is named above the table


def test_a_point_that_is_not_done_has_no_figures() -> None:
    for row in charts.points_of(two_seeds([])):
        assert (row["on held-out pieces"], row["least loss"], row["seeds apart by"]) == (None, None, None)


def test_each_run_that_is_done_is_a_dot_of_its_point() -> None:
    experiment = two_seeds([2.0, 3.0, 5.0])
    dots = rows_of(charts.outcome_dots(experiment, experiment.runs, "on held-out pieces"))
    assert {(row["point"], row["run"], row["value"]) for row in dots} == {
        ("a", "a-seed1", 2.0),
        ("a", "a-seed2", 3.0),
        ("b", "b-seed1", 5.0),
    }
    of_one = rows_of(charts.outcome_dots(experiment, experiment.runs[:1], "in scale"))
    assert {row["run"] for row in of_one} == {"a-seed1"}
    assert {row["value"] for row in of_one} == {0.2}


def test_curves_can_begin_later(filled: Places) -> None:
    runs = find_runs(filled).runs
    assert min(row["step"] for row in rows_of(charts.loss_curves(runs, "nats an event", since=50))) == 50


def test_a_long_curve_is_thinned(filled: Places) -> None:
    (run, *_) = find_runs(filled).runs
    rows = [{"step": step, "loss": 1.0, "rate": 1e-3, "rows_a_second": 9e3} for step in range(10_000)]
    long = replace(run, curves=Curves(run.curves.train.with_rows(rows)))
    assert len(rows_of(charts.train_curves([long], "rate", "rate", ".0e"))) <= 1200


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_of_a_diverged_run_what_came_before_is_drawn_and_a_cross_where_it_ends(
    places: Places, loss: float
) -> None:
    run = load_run(diverged_run(places.runs, "wild", 60, 40, loss))
    other = load_run(learnt_run(places.runs, "sane", 60))
    for chart, last in (
        (charts.loss_curves([run, other], "nats an event"), 30),
        (charts.held_out_curves([run, other], "nats a note"), 20),
    ):
        text = json.dumps(chart.to_dict(), allow_nan=False)  # with a NaN in it nothing would be drawn
        assert "NaN" not in text
        rows = rows_of(chart)
        (cross,) = [row for row in rows if "diverged at" in row]
        assert (cross["run"], cross["step"], cross["diverged at"]) == ("wild", last, 40)
        assert max(row["step"] for row in rows if row["run"] == "wild") == last
        assert max(row["step"] for row in rows if row["run"] == "sane") == 60
    json.dumps(charts.train_curves([run], "rate", "rate", ".0e").to_dict(), allow_nan=False)


def test_no_run_that_learns_has_a_cross(filled: Places) -> None:
    rows = rows_of(charts.loss_curves(find_runs(filled).runs, "nats an event"))
    assert not [row for row in rows if "diverged at" in row]


def test_an_outcome_that_is_no_number_spoils_no_mean_and_no_dots() -> None:
    experiment = two_seeds([2.0, math.nan, math.inf, 4.0])
    a, b = charts.points_of(experiment)
    assert (a["on held-out pieces"], b["on held-out pieces"]) == (2.0, 4.0)
    assert (a["seeds apart by"], b["seeds apart by"]) == (None, None)
    dots = rows_of(charts.outcome_dots(experiment, experiment.runs, "on held-out pieces"))
    assert {row["run"] for row in dots} == {"a-seed1", "b-seed2"}


def test_no_curve_yet_is_an_empty_figure() -> None:
    assert rows_of(charts.loss_curves([], "nats a step")) == []


def test_likelihood_bars_add_up_to_the_sums_beside_their_names(report: JudgedReport) -> None:
    rows = rows_of(charts.likelihood_bars(report))
    labels = list(dict.fromkeys(row["label"] for row in rows))
    names = [label.partition("\n")[0] for label in labels]
    assert names == [
        "state carried",
        "reset",
        "remembering",
        "chance",
        "untrained",
        "note unigram",
        "note bigram",
    ]
    for label, score in zip(labels, report.scores, strict=True):
        parts = [row["nats"] for row in rows if row["label"] == label and "field" in row]
        assert sum(parts) == pytest.approx(score.nats)
        assert label.endswith(f"\n{score.nats:.2f} ± {score.error:.2f}")


def judged(report: JudgedReport, **nats: float) -> JudgedReport:
    """The report with these scores."""
    parts = (("gap", 1.0), ("key", 1.0))
    return replace(report, scores=tuple(Score(name, sum_, 0.1, parts) for name, sum_ in nats.items()))


def reach_of(chart: charts.Chart) -> float:
    """Where the axis of a chart's bars ends."""
    spec = chart.to_dict()
    (bars, *_) = spec.get("layer", [spec])
    least, most = bars["encoding"]["x"]["scale"]["domain"]
    assert least == 0
    return float(most)


def test_chance_far_away_leaves_the_width_to_those_that_are_compared_and_goes_on_with_a_mark(
    report: JudgedReport,
) -> None:
    chart = charts.likelihood_bars(judged(report, carried=7.5, chance=22.3, untrained=23.0, bigram=12.5))
    assert 12.5 < reach_of(chart) < 14
    assert {row["label"] for row in rows_of(chart) if "goes on" in row} == {
        "chance\n22.30 ± 0.10",
        "untrained\n23.00 ± 0.10",
    }


def test_chance_that_is_not_far_away_is_drawn_whole(report: JudgedReport) -> None:
    for scores in ({"carried": 7.5, "chance": 8.5}, {"chance": 22.0}):
        chart = charts.likelihood_bars(judged(report, **scores))
        assert reach_of(chart) >= max(scores.values())
        assert not [row for row in rows_of(chart) if "goes on" in row]


COLOURS_ON: Mapping[str, Sequence[Collection[str]]] = {
    ground.behind: (ground.many, FIELD_COLOURS.values(), PLAYER_COLOURS.values(), rolls)
    for ground, rolls in ((DARK, ROLL_COLOURS[:3]), (LIGHT, ROLL_COLOURS[3:]))
}


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("ground", COLOURS_ON)
def test_colours_of_one_chart_are_apart_for_eyes_of_every_kind(ground: str, eyes: str) -> None:
    for colours in COLOURS_ON[ground]:
        for one, other in combinations(colours, 2):
            assert apart_by(one, other, eyes) > 20, f"{one} and {other}"


@pytest.mark.parametrize("ground", [DARK, LIGHT], ids=["dark", "light"])
def test_every_colour_stands_out_from_the_ground(ground: Ground) -> None:
    for colours in COLOURS_ON[ground.behind]:
        for colour in colours:
            assert contrast(colour, ground.behind) > 3, colour
    assert contrast(MARK, ground.behind) > 3
    assert contrast(ground.ink, ground.behind) > 4.5


@pytest.mark.parametrize("field", ["gap", "pitch", "velocity", "length"])
def test_distributions_show_model_music_and_chance_each_as_a_hundred_notes(
    report: JudgedReport, field: str
) -> None:
    rows = rows_of(charts.spread_lines(report, field))
    for who in ("the model", "the music", "chance"):
        assert sum(row["share"] for row in rows if row["who"] == who) == pytest.approx(100)
    assert all(row["x"] > 0 for row in rows)


def test_every_answer_is_a_dot_and_a_row(report: JudgedReport) -> None:
    dots = [row for row in rows_of(charts.agreement_dots(report)) if "in_key" in row]
    assert len(dots) == len(report.held_out)
    assert all(0 <= dot["in_key"] <= 1 for dot in dots)
    table = charts.figures_of(report.own)
    assert [row["call"] for row in table] == [one.name for one in report.own]
    assert table[0]["semitones up"] == 0


def test_pieces_are_dots(report: JudgedReport) -> None:
    chart = charts.pieces_carried_and_reset(report)
    assert len(rows_of(chart)) == len(report.pieces) > 10


def test_likelihood_along_pieces_is_a_line_a_model_and_older_reports_have_none(report: JudgedReport) -> None:
    pieces = tuple(replace(piece, along=(3.0, 1.0 + place)) for place, piece in enumerate(report.pieces[:3]))
    followed, older = (
        replace(report, pieces=pieces),
        replace(report, pieces=tuple(replace(piece, along=()) for piece in report.pieces)),
    )
    assert charts.likelihood_along({"older": older}, ["older"]) is None
    chart = charts.likelihood_along({"followed": followed, "older": older}, ["followed", "older"])
    assert chart is not None
    assert [(row["model"], row["part"], row["nats"]) for row in rows_of(chart)] == [
        ("followed", 25, 3.0),
        ("followed", 75, 2.0),
    ]


@pytest.mark.slow
def test_charts_runs_and_rolls_import_no_streamlit_torch_or_runtime() -> None:
    code = (
        "import sys, dashboard.charts, dashboard.runs, dashboard.rolls, commands.dashboard\n"
        "wrong = {'streamlit', 'torch', 'onnxruntime', 'training', 'export'} & set(sys.modules)\n"
        "assert not wrong, wrong"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
