"""A row a report: figures beside the model's own baseline, and calls that all of several answered."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.comparing.charts import ahead_bars, belonging_bars, piece_dots
from dashboard.comparing.models import belongs_of, row_of, shared_calls, unlike
from dashboard.reports import load_report
from music.settings import SettingError


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
    assert row.record(None)["belongs"] is None
    assert row.record(None)["s an answer"] == sections["answers"]["seconds_an_answer"]


def test_belonging_is_that_of_the_report_beside_it(path: Path, belonging_text: str) -> None:
    assert belongs_of(path) is None
    (path.parent / "belonging").mkdir()
    (path.parent / "belonging" / "test.json").write_text(belonging_text)
    sort = next(iter(json.loads(belonging_text)["sorts"].values()))["voices"]["model"]
    found = belongs_of(path)
    assert found is not None
    assert found.share == sort["nearer"]["stranger"]["share"]
    assert found.faults == sort["faults"]["any"]
    assert belonging_bars({"a model": found}, ["a model"]).to_dict()


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 9}', '{"version": 1, "sorts": {}}'])
def test_a_report_on_belonging_that_is_none_is_one_line(path: Path, text: str) -> None:
    (path.parent / "belonging").mkdir()
    (path.parent / "belonging" / "test.json").write_text(text)
    with pytest.raises(SettingError, match=r"test\.json"):
        belongs_of(path)


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
    assert ahead_bars({"one": row, "other": row}).to_dict()
    assert piece_dots({"one": load_report(path)}, ["one"]).to_dict()
