"""A model runtime that computes nothing: its devices work, break or fall back as a test says."""

import os
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from realtime.inference.bundle import Header, read_bundle
from realtime.inference.default_model import default_model
from realtime.inference.graphs.handmade import IDENTITIES, one_node_model

CPU, CUDA, TENSORRT = "CPUExecutionProvider", "CUDAExecutionProvider", "TensorrtExecutionProvider"

MISSING_LIBRARY = (
    "\x1b[1;31m2026-01-01 00:00:00.0 [E:onnxruntime:Default, provider_bridge.cc:1 operator()] "
    "/src/bridge.cc:2 Get() [ONNXRuntimeError] : 1 : FAIL : Failed to load library /lib/cuda.so with error: "
    "libcublasLt.so.13: cannot open shared object file: No such file or directory\n\x1b[m\n"
    "\x1b[0;93m2026-01-01 00:00:00.0 [W:onnxruntime:Default, state.cc:3 Create] Failed to create it.\x1b[m\n"
)
NO_CARD = (
    "/src/cuda_call.cc:129 Call(ERRTYPE, const char*) [with ERRTYPE = cudaError] CUDA failure 100: "
    "no CUDA-capable device is detected ; GPU=-1 ; hostname=stage ; file=/src/provider.cc ; line=286 ; "
    "expr=cudaSetDevice(0);\n"
    "a second line\nand a third"
)


DEFAULT_STATES = tuple(state.name for state in read_bundle(default_model()).header.states)
OUTPUTS = ("next_event", "next_cells", "log_probability")
_CONTROLS = (
    "event",
    "temperature",
    "top_p",
    "key_mask",
    "chance",
    "given",
    "is_given",
    "gap_at_least",
    "draw",
)
_EVENT = (np.array([[3, 40, 9]]), np.array([3]), np.array([[-1.0, -2.0, -3.0]], np.float32))
_ROW_CONTROLS = ("row", "temperature", "top_p", "wishes", "chance", "given", "is_given", "draw")


@dataclass(frozen=True)
class Face:
    """What a graph takes beside its states, and what it answers with."""

    takes: tuple[str, ...]
    gives: dict[str, Any]


EVENTS = Face(_CONTROLS, dict(zip(OUTPUTS, _EVENT, strict=True)))


def rows_as_of(header: Header) -> Face:
    """The face of a model of rows, which answers with rows of nothing."""
    kind = np.int64 if header.reads_symbols else np.float32
    row, score = np.zeros((1, len(header.fields)), kind), np.zeros((1, len(header.parts)), np.float32)
    return Face(_ROW_CONTROLS, {"next_row": row, "log_probability": score})


class FakeRuntime:
    """A runtime whose graph has the right face, keeps what it was fed, and answers with what its face says,
    which is one event.

    `cuda` says what becomes of a session there: `absent` from the build, `works`, `raises`, `falls back` (and
    writes why to the file descriptor of standard error), `breaks` (only with a real model), `partly` (some
    nodes only on the CPU), `uncaptured` (as no graph of CUDA's). It works only
    once its libraries have been found.
    """

    __version__ = "1.99"
    ExecutionMode = SimpleNamespace(ORT_SEQUENTIAL=0)
    OrtValue = property(lambda _: FakeValue)

    def __init__(
        self, cuda: str = "absent", states: tuple[str, ...] = ("hidden",), face: Face = EVENTS
    ) -> None:
        self.cuda, self.states, self.face = cuda, states, face
        self.options: dict[str, Any] = {}
        self.fed: dict[str, Any] = {}
        self.asked: list[str] = []  # the providers that sessions were asked for
        self.found_libraries = False
        self.copies: list[int] = []  # values of each call that copied from place to place on the device
        self.provider_options: dict[str, str] = {}  # those that were given last

    def disable_telemetry_events(self) -> None:
        self.options["reports to nobody"] = True

    def get_available_providers(self) -> list[str]:
        return [CPU] if self.cuda == "absent" else [TENSORRT, CUDA, CPU]

    def preload_dlls(self) -> None:
        self.found_libraries = True
        print("Failed to load something that is not needed")

    def SessionOptions(self) -> SimpleNamespace:  # noqa: N802 - the runtime's own name
        entries: dict[str, str] = {}

        def add_entry(name: str, value: str) -> None:
            self.options[name] = entries[name] = value

        made = SimpleNamespace(
            add_session_config_entry=add_entry,
            add_free_dimension_override_by_name=self.options.__setitem__,
            entries=entries,
        )
        self.options["itself"] = made
        return made

    def InferenceSession(  # noqa: N802
        self,
        content: bytes,
        options: Any,
        providers: list[str | tuple[str, dict[str, str]]],
        enable_fallback: int = 1,
    ) -> "FakeSession":
        assert not enable_fallback, "the runtime would print and go on with the CPU"
        (wanted,) = providers
        provider, given = (wanted, {}) if isinstance(wanted, str) else wanted
        self.provider_options = given or self.provider_options
        self.asked.append(provider)
        if provider == CUDA:
            if self.cuda == "raises":
                raise RuntimeError(NO_CARD)
            if self.cuda == "breaks" and content != one_node_model():
                raise RuntimeError("out of memory\non the card")
            if self.cuda == "uncaptured" and given.get("enable_cuda_graph") == "1":
                raise RuntimeError("this graph can't be captured")
            whole = getattr(options, "entries", {}).get("session.disable_cpu_ep_fallback")
            if self.cuda == "partly" and whole == "1" and content != one_node_model():
                raise RuntimeError("nodes are assigned to the CPU\nand more")
            if self.cuda == "falls back" or not self.found_libraries:
                os.write(2, MISSING_LIBRARY.encode())
                provider = CPU
        return FakeSession(self, provider, content)


