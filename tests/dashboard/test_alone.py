"""A report on playing alone beside a model's: read as a table, refused in a line where it is none."""

import json
from pathlib import Path

import pytest

from dashboard.alone import alone_beside, load_alone
from dashboard.comparing.beside import alone_of
from music.settings import SettingError


@pytest.fixture
def report(tmp_path: Path, alone_text: str) -> Path:
    """Where the model's report would lie, with that on playing alone beside it."""
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "test.json").write_text(alone_text)
    return tmp_path / "tiny-test.json"


def test_its_table_is_that_of_the_command(report: Path) -> None:
    (path,) = alone_beside(report)
    found = load_alone(path)
    assert [row[0] for row in found.cells[1:]] == [
        "people, the middle",
        "people, 95 of 100",
        "model: Lullaby",
        "rule: Lullaby",
    ]
    assert found.cells[-1][1] == "fell silent"


def test_what_is_as_people_play_is_the_mean_over_windows_and_measures(report: Path, alone_text: str) -> None:
    (row,) = json.loads(alone_text)["voices"]["model"]
    inside = row["inside"].values()
    found, troubles = alone_of(report)
    assert found is not None
    assert found.share == pytest.approx(sum(inside) / len(inside))
    assert found.scope.words == "people (test), 2 min"
    assert troubles == []


def test_without_such_a_report_nothing_is_known(tmp_path: Path) -> None:
    assert alone_of(tmp_path / "tiny-test.json") == (None, [])


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 9}', '{"version": 1, "voices": {}}'])
def test_one_that_is_none_is_a_line(report: Path, text: str) -> None:
    (path,) = alone_beside(report)
    path.write_text(text)
    with pytest.raises(SettingError, match=r"test\.json"):
        load_alone(path)
