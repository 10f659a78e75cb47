"""Figures from data: every run, field and player is in them, and no streamlit is needed."""

import subprocess
import sys
from typing import Any

import pytest

from dashboard import charts
from dashboard.places import Places
from dashboard.reports import JudgedReport
from dashboard.runs import default_reports, find_runs
from tests.support.command import ROOT


@pytest.fixture
def report(filled: Places) -> JudgedReport:
    (found,) = default_reports(filled)
    return found


def rows_of(chart: charts.Chart) -> list[dict[str, Any]]:
    """All data of a chart, of all its layers."""
    told = chart.to_dict()
    layers = told.get("layer", [told])
    tables = [layer.get("data", told.get("data", {})) for layer in layers]
    named = told.get("datasets", {})
    return [row for table in tables for row in table.get("values") or named.get(table.get("name"), [])]


def test_curves_have_every_run_train_and_held_out(filled: Places) -> None:
    runs = find_runs(filled).runs
    for chart in (charts.loss_curves(runs), charts.held_out_curves(runs)):
        assert {row["run"] for row in rows_of(chart)} == {"first", "second"}
    assert len(rows_of(charts.loss_curves(runs))) == 16 + 8
    assert {row["value"] for row in rows_of(charts.train_curves(runs, "rate", "rate", ".0e"))} == {1e-3}


def test_curves_can_begin_later(filled: Places) -> None:
    runs = find_runs(filled).runs
    assert min(row["step"] for row in rows_of(charts.loss_curves(runs, since=50))) == 50


def test_a_long_curve_is_thinned(filled: Places) -> None:
    (run, *_) = find_runs(filled).runs
    long = type(run)(run.name, run.told, run.train * 1000, ())
    assert len(rows_of(charts.train_curves([long], "rate", "rate", ".0e"))) <= 1200


def test_no_curve_yet_is_an_empty_figure() -> None:
    assert rows_of(charts.loss_curves([])) == []


def test_likelihood_bars_add_up_to_their_totals(report: JudgedReport) -> None:
    rows = rows_of(charts.likelihood_bars(report))
    totals = {row["name"]: row["nats"] for row in rows if "told" in row}
    assert list(totals) == ["state carried", "reset", "chance", "untrained", "note unigram", "note bigram"]
    for name, total in totals.items():
        parts = [row["nats"] for row in rows if row["name"] == name and "field" in row]
        assert sum(parts) == pytest.approx(total)


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
    assert table[0]["semitones higher"] == 0


def test_pieces_are_dots(report: JudgedReport) -> None:
    chart = charts.pieces_carried_and_reset(report)
    assert len(rows_of(chart)) == len(report.pieces) > 10


def test_charts_runs_and_rolls_import_no_streamlit_torch_or_runtime() -> None:
    code = (
        "import sys, dashboard.charts, dashboard.runs, dashboard.rolls, dashboard.command\n"
        "wrong = {'streamlit', 'torch', 'onnxruntime', 'training', 'export'} & set(sys.modules)\n"
        "assert not wrong, wrong"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
