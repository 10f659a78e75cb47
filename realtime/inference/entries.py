"""The two entries of a model file: its graph with the question whether to draw answered beforehand.

In the file the draw stands in an `If`: a CUDA graph can't hold one, and on the CPU it costs a call some
microseconds. Here the input `draw` becomes a constant: then the runtime folds the `If` away when it opens the
graph, and what is left is a graph that hears and one that hears and draws. The file stays as it is. Knows
where an ONNX file keeps a graph's inputs and constants. Must not import a runtime or onnx, nor know what the
graph computes.
"""

from realtime.inference.bundle import GRAPH, WHETHER_TO_DRAW
from realtime.inference.graphs.fields import outer_fields, whole_field

_CONSTANT, _INPUT = 5, 11  # field numbers of a graph
_NAME_OF_INPUT, _NAME_OF_CONSTANT = 1, 8
_KIND, _BYTES, _TRUTH = 2, 9, 9  # of a constant: its kind, its bytes; the kind of a truth value
_MOST_NODES = 1 << 20


def entry(content: bytes, *, draws: bool) -> bytes:
    """A model file's graph as an ONNX file of its own, which always draws or never does."""
    return b"".join(
        whole_field(GRAPH, _with_constant(field.value, draws=draws)) if field.number == GRAPH else field.whole
        for field in outer_fields(content)
    )


def input_names(content: bytes) -> set[str]:
    """What the graph of a model file takes, by name."""
    return {
        _name(part.value)
        for field in outer_fields(content)
        if field.number == GRAPH
        for part in outer_fields(field.value, _MOST_NODES)
        if part.number == _INPUT
    }


def _with_constant(graph: memoryview, *, draws: bool) -> bytes:
    parts: list[bytes | memoryview] = [
        field.whole
        for field in outer_fields(graph, _MOST_NODES)
        if not (field.number == _INPUT and _name(field.value) == WHETHER_TO_DRAW)
    ]
    constant = (
        bytes([_KIND << 3, _TRUTH])
        + whole_field(_NAME_OF_CONSTANT, WHETHER_TO_DRAW.encode())
        + whole_field(_BYTES, bytes([draws]))
    )
    return b"".join([*parts, whole_field(_CONSTANT, constant)])


def _name(value: memoryview) -> str:
    return next(
        (bytes(part.value).decode() for part in outer_fields(value) if part.number == _NAME_OF_INPUT), ""
    )
