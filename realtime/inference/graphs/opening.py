"""A model file's graph opened by the runtime, on the device that was asked for or not at all.

What can be opened with any number of lanes, and what is bound to the places of one lane; a graph that comes
to no end is not waited for. Knows the runtime's faces and the file's two entries. Must not know what goes
into a graph or comes out of it, nor what for.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from music.settings import SettingError
from realtime.inference.binding import Array, DeviceMemory, HostMemory, OneLane
from realtime.inference.bundle import WHETHER_TO_DRAW, Bundle, ModelFileError
from realtime.inference.entries import entry
from realtime.inference.graphs.handmade import identities
from realtime.inference.graphs.tables import Table, reading, with_tables, writing
from realtime.inference.providers import DEVICES, why_not_on
from realtime.inference.runtime import ends_in_time, loaded_runtime

LANES_IN_THE_GRAPH = "lanes"  # what the exporter calls their number
WARM_WITHIN_S = (
    30.0  # a loop in a graph may have no end; the slowest start of a right one takes a tenth of it
)


class DeviceError(SettingError):
    """A model that can't be played on the device asked for: says what to do; `reason` is why, by itself."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Places(NamedTuple):
    """Arrays of the shapes of all that goes in and comes out of one lane, by name."""

    inputs: Mapping[str, Array]
    states: Mapping[str, Array]
    outputs: Mapping[str, Array]


def opened_both(bundle: Bundle, device: str, threads: int = 1, *, scores: bool = True) -> tuple[Any, Any]:
    """What hears and what draws, with any number of lanes. On the CPU these are two entries: the choice
    between them costs a call a twentieth, and a second entry some megabytes. On a device they are one."""
    if device == "cpu":
        hearing = opened(bundle, device, threads, entry(bundle.content, draws=False))
        drawing = opened(bundle, device, threads, entry(bundle.content, draws=True, scores=scores))
        return hearing, drawing
    session = opened(bundle, device, threads)
    return session, session


def opened(bundle: Bundle, device: str, threads: int = 1, content: bytes | None = None) -> Any:
    """The runtime's session of a model file, or of this entry of it, on a device; what is wrong is an error
    in one line."""
    _check_device(bundle, device)
    runtime = loaded_runtime()
    try:
        session = _session_on(device, content or bundle.content, _options(runtime, threads))
    except Exception as error:
        raise _not_opened(bundle, error) from error
    return _which_is_on(device, session)


def entries_on(bundle: Bundle, device: str, *, is_captured: bool, scores: bool = True) -> tuple[Any, Any]:
    """The two entries for one lane on a device, all of whose nodes run there."""
    runtime, made = loaded_runtime(), []
    for draws in (False, True):
        options = _options(runtime, 1)
        options.add_free_dimension_override_by_name(LANES_IN_THE_GRAPH, 1)
        captured = {"enable_cuda_graph": str(int(is_captured))}
        content = entry(bundle.content, draws=draws, scores=scores)
        made.append(_wholly_on(bundle, device, content, options, captured))
    hearing, drawing = made
    return hearing, drawing


class WithTables(NamedTuple):
    """The runtime's sessions of graphs whose states lie in tables: the two entries, what reads rows, and what
    puts rows there."""

    hearing: Any
    drawing: Any
    reading: Any
    writing: Any


def opened_with_tables(bundle: Bundle, device: str, tables: Sequence[Table], threads: int = 1) -> WithTables:
    """A model file with any number of lanes, whose states stay in tables on the device; all nodes run
    there."""
    _check_device(bundle, device)
    runtime = loaded_runtime()
    entries = (entry(bundle.content, draws=draws, scores=False) for draws in (False, True))
    graphs = (*(with_tables(graph, tables) for graph in entries), reading(tables), writing(tables))
    return WithTables(*(_wholly_on(bundle, device, graph, _options(runtime, threads)) for graph in graphs))


def _wholly_on(
    bundle: Bundle, device: str, content: bytes, options: Any, provider: Mapping[str, str] | None = None
) -> Any:
    """A session all of whose nodes run on a device: elsewhere than on the CPU an error, in place of nodes
    that would run there without a word."""
    if device != "cpu":
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    try:
        session = _session_on(device, content, options, provider)
    except Exception as error:
        if device == "cpu":
            raise _not_opened(bundle, error) from error
        reason = f"not all of {bundle.path.name} runs there ({first_line(error)})"
        raise _not_on(device, reason) from error
    return _which_is_on(device, session)


