"""One lane in fixed places: what it gives is what a call by names gives, and a state is a value that stays.

The places of a device are run on the CPU here, with the same code and the same runtime, as a GPU has run
them once (docs/figures.md); what a GPU refused then is missing from the runtime that stands in for it.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from music.settings import SettingError
from realtime.inference.binding import Array, DeviceMemory, DevicePlace, HostPlace, OneLane
from realtime.inference.bundle import EVENT, EVENT_FIELDS, OUTPUTS, WHETHER_TO_DRAW, read_bundle
from realtime.inference.default_model import default_model
from realtime.inference.entries import entry
from realtime.inference.graphs.handmade import identities
from realtime.inference.graphs.opening import DeviceError
from realtime.inference.runtime import loaded_runtime
from realtime.inference.session import Inputs, ModelSession
from tests.support.command import ROOT
from tests.support.runtime import CUDA, DEFAULT_STATES, FakeRuntime, FakeValue

FILE = ROOT / "tests" / "golden" / "format-1-fp32.onnx"
EVENTS = [(5, 40, 9), (9, 52, 20), (3, 128, 0), (7, 45, 12)]


@pytest.fixture
def session() -> ModelSession:
    pytest.importorskip("onnxruntime")
    return ModelSession(read_bundle(FILE))


def on_a_device(session: ModelSession) -> OneLane:
    """The session's model as it is bound on a device: two entries, and places in the device's memory."""
    runtime = loaded_runtime()
    sessions = [
        runtime.InferenceSession(
            entry(read_bundle(session.bundle.path).content, draws=draws), providers=["CPUExecutionProvider"]
        )
        for draws in (False, True)
    ]

    inputs = {name: value for name, value in session._controls(1).items() if name != WHETHER_TO_DRAW}
    states = dict(zip(session._state_names, session.silent_state(), strict=True))
    kinds = (np.zeros((1, 3), np.int64), np.zeros(1, np.int64), np.zeros((1, 3), np.float32))
    outputs = dict(zip(OUTPUTS, kinds, strict=True))

    def copier(kinds: list[type]) -> Any:
        return runtime.InferenceSession(identities(kinds), providers=["CPUExecutionProvider"])

    memory = DeviceMemory(runtime, "cpu", copier)
    return OneLane((sessions[0], sessions[1]), memory, inputs, states, outputs, WHETHER_TO_DRAW)


def test_bound_on_a_device_it_hears_and_draws_what_the_session_does(session: ModelSession) -> None:
    lane = on_a_device(session)
    there, here = session.silent_state(), session.silent_state()
    for number, event in enumerate(EVENTS):
        chance = (0.1 * number, 0.9 - 0.2 * number, 0.5)
        lane.filled_in[EVENT][0] = event
        lane.filled_in["chance"][0] = chance
        (drawn, cells, scores), _ = lane.draw(there)
        made, _ = session.step(Inputs(event, chance), here)
        assert tuple(drawn[0].tolist()) == made.event
        assert cells[0] == made.cells
        assert scores[0].tolist() == pytest.approx(made.log_probability)
        there, here = lane.hear(there), session.feed(event, here)
        assert not any(isinstance(part, np.ndarray) for part in there)  # it stays where it was made
        for ours, theirs in zip(session.on_host(there), here, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("bound", [on_a_device, lambda session: session._lane], ids=["device", "host"])
def test_a_state_that_was_kept_is_left_alone_by_what_comes_after(
    session: ModelSession, bound: Callable[[ModelSession], OneLane]
) -> None:
    lane = bound(session)
    lane.filled_in[EVENT][0] = EVENTS[0]
    kept = lane.hear(session.silent_state())
    copy = [part.copy() for part in session.on_host(kept)]
    first = lane.hear(kept)
    for event in EVENTS:
        lane.filled_in[EVENT][0] = event
        lane.draw(first)
    lane.filled_in[EVENT][0] = EVENTS[0]
    for before, after in zip(copy, session.on_host(kept), strict=True):
        np.testing.assert_array_equal(before, after)
    for ours, theirs in zip(session.on_host(lane.hear(kept)), session.on_host(first), strict=True):
        np.testing.assert_array_equal(ours, theirs)


class Counting(FakeRuntime):
    """Counts what crosses over to the device."""

    def __init__(self) -> None:
        super().__init__("works")
        self.found_libraries = True
        self.crossed = 0
        outer = self

        class Value(FakeValue):
            def update_inplace(self, array: Array) -> None:
                outer.crossed += 1
                super().update_inplace(array)

            @classmethod
            def ortvalue_from_numpy(cls, array: Any, device: str = "cpu", number: int = 0) -> "FakeValue":
                outer.crossed += device != "cpu"
                return super().ortvalue_from_numpy(array, device, number)

        self.Value = Value

    OrtValue = property(lambda self: self.Value)


def test_what_has_not_changed_does_not_cross_over() -> None:
    runtime = Counting()
    place = DevicePlace(runtime, np.ones((1, 3), np.float32), "cuda")
    made = runtime.crossed
    place.send()
    assert runtime.crossed == made
    place.here[0, 1] = 0.5
    place.send()
    place.send()
    assert runtime.crossed == made + 1
    assert place.array().tolist() == [[1.0, 0.5, 1.0]]


def test_a_state_of_the_device_does_not_cross_over_and_is_copied_in_one_call() -> None:
    runtime = Counting()

    def copier(kinds: list[type]) -> Any:
        return runtime.InferenceSession(identities(kinds), None, [CUDA], enable_fallback=0)

    silent = {"hidden": np.zeros((1, 2, 3), np.float32), "number": np.full((1, 1), 7, np.int64)}
    states = DeviceMemory(runtime, "cuda", copier).states(silent)
    made = runtime.crossed
    kept = states.read()
    states.write(kept)
    assert runtime.crossed == made
    assert runtime.copies == [2, 2]
    assert [place.array().tolist() for place in states.before.values()] == [[[[0.0] * 3] * 2], [[7]]]
    states.write((np.ones((1, 2, 3), np.float32), kept[1]))
    assert runtime.crossed == made + 1  # a part that comes from here, such as the silent one
    assert states.before["hidden"].array().tolist() == [[[1.0] * 3] * 2]


def test_in_the_machines_memory_what_is_filled_in_is_there() -> None:
    place = HostPlace(FakeRuntime(), np.zeros(2, np.float32))
    place.here[:] = 3.0
    place.send()
    assert place.value.numpy().tolist() == [3.0, 3.0]


def test_given_fields_hold_for_one_call_also_in_fixed_places(session: ModelSession) -> None:
    state = session.silent_state()
    given, _ = session.step(Inputs(EVENTS[0], (0.5,) * 3, given=(7, 45, 12)), state)
    free, _ = session.step(Inputs(EVENTS[0], (0.5,) * 3), state)
    again, _ = session.step(Inputs(EVENTS[0], (0.5,) * 3, given=(7, 45, 12)), state)
    assert given.event == again.event == (7, 45, 12)
    assert free == session.step(Inputs(EVENTS[0], (0.5,) * 3), state)[0]
    assert len(given.event) == len(EVENT_FIELDS)


def test_a_refused_input_leaves_nothing_behind(session: ModelSession) -> None:
    state = session.silent_state()
    before, _ = session.step(Inputs(EVENTS[0], (0.5,) * 3), state)
    with pytest.raises(SettingError):
        session.step(Inputs(EVENTS[0], (0.5, 2.0, 0.5), top_p=0.1), state)
    assert session.step(Inputs(EVENTS[0], (0.5,) * 3), state)[0] == before


def test_on_cuda_both_entries_have_one_lane_no_way_back_to_the_cpu_and_are_captured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime = FakeRuntime("works", DEFAULT_STATES)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    ModelSession(read_bundle(default_model("cuda")), "cuda")
    assert runtime.asked[-2:] == [CUDA, CUDA]
    assert runtime.provider_options == {"enable_cuda_graph": "1"}
    assert runtime.options["session.disable_cpu_ep_fallback"] == "1"
    assert runtime.options["lanes"] == 1


def test_a_model_of_which_a_part_would_run_on_the_cpu_is_refused_on_cuda(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runtime = FakeRuntime("partly", DEFAULT_STATES)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    with pytest.raises(DeviceError, match=r"not all of default-fp16.onnx runs there \(nodes are assigned"):
        ModelSession(read_bundle(default_model("cuda")), "cuda")


def test_what_cuda_cannot_capture_runs_there_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime("uncaptured", DEFAULT_STATES)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    assert ModelSession(read_bundle(default_model("cuda")), "cuda").device == "cuda"
    assert runtime.provider_options == {"enable_cuda_graph": "0"}
    assert runtime.options["session.disable_cpu_ep_fallback"] == "1"
