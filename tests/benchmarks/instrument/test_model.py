"""The benchmark of a model file measures what it says, with its circumstances; no figure is asserted."""

import argparse
from pathlib import Path

import pytest

from benchmarks.instrument import model as benchmark
from realtime.inference.bundle import ModelFileError


def figures(*words: str) -> dict[str, object]:
    parser = argparse.ArgumentParser()
    benchmark.add_arguments(parser)
    return benchmark.run(parser.parse_args(words))


@pytest.mark.slow
@pytest.mark.xdist_group("exported")
def test_an_event_a_feed_and_a_bare_step_are_measured_in_the_same_run(small_files: Path) -> None:
    measured = figures(str(small_files / "small-int8.onnx"), "--calls", "200")
    for name in ("event_ms", "feed_ms", "bare_step_ms"):
        row = measured[name]
        assert isinstance(row, dict)
        assert 0 < row["p50"] <= row["p99"] <= row["max"]
        assert row["n"] == 200
    assert "'small', 2 x 32, int8" in str(measured["model"])


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no such model file"):
        figures(str(tmp_path / "none.onnx"))
