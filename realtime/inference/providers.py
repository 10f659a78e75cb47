"""Which devices can really run a model here, and why another can't.

The runtime's own list names a provider that was compiled in, also where its libraries can't be loaded, and a
session falls back to the CPU without an error. So a provider is asked to run a graph of one node by itself,
and is believed when it did. Only those that a model can be asked to run on are tried.
"""

import re
from typing import Any

import numpy

from realtime.inference.graphs.handmade import one_node_model
from realtime.inference.native_report import caught_report
from realtime.inference.runtime import NoRuntimeError, loaded_runtime

DEVICES = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}

_LONGEST_REASON = 200  # characters
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
# Where the reason begins in a report of the runtime's, the surest sign first; what goes before are places in
# its source.
_REASONS = (
    re.compile(r"with error: (.+)"),
    re.compile(r"(CU\w+ failure \d+: [^;\n]+)"),
    re.compile(r"FAIL : (.+)"),
    re.compile(r"EP Error (?:\S+:\d+ )?(.+)"),
    re.compile(r"^(?:\S+ \S+ \[\w:[^\]]*\] ?)?(.*\S.*)", re.MULTILINE),
)


def runtime_summary() -> str:
    """The runtime and its version, the devices that work, and a line on each that doesn't."""
    try:
        runtime = loaded_runtime()
    except NoRuntimeError as reason:
        return str(reason)
    reasons = {device: why_not_on(runtime, device) for device in DEVICES}
    working = [device for device, reason in reasons.items() if reason is None]
    broken = [f"not on {device}: {reason}" for device, reason in reasons.items() if reason is not None]
    line = f"ONNX Runtime {runtime.__version__}, runs models on: {', '.join(working) or 'nothing'}"
    return "\n".join([line, *broken])


def is_built_for(runtime: Any, device: str) -> bool:
    """Whether the runtime has a provider for the device, working or not."""
    return DEVICES[device] in runtime.get_available_providers()


def why_not_on(runtime: Any, device: str) -> str | None:
    """Why no model can run on a device, in one line; None if one ran."""
    if not is_built_for(runtime, device):
        return "the runtime that is installed is built without it (that of antiphon[gpu] has CUDA)"
    with caught_report() as report:
        failure = _failure(runtime, device)
    return None if failure is None else _reason(f"{report.text}\n{failure}")


def _failure(runtime: Any, device: str) -> str | None:
    """What was raised when the graph of one node was run on a device; None if it ran there."""
    provider, options = DEVICES[device], runtime.SessionOptions()
    if device != "cpu":
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    try:
        find_libraries(runtime, device)
        session = runtime.InferenceSession(one_node_model(), options, providers=[provider], enable_fallback=0)
        if provider not in session.get_providers():
            return ""
        (doubled,) = session.run(None, {"x": numpy.ones(1, numpy.float32)})
    except Exception as error:  # noqa: BLE001 - whatever a provider raises, it does not run here
        return str(error) or type(error).__name__
    return None if doubled[0] == 2 else f"1 + 1 came to {doubled[0]:g} there"


def find_libraries(runtime: Any, device: str) -> None:
    """Let the runtime load CUDA's libraries from where pip has put them: it doesn't look there by itself."""
    preload = getattr(runtime, "preload_dlls", None)  # older builds have none
    if device == "cuda" and preload is not None:
        preload()


def _reason(report: str) -> str:
    """What the runtime wrote and raised comes down to."""
    plain = _COLOUR.sub("", report).strip()
    found = next((match[1] for reason in _REASONS if (match := reason.search(plain))), "")
    return found.strip()[:_LONGEST_REASON] or "the runtime fell back to the CPU and doesn't say why"
