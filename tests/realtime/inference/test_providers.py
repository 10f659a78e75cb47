"""A provider is told only when it ran something: listed is not usable."""

from types import SimpleNamespace

import numpy as np
import pytest

from realtime.inference.providers import one_node_model, runtime_told, usable_providers


class FakeRuntime:
    """A runtime whose CUDA can't load (it falls back), and whose other provider raises."""

    def __init__(self) -> None:
        self.severity = 2

    def get_available_providers(self) -> list[str]:
        return ["CUDAExecutionProvider", "BrokenExecutionProvider", "CPUExecutionProvider"]

    def set_default_logger_severity(self, severity: int) -> None:
        self.severity = severity

    def SessionOptions(self) -> SimpleNamespace:  # noqa: N802 - the runtime's own name
        return SimpleNamespace(add_session_config_entry=lambda key, value: None)

    def InferenceSession(self, model: bytes, options: object, providers: list[str]) -> SimpleNamespace:  # noqa: N802
        if providers == ["BrokenExecutionProvider"]:
            raise RuntimeError("no such library")
        return SimpleNamespace(
            get_providers=lambda: ["CPUExecutionProvider"],
            run=lambda outputs, feeds: [feeds["x"] * 2],
        )


def test_a_provider_that_falls_back_or_raises_is_not_usable() -> None:
    runtime = FakeRuntime()
    assert usable_providers(runtime) == ["CPUExecutionProvider"]
    assert runtime.severity == 2


def test_the_model_of_one_node_adds_its_input_to_itself() -> None:
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(one_node_model(), providers=["CPUExecutionProvider"])
    (doubled,) = session.run(None, {"x": np.array([3], np.float32)})
    assert doubled.tolist() == [6]


def test_the_real_runtime_can_use_the_cpu() -> None:
    runtime = pytest.importorskip("onnxruntime")
    assert "CPUExecutionProvider" in usable_providers(runtime)
    assert "CPUExecutionProvider" in runtime_told()


def test_without_a_runtime_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    assert runtime_told() == "no model runtime is installed: pip install 'antiphon[cpu]' (or 'antiphon[gpu]')"
