"""A session of rows opens as one of events does: on the device asked for or not at all, and in time; what it
gives for one lane in fixed places is what a call by names gives.

The places of a device are run on the CPU here, with the same code and the same runtime.
"""

import sys
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from music.settings import SettingError
from realtime.inference.binding import DeviceMemory, OneLane
from realtime.inference.bundle import AFTER, ROW_OUTPUTS, WHETHER_TO_DRAW, ModelFileError, read_bundle
from realtime.inference.entries import entry
from realtime.inference.graphs.handmade import identities
from realtime.inference.graphs.opening import DeviceError
from realtime.inference.rows.row_session import RowControls, RowSession, open_rows
from realtime.inference.runtime import loaded_runtime
from tests.support.command import ROOT
from tests.support.runtime import CUDA, FakeRuntime, rows_as_of

FILES = sorted((ROOT / "tests" / "golden" / "families").glob("*.onnx"))
files = pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
NADE = next(path for path in FILES if "nade" in path.stem)


def run_by_names(session: RowSession, row: Any, chance: Any, state: Any, controls: RowControls) -> list[Any]:
    """What the file's own graph gives, its choice whether to draw within it."""
    content = read_bundle(session.bundle.path).content
    graph = loaded_runtime().InferenceSession(content, providers=["CPUExecutionProvider"])
    feeds = session._feeds(row, chance, controls, draws=True)
    names = [state.name for state in session.bundle.header.states]
    made: list[Any] = graph.run(
        [*ROW_OUTPUTS, *(f"{name}{AFTER}" for name in names)],
        feeds | dict(zip(names, session.on_host(state), strict=True)),
    )
    return made


@files
def test_one_lane_in_fixed_places_gives_what_a_call_by_names_gives(file: Path) -> None:
    pytest.importorskip("onnxruntime")
    session = open_rows(file)
    row, state = session.begin(), session.silent_state()
    for number in range(4):
        chance = np.random.default_rng(number).random((1, session.chances))
        controls = RowControls(temperature=1.0 + number / 4, top_p=1.0 - number / 8)
        wanted, scores, *after = run_by_names(session, row, chance, state, controls)
        drawn, found, fed = session.step(row, chance, state, controls)
        np.testing.assert_allclose(drawn, wanted, rtol=1e-5)
        np.testing.assert_allclose(found, scores, rtol=1e-5, atol=1e-5)
        state = session.feed(row, state)
        for one, other, third in zip(after, fed, state, strict=True):
            np.testing.assert_allclose(other, one, rtol=1e-5, atol=1e-5)
            np.testing.assert_allclose(third, one, rtol=1e-5, atol=1e-5)
        row = drawn


def on_a_device(session: RowSession) -> OneLane:
    """The session's model as it is bound on a device: two entries, and places in the device's memory."""
    runtime = loaded_runtime()
    hearing, drawing = (
        runtime.InferenceSession(
            entry(read_bundle(session.bundle.path).content, draws=draws), providers=["CPUExecutionProvider"]
        )
        for draws in (False, True)
    )

    def copier(kinds: list[type]) -> Any:
        return runtime.InferenceSession(identities(kinds), providers=["CPUExecutionProvider"])

    memory = DeviceMemory(runtime, "cpu", copier)
    return OneLane((hearing, drawing), memory, *session._places(), WHETHER_TO_DRAW)


@files
def test_bound_on_a_device_it_hears_and_draws_what_the_session_does(file: Path) -> None:
    pytest.importorskip("onnxruntime")
    here, there = open_rows(file), open_rows(file)
    there._lane = on_a_device(there)
    row, ours, theirs = here.begin(), here.silent_state(), there.silent_state()
    kept = there.feed(row, theirs)
    before = there.on_host(kept)
    for number in range(4):
        chance = np.random.default_rng(number).random((1, here.chances))
        wanted, scores, ours = here.step(row, chance, ours)
        drawn, found, theirs = there.step(row, chance, theirs)
        assert not any(isinstance(part, np.ndarray) for part in theirs)  # it stays where it was made
        np.testing.assert_array_equal(drawn, wanted)
        np.testing.assert_allclose(found, scores, rtol=1e-5, atol=1e-6)
        row = drawn
    for one, other in zip(before, there.on_host(kept), strict=True):  # what was kept is left alone
        np.testing.assert_array_equal(one, other)
    lanes = tuple(np.concatenate([part, part], axis) for part, axis in _with_axes(there, theirs))
    there.step(np.repeat(row, 2, 0), np.full((2, here.chances), 0.5), lanes)


def _with_axes(session: RowSession, state: Any) -> list[tuple[Any, int]]:
    axes = [state.shape.index(-1) for state in session.bundle.header.states]
    return list(zip(session.on_host(state), axes, strict=True))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    header = read_bundle(NADE).header
    runtime = FakeRuntime("works", tuple(state.name for state in header.states), rows_as_of(header))
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    return runtime


def test_on_cuda_no_node_goes_back_to_the_cpu_and_both_entries_are_captured(fake: FakeRuntime) -> None:
    open_rows(NADE, "cuda")
    assert fake.asked[-2:] == [CUDA, CUDA]
    assert fake.provider_options == {"enable_cuda_graph": "1"}
    assert fake.options["session.disable_cpu_ep_fallback"] == "1"
    assert fake.options["lanes"] == 1


def test_a_model_of_rows_of_which_a_part_would_run_on_the_cpu_is_refused_on_cuda(fake: FakeRuntime) -> None:
    fake.cuda = "partly"
    with pytest.raises(DeviceError, match=r"not all of .*nade.* runs there \(nodes are assigned"):
        open_rows(NADE, "cuda")


def test_what_cuda_cannot_capture_runs_there_all_the_same(fake: FakeRuntime) -> None:
    fake.cuda = "uncaptured"
    assert open_rows(NADE, "cuda").device == "cuda"
    assert fake.provider_options == {"enable_cuda_graph": "0"}


def test_a_graph_of_rows_without_end_is_refused_in_time(
    fake: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = Event()
    monkeypatch.setattr(RowSession, "_warm_up", lambda _: ends.wait())
    monkeypatch.setattr("realtime.inference.graphs.opening.WARM_WITHIN_S", 0.05)
    with pytest.raises(ModelFileError, match=r"its graph comes to no end within 0\.05 s; export the run"):
        open_rows(NADE)
    ends.set()


def test_a_graph_of_another_face_is_refused(fake: FakeRuntime) -> None:
    fake.face = replace(fake.face, takes=(*fake.face.takes, "mood"))
    with pytest.raises(ModelFileError, match=r"its graph has another face \(mood\)"):
        open_rows(NADE)


def test_a_row_of_another_width_leaves_nothing_behind(fake: FakeRuntime) -> None:
    session = open_rows(NADE)
    with pytest.raises(SettingError, match="rows are 176 fields wide"):
        session.feed(np.zeros((1, 3)), session.silent_state())
