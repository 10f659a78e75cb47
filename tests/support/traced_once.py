"""What was traced once in a run of the tests isn't traced again: the exporter takes seconds of a core for a
graph, and many tests want one of the same small model.

Two things are kept, in a folder that all processes of a run share:

- the graph itself, for the same module with the same weights to the last bit (`described.content_of`);
- its mould, for the same module whatever its weights (`graph_mould`). Tests of the exporter use none, so that
  what they prove goes through the exporter as it is.

What can't be described in full is traced each time.
"""

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FOLDER = "ANTIPHON_TRACED_IN"  # the surroundings name it, for the processes that share the tests
_EXPORTER = "export.step_graph"
_ROOMS_OF_THE_EXPORTER = ("export", "golden")

Trace = Callable[..., Any]  # a module and what the exporter asks for, to a graph


@dataclass
class Asking:
    """What the test that runs now may have."""

    may_fill_moulds: bool = False


ASKING = Asking()


def share_traces_in(folder: Path) -> None:
    """From now on, and in the processes that this one starts."""
    os.environ[_FOLDER] = str(folder)


def folder_of_traces() -> Path:
    """Where this run keeps them."""
    return Path(os.environ[_FOLDER])


def trace_as_asked_in(test: Path, tests: Path) -> None:
    """From now on traces are those of a test in this file."""
    ASKING.may_fill_moulds = test.relative_to(tests).parts[0] not in _ROOMS_OF_THE_EXPORTER


def trace_once() -> None:
    """Where the exporter is there, it takes from the folder what was traced before."""
    exporter: Any = sys.modules.get(_EXPORTER)
    if exporter is not None:
        exporter._traced = _kept(exporter._traced, folder_of_traces())
        _read_translations_once()


def _read_translations_once() -> None:
    """The exporter reads all its translations anew for each graph, which takes half a second, and only looks
    things up in them."""
    from torch.onnx._internal.exporter._registration import ONNXRegistry

    once = functools.cache(ONNXRegistry.from_torchlib)
    ONNXRegistry.from_torchlib = staticmethod(once)


def _kept(trace: Trace, folder: Path) -> Trace:
    from tests.support.described import NotDescribedError, content_of

    @functools.wraps(trace)
    def traced(*asked: Any) -> Any:
        try:
            exact = folder / f"{content_of(asked)}.graph"
        except NotDescribedError:
            return trace(*asked)
        if ASKING.may_fill_moulds and not exact.exists():
            by_mould = from_mould(trace, folder, *asked)
            if by_mould is not None:
                return by_mould
        return _once(exact, lambda: trace(*asked))

    return traced


def from_mould(trace: Trace, folder: Path, module: Any, *asked: Any) -> Any:
    """The graph by the mould that lies there, or is made now; none where there can't be any."""
    from tests.support.described import structure_of
    from tests.support.graph_mould import filled, mould_of, numbered

    def made() -> Any:
        with numbered(module) as they_fit:
            return mould_of(trace(module, *asked)) if they_fit else None

    mould = _once(folder / f"{structure_of((module, *asked))}.mould", made)
    return None if mould is None else filled(mould, module)


def _once(path: Path, make: Callable[[], Any]) -> Any:
    """A graph that lies there, or is made now; none is kept as well."""
    import onnx

    if path.exists():
        content = path.read_bytes()
        return onnx.load_from_string(content) if content else None
    made = make()
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    unfinished.write_bytes(b"" if made is None else made.SerializeToString())
    unfinished.replace(path)
    return made