def _session_on(device: str, content: bytes, options: Any, provider: Mapping[str, str] | None = None) -> Any:
    """Without the runtime's fallback, which would print, run on the CPU, and say nothing to us."""
    wanted = (DEVICES[device], dict(provider)) if provider else DEVICES[device]
    return loaded_runtime().InferenceSession(content, options, providers=[wanted], enable_fallback=0)


def _which_is_on(device: str, session: Any) -> Any:
    """The session, if it is where it was to be, without the file's bytes."""
    if DEVICES[device] not in session.get_providers():
        raise _not_on(device, "the runtime fell back to another")
    return _without_content(session)


def _not_opened(bundle: Bundle, error: Exception) -> ModelFileError:
    return ModelFileError(
        f"{bundle.path}: the runtime {loaded_runtime().__version__} can't open it: {first_line(error)}; "
        "pip install --upgrade onnxruntime, or export the run again"
    )


def _without_content(session: Any) -> Any:
    """The session, without the file's bytes: it keeps them in case it should fall back to another device,
    which it never does here, and they are as large as all that it makes of them."""
    if hasattr(session, "_model_bytes"):
        session._model_bytes = None
    return session


def _options(runtime: Any, threads: int) -> Any:
    options = runtime.SessionOptions()
    # one call at a time of some 0.2 ms: a second thread costs more than it brings, and a spinning one eats a
    # core
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def _check_device(bundle: Bundle, device: str) -> None:
    """An error unless the device is there and can run what a file holds."""
    if device not in DEVICES:
        raise SettingError(f"no device is called {device!r}; there are: {', '.join(DEVICES)}")
    if device == "cuda" and bundle.header.precision == "int8":
        reason = "in eight bits, which CUDA can't run"
        raise DeviceError(
            reason,
            f"{bundle.path}: {reason}; play its fp16 or fp32 sister "
            "(antiphon export-onnx RUN --precision fp16), or say --device cpu",
        )
    if device != "cpu" and (why_not := why_not_on(loaded_runtime(), device)) is not None:
        raise _not_on(device, why_not)


def _not_on(device: str, reason: str) -> DeviceError:
    return DeviceError(reason, f"no {device} device can be used here: {reason}; say --device cpu")


def first_line(error: Exception) -> str:
    """An error of the runtime's, whose own have several."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def one_lane(
    bundle: Bundle,
    device: str,
    both: tuple[Any, Any],
    places: Places,
    *,
    is_captured: bool,
    scores: bool = True,
) -> OneLane:
    """The entries for one lane, in places that are fixed: on the CPU those that take `both` any number of
    lanes; on another device two of their own, all of whose nodes run there, captured as a graph each."""
    runtime = loaded_runtime()
    if device == "cpu":
        return OneLane(both, HostMemory(runtime), *places, WHETHER_TO_DRAW)

    def copier(kinds: list[type]) -> Any:
        """The runtime's session, on the device, of a graph that gives what it gets."""
        return runtime.InferenceSession(
            identities(kinds), _options(runtime, 1), providers=[DEVICES[device]], enable_fallback=0
        )

    entries = entries_on(bundle, device, is_captured=is_captured, scores=scores)
    return OneLane(entries, DeviceMemory(runtime, device, copier), *places, WHETHER_TO_DRAW)


def open_lane(device: str, bind: Callable[[bool], None]) -> None:
    """Let a lane be bound and warmed up: on a device captured as a graph, unless the runtime can't."""
    try:
        bind(device != "cpu")
    except SettingError:
        if device == "cpu":
            raise
        bind(False)


def warm(bundle: Bundle, deed: Callable[[], None]) -> None:
    """Let a graph be run; an error in one line where it can't be, or comes to no end."""

    def run() -> None:
        try:
            deed()
        except Exception as error:  # the runtime's own kinds of error have no name outside it
            raise ModelFileError(
                f"{bundle.path}: its graph can't be run: {first_line(error)}; export the run again"
            ) from error

    if not ends_in_time(run, WARM_WITHIN_S):
        raise ModelFileError(
            f"{bundle.path}: its graph comes to no end within {WARM_WITHIN_S:g} s; export the run again"
        )
