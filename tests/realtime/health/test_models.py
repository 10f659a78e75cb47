"""What the doctor says of the runtime and of a model's file."""

import builtins
import sys
from pathlib import Path

import pytest

from realtime.health.finding import Finding, Verdict
from realtime.health.models import model_findings


def found(path: Path | None = None) -> dict[str, Finding]:
    return {one.about: one for one in model_findings(path)}


def test_the_default_model_plays_here_and_an_event_is_measured() -> None:
    pytest.importorskip("onnxruntime")
    models = found()
    assert models["runtime on cpu"].verdict is Verdict.FINE
    assert models["model default.onnx"].verdict is not Verdict.WRONG
    assert "an event takes" in models["model default.onnx"].found


def test_a_file_that_is_no_model_is_wrong(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    path = tmp_path / "junk.onnx"
    path.write_bytes(b"junk")
    assert found(path)["model junk.onnx"].verdict is Verdict.WRONG
    assert "--model none" in found(path)["model junk.onnx"].remedy


def test_without_a_runtime_the_remedy_is_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if name.partition(".")[0] == "onnxruntime":
            raise ModuleNotFoundError(name=name)
        return real(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setattr(builtins, "__import__", without)
    (runtime,) = model_findings()
    assert runtime.verdict is Verdict.WRONG
    assert runtime.found == "no model runtime is installed"
    assert runtime.remedy.startswith("pip install 'antiphon[cpu]'")
