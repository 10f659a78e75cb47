"""With no device named, CUDA plays where the model really ran there, and else the CPU plays and says why."""

import sys
from pathlib import Path

import pytest

from realtime.inference.best_device import open_on_best_device, seconds_an_event
from realtime.inference.bundle import ModelFileError, read_bundle, sealed
from realtime.inference.default_model import FILES, default_model
from realtime.inference.graphs.handmade import one_node_model
from realtime.inference.session import ModelSession
from tests.realtime.inference.test_bundle import HEADER
from tests.realtime.inference.test_session import SMALL
from tests.support.runtime import DEFAULT_STATES, FakeRuntime


def playing(
    monkeypatch: pytest.MonkeyPatch, cuda: str, path: Path | None = None, *, cuda_s: float = 0.0001
) -> tuple[str, str, str | None]:
    """The file that is played, the device, and why not on CUDA."""
    states = ("hidden",) if path else DEFAULT_STATES
    monkeypatch.setitem(sys.modules, "onnxruntime", FakeRuntime(cuda, states))
    cost_s = {"cpu": 0.0002, "cuda": cuda_s}
    session, reason, on_cuda = open_on_best_device(path, lambda session: cost_s[session.device])
    assert (on_cuda is None) == (session.device == "cpu")
    return session.bundle.path.name, session.device, reason


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path = tmp_path / "whole.onnx"
    path.write_bytes(sealed(one_node_model() + b"\x70\x01", SMALL))
    return path


@pytest.fixture
def eight_bits(tmp_path: Path) -> Path:
    path = tmp_path / "eight.onnx"
    path.write_bytes(sealed(one_node_model(), HEADER))
    return path


def test_where_cuda_works_the_default_models_file_for_it_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    assert playing(monkeypatch, "works") == (FILES["cuda"], "cuda", None)


def test_where_the_cpu_is_faster_its_file_is_played_and_both_times_are_said(
    monkeypatch: pytest.MonkeyPatch, whole: Path
) -> None:
    said = "an event takes 0.41 ms there, and 0.20 on the cpu"
    assert playing(monkeypatch, "works", cuda_s=0.00041) == (FILES["cpu"], "cpu", said)
    assert playing(monkeypatch, "works", whole, cuda_s=0.00041) == ("whole.onnx", "cpu", said)


def test_what_is_measured_is_events_that_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime("works", DEFAULT_STATES)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    session = ModelSession(read_bundle(default_model("cuda")), "cuda")
    assert seconds_an_event(session) > 0
    assert runtime.fed["draw"]
    assert runtime.fed["event"].tolist() == [[3, 40, 9]]  # what was drawn before


def test_a_runtime_built_for_the_cpu_plays_there_and_there_is_nothing_to_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert playing(monkeypatch, "absent") == (FILES["cpu"], "cpu", None)


@pytest.mark.parametrize(
    ("cuda", "expected"),
    [
        ("raises", "CUDA failure 100: no CUDA-capable device is detected"),
        ("falls back", "libcublasLt.so.13: cannot open shared object file: No such file or directory"),
        ("breaks", "can't open it: out of memory"),
    ],
)
def test_where_cuda_does_not_work_the_cpus_file_is_played_with_the_reason_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], cuda: str, expected: str
) -> None:
    file, device, reason = playing(monkeypatch, cuda)
    assert (file, device) == (FILES["cpu"], "cpu")
    assert reason is not None
    assert expected in reason
    assert "\n" not in reason
    assert capfd.readouterr() == ("", "")


def test_a_file_in_eight_bits_is_played_on_the_cpu_and_says_so(
    monkeypatch: pytest.MonkeyPatch, eight_bits: Path
) -> None:
    expected = "in eight bits, which CUDA can't run"
    assert playing(monkeypatch, "works", eight_bits) == ("eight.onnx", "cpu", expected)
    assert playing(monkeypatch, "absent", eight_bits) == ("eight.onnx", "cpu", None)


def test_a_file_in_whole_numbers_is_played_where_it_runs(
    monkeypatch: pytest.MonkeyPatch, whole: Path
) -> None:
    assert playing(monkeypatch, "works", whole) == ("whole.onnx", "cuda", None)
    assert playing(monkeypatch, "falls back", whole)[:2] == ("whole.onnx", "cpu")


def test_a_file_that_runs_nowhere_is_refused_as_on_the_cpu(
    monkeypatch: pytest.MonkeyPatch, whole: Path
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", FakeRuntime("works", states=("memory",)))
    with pytest.raises(ModelFileError, match="another face"):
        open_on_best_device(whole)


def test_both_files_of_the_default_model_are_there() -> None:
    assert all(default_model(device).is_file() for device in FILES)
