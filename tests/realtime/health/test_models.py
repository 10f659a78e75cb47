"""What the doctor says of the runtime and of a model's file."""

import builtins
import sys
from pathlib import Path

import pytest

from realtime.health.finding import Finding, Verdict
from realtime.health.models import model_findings
from realtime.inference.bundle import read_bundle
from tests.support.command import ROOT
from tests.support.model_files import resealed

FAMILIES = sorted((ROOT / "tests" / "golden" / "families").glob("*.onnx"))


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


@pytest.mark.parametrize("file", FAMILIES, ids=lambda path: path.stem)
def test_a_file_of_any_family_is_judged_by_its_own_session(file: Path) -> None:
    pytest.importorskip("onnxruntime")
    model = found(file)[f"model {file.name}"]
    assert model.verdict is not Verdict.WRONG
    unit = read_bundle(file).header.unit
    assert f"; a {unit} takes " in model.found


def test_a_file_that_learnt_music_backwards_can_not_answer(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    bundle = read_bundle(FAMILIES[0])
    backwards = tmp_path / "backwards.onnx"
    backwards.write_bytes(resealed(bundle, is_backwards=True))
    model = found(backwards)["model backwards.onnx"]
    assert model.verdict is Verdict.WRONG
    assert "learnt music backwards" in model.found


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
