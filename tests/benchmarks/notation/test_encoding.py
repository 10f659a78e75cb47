"""The benchmark of encodings: what is counted, and what it is divided by, on a clock of the test's own."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.notation import encoding as benchmark
from music.encodings.catalogue import ENCODINGS
from music.midi.files import read_phrase, write_midi
from tests.support.phrases import improvised


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    benchmark.add_arguments(parser)
    return parser.parse_args(words)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for seed in (1, 2):
        write_midi(improvised(seed, notes=20), tmp_path / f"{seed}.mid")
    return tmp_path


@pytest.fixture
def _each_work_takes_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now: Iterator[float] = iter(range(0, 10_000, 2))
    monkeypatch.setattr(benchmark.time, "perf_counter", lambda: next(now))


def measured(folder: Path, *words: str) -> dict[str, Any]:
    return benchmark.run(options("--music", str(folder), "--rounds", "1", *words))


def test_all_encodings_are_measured_unless_some_are_named() -> None:
    assert options().names == list(ENCODINGS)
    assert options("--as", "event", "note").names == ["event", "note"]


def test_an_encoding_that_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options("--as", "evnet")
    assert "invalid choice: 'evnet'" in capsys.readouterr().err


@pytest.mark.usefixtures("_each_work_takes_two_seconds")
def test_notes_are_divided_by_the_seconds_that_they_took(folder: Path) -> None:
    figures = measured(folder, "--as", "event")
    phrases = [read_phrase(folder / f"{seed}.mid") for seed in (1, 2)]
    notes = sum(len(phrase.notes) for phrase in phrases)
    assert (figures["files"], figures["notes"], figures["rounds"]) == (2, notes, 1)
    assert figures["encodings"] == {
        "event": {
            "tokens": 2 * notes,  # each key goes down, and up
            "encoded_notes_per_s": notes / 2,
            "decoded_notes_per_s": notes / 2,
        }
    }


@pytest.mark.usefixtures("_each_work_takes_two_seconds")
def test_readers_stand_beside_with_the_same_notes(folder: Path) -> None:
    figures = measured(folder, "--as", "event")
    beside = figures["beside, notes_per_s"]
    assert "antiphon, reading" in beside
    assert "mido, notes paired in Python, reading" in beside
    assert set(beside.values()) == {figures["notes"] / 2}


def test_an_open_encoding_learns_its_symbols_from_the_same_music(folder: Path) -> None:
    figures = measured(folder, "--as", "roll-token")["encodings"]["roll-token"]
    assert figures["tokens"] > 0
    assert figures["decoded_notes_per_s"] > 0


def test_of_several_rounds_the_median_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 9.0, 10.0, 12.0, 20.0, 23.0])
    monkeypatch.setattr(benchmark.time, "perf_counter", lambda: next(now))
    worked: list[int] = []
    assert benchmark._seconds(lambda: worked.append(1), rounds=3) == 3.0
    assert len(worked) == 3
