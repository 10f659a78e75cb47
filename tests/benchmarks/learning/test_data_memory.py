"""What preparing, encoding and reading a corpus take is measured in processes of their own."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from antiphon import main
from benchmarks.learning import data_memory
from benchmarks.learning.data_memory import peak_of
from music.settings import SettingError
from pieces.music_sets import SPLITS
from tests.support.corpora import tiny_corpus
from tests.support.phrases import improvised


@pytest.mark.slow
def test_each_step_is_measured_at_each_size(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["bench", "data-memory", "--pieces", "20", "25", "--notes", "40", "--as", "character", "--json"]
    assert main(words) == 0
    peaks = json.loads(capsys.readouterr().out)["peak_mb"]
    assert list(peaks) == ["20 pieces", "25 pieces"]
    for figures in peaks.values():
        steps = [figures[name] for name in ("prepare", "encode", "read all windows")]
        assert all(10 < step < 1000 for step in steps)
        assert figures["corpus_mb"] < 1


@pytest.mark.slow
def test_a_peak_is_what_the_work_held_at_most() -> None:
    numbers = 2_000_000  # 8 bytes each in a list, and 28 or more of their own
    assert peak_of(list, range(numbers)) > peak_of(list, range(0)) + 50


def test_no_pieces_at_all_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "data-memory", "--pieces", "0"]) == 2
    assert capsys.readouterr().err == "antiphon: --pieces is 1 or more, not 0\n"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    tiny_corpus(tmp_path)
    return tmp_path / "corpora" / "tiny.safetensors"


def test_each_step_has_a_process_of_its_own_and_finds_what_the_one_before_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps: list[str] = []

    def peak_here(work: Callable[..., None], *args: Any) -> float:
        work(*args)
        steps.append(work.__name__)
        return float(len(steps))

    monkeypatch.setattr(data_memory, "peak_of", peak_here)
    monkeypatch.setattr(data_memory, "performance", improvised)
    asked = argparse.Namespace(pieces=[20, 21], notes=30, encoding="event", window=16)
    found = data_memory.run(asked)
    assert steps == ["_nothing", "_prepare", "_encode", "_read_windows"] * 2
    assert (found["notes in a piece"], found["encoding"]) == (30, "event")
    assert list(found["peak_mb"]) == ["20 pieces", "21 pieces"]
    figures = found["peak_mb"]["21 pieces"]
    assert [figures[name] for name in ("the interpreter alone", "prepare", "encode", "read all windows")] == [
        5.0,
        6.0,
        7.0,
        8.0,
    ]
    assert 0 < figures["corpus_mb"] < 1


def test_every_row_of_every_split_is_read_in_windows(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[int, int]] = []

    class Piece:
        def __len__(self) -> int:
            return 1

        def length(self, number: int) -> int:
            return 40

        def rows(self, number: int, begin: int, end: int) -> None:
            read.append((begin, end))

    splits: list[str] = []
    monkeypatch.setattr(
        data_memory, "encode_pieces", lambda corpora, encoding, split: splits.append(split) or Piece()
    )
    data_memory._read_windows(corpus, "event", 16)
    assert splits == list(SPLITS)
    assert read == [(0, 16), (16, 32), (32, 48)] * len(SPLITS)


@pytest.mark.parametrize("words", [["--notes", "0"], ["--window", "0"], ["--pieces", "5", "-1"]], ids=str)
def test_sizes_below_one_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "data-memory", *words]) == 2
    assert capsys.readouterr().err == f"antiphon: {words[0]} is 1 or more, not {words[-1]}\n"


def test_the_peak_of_this_process_is_no_less_than_what_it_holds() -> None:
    held = bytearray(30_000_000)
    assert data_memory.peak_mb() > len(held) / 1e6


@pytest.fixture
def _without_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_memory.Path, "exists", lambda path: False)


@pytest.mark.usefixtures("_without_proc")
@pytest.mark.parametrize(("platform", "unit"), [("darwin", 1), ("freebsd14", 1024)])
def test_where_there_is_no_proc_the_system_is_asked_in_its_own_unit(
    platform: str, unit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource", reason="not on Windows")
    monkeypatch.setattr(data_memory.sys, "platform", platform)
    monkeypatch.setattr(resource, "getrusage", lambda who: SimpleNamespace(ru_maxrss=5_000_000))
    assert data_memory.peak_mb() == pytest.approx(5 * unit)


@pytest.mark.usefixtures("_without_proc")
def test_windows_is_refused_with_where_it_can_be_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_memory.sys, "platform", "win32")
    with pytest.raises(SettingError, match="on Linux and macOS alone"):
        data_memory.peak_mb()
