"""With no device named, CUDA plays where the model really ran there, and else the CPU plays and says why."""

import sys
from pathlib import Path

import pytest

from realtime.inference.best_device import open_on_best_device
from realtime.inference.bundle import ModelFileError, sealed
from realtime.inference.default_model import FILES, default_model
from realtime.inference.providers import one_node_model
from tests.realtime.inference.test_bundle import HEADER
from tests.realtime.inference.test_session import SMALL
from tests.support.runtime import DEFAULT_STATES, FakeRuntime


def playing(
    monkeypatch: pytest.MonkeyPatch, cuda: str, path: Path | None = None
) -> tuple[str, str, str | None]:
    """The file that is played, the device, and why not on CUDA."""
    states = ("hidden",) if path else DEFAULT_STATES
    monkeypatch.setitem(sys.modules, "onnxruntime", FakeRuntime(cuda, states))
    session, reason = open_on_best_device(path)
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
