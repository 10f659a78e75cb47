"""What was traced once in a run of the tests isn't traced again: the exporter takes seconds of a core for a
graph, and many tests want one of the same small model.

A graph is kept, in a folder that all processes of a run share, for the same module with the same weights to
the last bit (`described.content_of`). What can't be described in full is traced each time.
"""

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_FOLDER = "ANTIPHON_TRACED_IN"  # the surroundings name it, for the processes that share the tests
_EXPORTER = "export.step_graph"

Trace = Callable[..., Any]  # a module and what the exporter asks for, to a graph


def share_traces_in(folder: Path) -> None:
    """From now on, and in the processes that this one starts."""
    os.environ[_FOLDER] = str(folder)


def trace_once() -> None:
    """Where the exporter is there, it takes from the folder what was traced before."""
    exporter: Any = sys.modules.get(_EXPORTER)
    if exporter is not None:
        exporter._traced = kept(exporter._traced, Path(os.environ[_FOLDER]))
        _read_translations_once()


def _read_translations_once() -> None:
    """The exporter reads all its translations anew for each graph, which takes half a second, and only looks
    things up in them."""
    from torch.onnx._internal.exporter._registration import ONNXRegistry

    once = functools.cache(ONNXRegistry.from_torchlib)
    ONNXRegistry.from_torchlib = staticmethod(once)  # type: ignore[method-assign, assignment]


def kept(trace: Trace, folder: Path) -> Trace:
    """The same, of what lies in the folder where it does."""
    from tests.support.described import NotDescribedError, content_of

    @functools.wraps(trace)
    def traced(*asked: Any) -> Any:
        try:
            return _once(folder / f"{content_of(asked)}.graph", lambda: trace(*asked))
        except NotDescribedError:
            return trace(*asked)

    return traced


def _once(path: Path, make: Callable[[], Any]) -> Any:
    """A graph that lies there, or is made now."""
    import onnx

    if path.exists():
        return onnx.load_from_string(path.read_bytes())
    made = make()
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_bytes(made.SerializeToString())
    unfinished.replace(path)
    return made
