"""The figures of a batch: every number of performers, beside one alone, and what sharing a call changes."""

import pytest

from benchmarks.instrument.batch import BATCH, HALL, alike, measure, shared
from realtime.batch.device_slots import DeviceSlots
from realtime.batch.host_slots import HostSlots
from realtime.inference.bundle import read_bundle
from realtime.inference.session import ModelSession, open_session
from tests.support.command import ROOT

pytest.importorskip("onnxruntime")


def test_each_number_of_performers_stands_beside_one_alone_wherever_states_lie() -> None:
    bundle = read_bundle(ROOT / "tests" / "golden" / "format-2-int8.onnx")
    session = ModelSession(bundle)
    kinds = {BATCH: HostSlots(session), HALL: DeviceSlots(bundle)}
    figures = measure(session, kinds, [1, 3], 2)
    assert list(figures) == ["alone", "batch of 1", "hall of 1", "batch of 3", "hall of 3"]
    assert figures["alone"]["times_alone"] == 1
    for name in figures:
        assert figures[name]["events_per_s"] > 0
        assert figures[name]["events_per_cpu_s"] > 0
    found = alike(session.begin, kinds)
    assert 0 < found["alike"] == found["events"]


def test_sharing_calls_changes_rounding_alone_in_full_precision() -> None:
    found = shared(open_session(ROOT / "tests" / "golden" / "format-1-fp32.onnx"))
    assert 0.0 <= found["mean_nats"] <= found["worst_nats"] < 1e-3
