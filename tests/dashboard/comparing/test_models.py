"""A row a report: figures beside the model's own baseline, and calls that all of several answered."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.comparing.charts import ahead_bars, piece_dots
from dashboard.comparing.models import records_of, row_of, shared_calls, unlike
from dashboard.reports import load_report
from music.settings import SettingError
from tests.support.judged import rows_report


@pytest.fixture
def path(tmp_path: Path, report_text: str) -> Path:
    path = tmp_path / "tiny-train.json"
    path.write_text(report_text)
    return path


def test_a_row_has_the_reports_figures_and_stands_beside_its_own_baseline(path: Path) -> None:
    row, sections = row_of(path), json.loads(path.read_text())["sections"]
    assert row.nats == sections["likelihood"]["carried"]["nats_a_note"]
    assert row.baseline == sections["baselines"]["bigram"]["nats_a_note"]
    assert row.ahead == pytest.approx(row.baseline - row.nats)
    assert replace(row, baseline=None).ahead is None
    (record,) = records_of({"one": row}, {}, {})
    assert record["belongs"] is None
    assert record["s an answer"] == sections["answers"]["seconds_an_answer"]


def test_held_out_calls_are_shared_on_the_same_music_alone_and_our_own_always(path: Path) -> None:
    report = load_report(path)
    both = shared_calls([report, report])
    assert any(answers[0].piece for answers in both.values())
    other = replace(report, music={**report.music, "hash": "of other music"})
    own = shared_calls([report, other])
    assert own
    assert not any(answers[0].piece for answers in own.values())


def test_likelihoods_of_different_music_stand_in_charts_of_their_own(path: Path) -> None:
    row = row_of(path)
    groups = unlike([row, replace(row, music="other, test"), row])
    assert list(map(len, groups.values())) == [2, 1]
    assert ahead_bars({"one": row, "other": row}, ["one", "other"]).to_dict()
    assert piece_dots({"one": load_report(path)}, ["one"]).to_dict()


def test_nats_of_rows_of_another_kind_stand_in_a_column_of_their_own_and_in_no_bar(
    path: Path, tmp_path: Path
) -> None:
    rows = {
        "events": row_of(path),
        "rolls": row_of(rows_report(tmp_path / "x.evaluation/rows/tiny-test.json")),
    }
    events, rolls = records_of(rows, {}, {})
    assert list(events)[2:4] == ["nats a note", "nats a step, roll"]
    assert (events["nats a step, roll"], rolls["nats a note"]) == (None, None)
    assert (rolls["nats a step, roll"], rolls["±"], rolls["better by"]) == (4.25, 0.125, None)
    assert (rolls["family"], rolls["precision"], rolls["MB"]) == ("roll", "int8", 2.5)
    bars = ahead_bars(rows, list(rows)).to_dict()
    assert {row["model"] for data in bars["datasets"].values() for row in data} == {"events"}


def test_rows_of_one_encoding_with_other_settings_have_other_columns(tmp_path: Path) -> None:
    row = row_of(rows_report(tmp_path / "x.evaluation/rows/tiny-test.json"))
    finer = replace(row, fingerprint="0000001")
    assert [
        name for name in records_of({"one": row, "finer": finer}, {}, {})[0] if "nats a step" in name
    ] == [
        "nats a step, roll fedcba",
        "nats a step, roll 000000",
    ]


def test_a_model_of_whose_answers_alone_is_known_has_a_row_without_likelihood(
    tmp_path: Path, belonging_text: str
) -> None:
    place = tmp_path / "concert.evaluation" / "belonging" / "test.json"
    place.parent.mkdir(parents=True)
    place.write_text(belonging_text)
    row = row_of(place)
    assert (row.model, row.music, row.nats, row.measure) == ("a model", "", None, "")
    assert row.title == "a model, its answers alone"


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"model": {"name": 3}, "machine": {}}', '{"model": {"name": "x", "learnt_from": [{}]}}'],
)
@pytest.mark.parametrize("kind", ["rows", "belonging", "alone"])
def test_a_report_that_is_none_of_its_kind_is_one_line(tmp_path: Path, kind: str, text: str) -> None:
    place = tmp_path / "x.evaluation" / kind / "test.json"
    place.parent.mkdir(parents=True)
    place.write_text(text)
    with pytest.raises(SettingError, match=r"test\.json"):
        row_of(place)


def test_a_runs_size_is_that_of_its_weights(path: Path) -> None:
    report = json.loads(path.read_text())
    report["model"]["weights"] = 1_000_000
    path.write_text(json.dumps(report))
    assert (row_of(path).megabytes, row_of(path).precision) == (4.0, "fp32")
