"""The figures of a batch: every number of performers, beside one alone, and what sharing a call changes."""

import pytest

from benchmarks.instrument.batch import measure, shared
from realtime.inference.session import open_session
from tests.support.command import ROOT

pytest.importorskip("onnxruntime")


def test_each_number_of_performers_stands_beside_one_alone() -> None:
    figures = measure(open_session(ROOT / "tests" / "golden" / "format-2-int8.onnx"), [1, 3], 2)
    assert list(figures) == ["alone", "batch of 1", "batch of 3"]
    assert figures["alone"]["times_alone"] == 1
    for name in figures:
        assert figures[name]["events_per_s"] > 0
        assert figures[name]["events_per_cpu_s"] > 0


def test_sharing_calls_changes_rounding_alone_in_full_precision() -> None:
    found = shared(open_session(ROOT / "tests" / "golden" / "format-1-fp32.onnx"))
    assert 0.0 <= found["mean_nats"] <= found["worst_nats"] < 1e-3
