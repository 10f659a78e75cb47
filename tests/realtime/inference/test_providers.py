"""A device is named only when something ran there: listed is not usable. A line says why not."""

import os
import subprocess
import sys
import warnings
from contextlib import suppress

import numpy as np
import pytest

from realtime.inference.graphs.handmade import one_node_model
from realtime.inference.native_report import caught_report
from realtime.inference.providers import runtime_summary, why_not_on
from realtime.inference.runtime import NoRuntimeError, loaded_runtime
from tests.support.command import ROOT
from tests.support.runtime import CPU, CUDA, FakeRuntime
from tests.support.waiting import PATIENCE_S


@pytest.mark.parametrize(
    ("cuda", "lines"),
    [
        ("works", ["runs models on: cpu, cuda"]),
        (
            "raises",
            ["runs models on: cpu", "not on cuda: CUDA failure 100: no CUDA-capable device is detected"],
        ),
        (
            "falls back",
            [
                "runs models on: cpu",
                "not on cuda: libcublasLt.so.13: cannot open shared object file: No such file or directory",
            ],
        ),
        ("absent", ["runs models on: cpu", "not on cuda: the runtime that is installed is built without it"]),
    ],
)
def test_each_device_that_can_not_be_used_gets_a_line_that_says_why(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], cuda: str, lines: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", FakeRuntime(cuda))
    found = runtime_summary().splitlines()
    assert len(found) == len(lines)
    assert all(expected in line for expected, line in zip(lines, found, strict=True))
    assert capfd.readouterr() == ("", "")


def test_only_what_a_model_can_be_asked_to_run_on_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime("works")
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    runtime_summary()
    assert set(runtime.asked) == {CPU, CUDA}


def test_the_libraries_of_cuda_are_looked_for_only_for_cuda() -> None:
    runtime = FakeRuntime("works")
    assert why_not_on(runtime, "cpu") is None
    assert not runtime.found_libraries
    assert why_not_on(runtime, "cuda") is None
    assert runtime.found_libraries


def test_a_runtime_that_can_not_look_for_libraries_is_asked_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(FakeRuntime, "preload_dlls")
    runtime = FakeRuntime("works")
    runtime.found_libraries = True
    assert why_not_on(runtime, "cuda") is None


def test_a_provider_that_says_nothing_gets_a_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(FakeRuntime, "preload_dlls")
    monkeypatch.setattr("tests.support.runtime.MISSING_LIBRARY", "")
    assert why_not_on(FakeRuntime("falls back"), "cuda") == (
        "the runtime fell back to the CPU and doesn't say why"
    )


def test_the_model_of_one_node_adds_its_input_to_itself() -> None:
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(one_node_model(), providers=["CPUExecutionProvider"])
    (doubled,) = session.run(None, {"x": np.array([3], np.float32)})
    assert doubled.tolist() == [6]


def test_the_real_runtime_can_use_the_cpu() -> None:
    runtime = pytest.importorskip("onnxruntime")
    assert why_not_on(runtime, "cpu") is None
    assert "runs models on: cpu" in runtime_summary()


def test_without_a_runtime_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert (
        runtime_summary() == "no model runtime is installed: pip install 'antiphon[cpu]' (or 'antiphon[gpu]')"
    )


def test_a_runtime_that_can_not_be_loaded_is_reported_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> object:
        raise ImportError("DLL load failed while importing state\nand more")

    monkeypatch.setattr("importlib.import_module", broken)
    with pytest.raises(NoRuntimeError, match="can't be loaded: DLL load failed while importing state; pip"):
        loaded_runtime()


def test_what_is_printed_warned_of_and_written_natively_is_caught_and_the_terminal_has_the_rest(
    capfd: pytest.CaptureFixture[str],
) -> None:
    print("before", file=sys.stderr)
    with caught_report() as report:
        print("printed")
        warnings.warn("warned of", stacklevel=1)
        os.write(2, b"native")
    os.write(2, b"after\n")
    assert "native" in report.text
    assert "printed" in report.text
    assert capfd.readouterr() == ("", "before\nafter\n")


def test_what_was_caught_is_kept_when_something_is_raised() -> None:
    with suppress(RuntimeError), caught_report() as report:
        os.write(2, b"native")
        raise RuntimeError
    assert report.text == "native"


def test_with_standard_error_closed_there_is_nothing_to_catch_and_nothing_fails() -> None:
    code = (
        "import os; os.close(2)\nfrom realtime.inference import providers\nprint(providers.runtime_summary())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=PATIENCE_S
    )
    assert "untime" in done.stdout
