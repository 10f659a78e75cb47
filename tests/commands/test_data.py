"""`antiphon data`: what is said of a corpus and of what was left out, and what each step is asked with."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from antiphon import main
from pieces.fetch import ARCHIVES
from tests.support.corpora import music_folder
from tests.support.mat_files import Writer


def test_of_many_files_left_out_ten_are_named_and_the_others_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    music = music_folder(tmp_path / "music", pieces=3)
    for number in range(13):
        (music / f"letter-{number:02}.mid").write_text("Dear reader")
    assert main(["data", "prepare", "mine", str(music), "--corpora", str(tmp_path), "--workers", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "mine, 3 pieces" in lines[0]
    assert lines[1] == "licence: not stated; tier own: the owner of the music decides"
    assert lines[2] == "left out: 13"
    assert [line.split(":")[0].strip() for line in lines[3:13]] == [f"letter-{n:02}.mid" for n in range(10)]
    assert lines[13:] == ["  and 3 more"]


def test_a_benchmark_is_prepared_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    writer, roll = Writer(), np.zeros((30, 88))
    roll[4:20, 12] = 1
    cells = [
        writer.cells(name, [writer.numbers(roll)] * count)
        for name, count in (("traindata", 3), ("validdata", 2), ("testdata", 1))
    ]
    (tmp_path / "Nottingham.mat").write_bytes(writer.file(*cells))
    assert main(["data", "prepare", "nottingham-rolls", str(tmp_path), "--corpora", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "6 pieces (3 train, 2 validation, 1 test)" in shown
    assert "tier benchmark: for measuring only" in shown
    assert "Nottingham.mat#test-0000: silent steps at its end, which no note can express: 10" in shown


def test_a_set_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "prepare", "jsb", str(tmp_path), "--corpora", str(tmp_path)]) == 2
    refusal = capsys.readouterr().err
    assert refusal.count("\n") == 1
    assert "JSB_Chorales.mat: missing" in refusal


def recorded(monkeypatch: pytest.MonkeyPatch, act: Callable[..., bool]) -> list[tuple[Any, ...]]:
    asked: list[tuple[Any, ...]] = []

    def fetch(*words: Any) -> bool:
        asked.append(words)
        return act(*words)

    monkeypatch.setattr("commands.data.fetch", fetch)
    return asked


def test_fetch_asks_the_official_address_unless_given_another(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = recorded(monkeypatch, lambda *_: True)
    assert main(["data", "fetch", "maestro"]) == 0
    assert asked[0][:3] == (ARCHIVES["maestro"], Path("maestro-v3"), None)
    said = capsys.readouterr()
    assert "MAESTRO v3.0.0, 58 MB, from https://storage.googleapis.com/magentadata/" in said.err
    assert said.out.splitlines()[-1] == "next: antiphon data prepare maestro-v3 maestro-v3"
    assert main(["data", "fetch", "maestro", "--to", "there", "--from", "http://here/a.zip"]) == 0
    assert asked[1][1:3] == (Path("there"), "http://here/a.zip")


def test_fetch_shows_each_tenth_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def act(
        _archive: object, _folder: object, _url: object, progress: Callable[[int, int], None], *_: Any
    ) -> bool:
        for there in range(0, 201):
            progress(there, 200)
        return True

    recorded(monkeypatch, act)
    main(["data", "fetch", "maestro"])
    lines = capsys.readouterr().err.splitlines()[1:]
    assert lines == [f"{tenth:3} %" for tenth in range(0, 101, 10)]


def test_fetch_that_is_stopped_says_that_it_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: object) -> bool:
        raise KeyboardInterrupt

    recorded(monkeypatch, stopped)
    assert main(["data", "fetch", "maestro"]) == 130
    assert "the same command goes on" in capsys.readouterr().err


def test_an_archive_that_is_not_known_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["data", "fetch", "everything"])
    assert "maestro" in capsys.readouterr().err