class FakeValue:
    """A value of the runtime's, which lies in the array that it was made of."""

    def __init__(self, array: Any) -> None:
        self._array = array

    @classmethod
    def ortvalue_from_numpy(cls, array: Any, device: str = "cpu", number: int = 0) -> "FakeValue":
        return cls(array if device == "cpu" else np.copy(array))

    @classmethod
    def ortvalue_from_shape_and_type(
        cls, shape: list[int], kind: type, device: str = "cpu", number: int = 0
    ) -> "FakeValue":
        return cls(np.zeros(shape, kind))

    def update_inplace(self, array: Any) -> None:
        """An array from the machine's memory crosses over."""
        self.write(array)

    def write(self, array: Any) -> None:
        np.copyto(self._array, array)

    def numpy(self) -> Any:
        return np.copy(self._array)


class FakeBinding:
    """Values by the names of what goes in and what comes out."""

    def __init__(self) -> None:
        self.inputs: dict[str, FakeValue] = {}
        self.outputs: dict[str, FakeValue] = {}
        self.bind_ortvalue_input = self.inputs.__setitem__
        self.bind_ortvalue_output = self.outputs.__setitem__


class FakeSession:
    """A session on one provider."""

    def __init__(self, runtime: FakeRuntime, provider: str, content: bytes) -> None:
        self._runtime, self._provider, self._content = runtime, provider, content

    def get_providers(self) -> list[str]:
        return [self._provider]

    def get_inputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name=name) for name in (*self._runtime.face.takes, *self._runtime.states)]

    def get_outputs(self) -> list[SimpleNamespace]:
        after = (f"{name}_after" for name in self._runtime.states)
        return [SimpleNamespace(name=name) for name in (*self._runtime.face.gives, *after)]

    def io_binding(self) -> "FakeBinding":
        return FakeBinding()

    def run_with_iobinding(self, binding: "FakeBinding") -> None:
        if IDENTITIES.encode() in self._content:
            self._copy(binding)
            return
        feeds = {name: value.numpy() for name, value in binding.inputs.items()}
        made = self.run(list(binding.outputs), feeds)
        for value, result in zip(binding.outputs.values(), made, strict=True):
            value.update_inplace(result)

    def _copy(self, binding: "FakeBinding") -> None:
        self._runtime.copies.append(len(binding.inputs))
        for name, value in binding.inputs.items():
            FakeValue.write(binding.outputs[name.replace("x", "y")], value.numpy())

    def run(self, names: list[str] | None, feeds: dict[str, Any]) -> list[Any]:
        if names is None:
            return [feeds["x"] * 2]
        self._runtime.fed = {name: np.copy(value) for name, value in feeds.items()}
        made = dict(self._runtime.face.gives)
        made |= {f"{name}_after": feeds[name] + 1 for name in self._runtime.states}
        return [made[name] for name in names]
