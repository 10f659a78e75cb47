"""Which devices can really run a model here.

The runtime's own list names a provider that was compiled in, also where its libraries can't be loaded, and a session falls back to
the CPU without an error. So each provider is asked to run a graph of one node by itself, and is believed when it did.
"""

import importlib
import importlib.metadata
from typing import Any

from realtime.inference.runtime import NoRuntimeError, loaded_runtime


def runtime_told() -> str:
    """The runtime, its version and the providers that work, in one or two lines."""
    try:
        runtime = loaded_runtime()
    except NoRuntimeError as reason:
        return str(reason)
    working = usable_providers(runtime)
    broken = [name for name in runtime.get_available_providers() if name not in working]
    line = f"ONNX Runtime {runtime.__version__}, runs models on: {', '.join(working) or 'nothing'}"
    return line + (f"\nlisted, but not usable here: {', '.join(broken)}" if broken else "")


def usable_providers(runtime: Any) -> list[str]:
    """The providers, by the runtime's names, with which a session was created and run."""
    return [name for name in runtime.get_available_providers() if _runs(runtime, name)]


def _runs(runtime: Any, provider: str) -> bool:
    numpy = importlib.import_module("numpy")
    options = runtime.SessionOptions()
    options.log_severity_level = 4  # a provider that can't load is the answer here, not an alarm
    if provider != "CPUExecutionProvider":
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    runtime.set_default_logger_severity(4)
    try:
        session = runtime.InferenceSession(one_node_model(), options, providers=[provider])
        if provider not in session.get_providers():
            return False
        (doubled,) = session.run(None, {"x": numpy.ones(1, numpy.float32)})
    except Exception:  # noqa: BLE001 - whatever a provider raises, it does not run here
        return False
    finally:
        runtime.set_default_logger_severity(2)
    return bool(doubled[0] == 2)


def one_node_model() -> bytes:
    """An ONNX model, written by hand, that adds a vector of one to itself."""
    value = _text(1, "x") + _bytes(2, _bytes(1, _number(1, 1) + _bytes(2, _bytes(1, _number(1, 1)))))
    result = value.replace(b"x", b"y", 1)
    node = _text(1, "x") + _text(1, "x") + _text(2, "y") + _text(4, "Add")
    graph = _bytes(1, node) + _text(2, "one_node") + _bytes(11, value) + _bytes(12, result)
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, 13))


def _number(field: int, value: int) -> bytes:
    return bytes([field << 3, value])


def _bytes(field: int, value: bytes) -> bytes:
    return bytes([field << 3 | 2, len(value)]) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())
