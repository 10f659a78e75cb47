"""`antiphon takes`, as a person types it."""

import io
import json
from pathlib import Path

import pytest

import antiphon
from tests.support.takes import take_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return take_folder(tmp_path / "takes", takes=2, notes=20)


def test_the_list_names_each_take_with_its_seed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert antiphon.main(["takes", "--takes", str(folder)]) == 0
    shown = capsys.readouterr().out
    assert "take-0" in shown
    assert "seed: 1" in shown


@pytest.mark.parametrize("words", [["--json"], ["list", "--json"]])
def test_the_list_as_json(words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert antiphon.main(["takes", "--takes", str(folder), *words]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {Path(take["file"]).stem for take in listed} == {"take-0", "take-1"}
    assert all(take["player"] and take["model"] and take["fault"] is None for take in listed)


def test_an_empty_folder_says_how_takes_come_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert antiphon.main(["takes", "--takes", str(tmp_path)]) == 0
    assert "antiphon play" in capsys.readouterr().out


def test_a_take_is_named_and_exported(folder: Path, tmp_path: Path) -> None:
    assert antiphon.main(["takes", "name", "take-0", "waltz", "--takes", str(folder)]) == 0
    there = tmp_path / "out.mid"
    assert (
        antiphon.main(["takes", "export", "waltz", str(there), "--only", "player", "--takes", str(folder)])
        == 0
    )
    assert there.exists()


def test_nothing_is_deleted_where_nobody_can_be_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert antiphon.main(["takes", "delete", "take-0", "--takes", str(folder)]) == 2
    assert "--yes" in capsys.readouterr().err
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize(("said", "left"), [("y", 1), ("", 2)])
def test_whoever_can_be_asked_is_asked(
    said: str, left: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: said)
    assert antiphon.main(["takes", "delete", "take-0", "--takes", str(folder)]) == 0
    assert len(list(folder.iterdir())) == left


def test_with_yes_nobody_is_asked(folder: Path) -> None:
    assert antiphon.main(["takes", "delete", "take-0", "take-1", "--yes", "--takes", str(folder)]) == 0
    assert list(folder.iterdir()) == []


def test_a_take_that_is_not_there_is_refused_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert antiphon.main(["takes", "name", "waltz", "x", "--takes", str(folder)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
