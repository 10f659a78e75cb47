"""What preparing, encoding and reading a corpus take is measured in processes of their own."""

import json

import pytest

from antiphon import main
from benchmarks.learning.data_memory import peak_of


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


def test_a_peak_is_what_the_work_held_at_most() -> None:
    numbers = 2_000_000  # 8 bytes each in a list, and 28 or more of their own
    assert peak_of(list, range(numbers)) > peak_of(list, range(0)) + 50


def test_no_pieces_at_all_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "data-memory", "--pieces", "0"]) == 2
    assert "are 1 or more" in capsys.readouterr().err
