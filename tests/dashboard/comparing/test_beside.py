"""Whether answers belong: the newest report counts, and shares of other calls never stand unnamed."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.comparing.beside import Belongs, belongs_of, by_scope
from dashboard.comparing.charts import belonging_bars
from dashboard.comparing.models import records_of, row_of


@pytest.fixture
def path(tmp_path: Path, report_text: str) -> Path:
    path = tmp_path / "tiny-train.json"
    path.write_text(report_text)
    (path.parent / "belonging").mkdir()
    return path


def kept(path: Path, split: str, text: str, date: str, **changes: Any) -> Path:
    """A report on belonging beside a report, made on a day."""
    table = json.loads(text) | {"split": split} | changes
    table["machine"]["date"] = date
    beside = path.parent / "belonging" / f"{split}.json"
    beside.write_text(json.dumps(table))
    return beside


def belongs(path: Path) -> Belongs:
    found, troubles = belongs_of(path)
    assert troubles == []
    assert found is not None
    return found


def test_it_is_that_of_the_report_beside(path: Path, belonging_text: str) -> None:
    assert belongs_of(path) == (None, [])
    (path.parent / "belonging" / "test.json").write_text(belonging_text)
    table = json.loads(belonging_text)
    sort = next(iter(table["sorts"].values()))["voices"]["model"]
    found = belongs(path)
    assert found.share == sort["nearer"]["stranger"]["share"]
    assert found.faults == sort["faults"]["any"]
    assert found.scope.words == f"{found.calls} calls of phrased (train)"
    assert belonging_bars({"a model": found}, ["a model"]).to_dict()


def test_the_newest_counts_whatever_its_name_is(path: Path, belonging_text: str) -> None:
    older = kept(path, "validation", belonging_text, "2026-01-01")
    newer = kept(path, "test", belonging_text, "2026-01-02")
    assert "(test)" in belongs(path).scope.words
    kept(path, "validation", belonging_text, "2026-01-03")
    assert "(validation)" in belongs(path).scope.words
    kept(path, "validation", belonging_text, "2026-01-02")  # on one day, the file that changed last
    os.utime(older, ns=(1, 1))
    os.utime(newer, ns=(2, 2))
    assert "(test)" in belongs(path).scope.words


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 9}', '{"version": 1, "sorts": {}}'])
def test_one_that_is_none_is_a_line_and_another_counts(path: Path, belonging_text: str, text: str) -> None:
    (path.parent / "belonging" / "test.json").write_text(text)
    found, (line,) = belongs_of(path)
    assert found is None
    assert "test.json" in line
    kept(path, "train", belonging_text, "2026-01-01")
    found, (line,) = belongs_of(path)
    assert found is not None
    assert "test.json" in line


def test_shares_of_other_calls_are_apart_and_each_is_named(path: Path, belonging_text: str) -> None:
    kept(path, "test", belonging_text, "2026-01-01")
    one = belongs(path)
    music = [row | {"hash": "of other music"} for row in json.loads(belonging_text)["music"]]
    kept(path, "test", belonging_text, "2026-01-01", music=music)
    other = belongs(path)
    assert one.scope.words == other.scope.words
    assert one.scope != other.scope
    groups = by_scope({"one": one, "other": other, "again": one})
    assert [list(group) for group in groups.values()] == [["one", "again"], ["other"]]
    assert len(set(groups)) == 2
    row = row_of(path)
    rows = {"one": row, "other": replace(row, model="other")}
    first, second = records_of(rows, {"one": one, "other": other}, {})
    assert first["both on"] != second["both on"]
    assert first["both on"].startswith(one.scope.words)
    alike, _ = records_of(rows, {"one": one, "other": one}, {})
    assert alike["both on"] == one.scope.words
