"""What thinking costs is measured of every part of it, for each call."""

import argparse
from pathlib import Path

import pytest

from benchmarks.instrument.thinking import add_arguments, run
from evaluation.answering.own_calls import OWN_CALLS

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exported")]


def test_every_part_is_measured_for_each_call(small_files: Path) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    figures = run(parser.parse_args([str(small_files / "small-int8.onnx"), "--lanes", "2", "--rounds", "1"]))
    assert figures["lanes"] == 2
    for name in ("silence_ms", "expecting_ms", "thinking_ms", "first_event_ms"):
        assert figures[name]["n"] == len(OWN_CALLS)
    assert figures["step_ms"]["n"] > len(OWN_CALLS)
    assert figures["silence_ms"]["p50"] >= 250
