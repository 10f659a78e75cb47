"""The two entries of a model file: its graph with the question whether to draw answered beforehand.

In the file the draw stands in an `If`: a CUDA graph can't hold one, and on the CPU it costs a call some
microseconds. Here the input `draw` becomes a constant: then the runtime folds the `If` away when it opens the
graph, and what is left is a graph that hears and one that hears and draws. The file stays as it is. Knows
where an ONNX file keeps a graph's inputs and constants. Must not import a runtime or onnx, nor know what the
graph computes.
"""

import numpy as np

from realtime.inference.bundle import GRAPH, IS_GIVEN, SCORES, WHETHER_TO_DRAW
from realtime.inference.graphs.fields import outer_fields, whole_field
from realtime.inference.graphs.pruning import pruned
from realtime.inference.graphs.writing import CONSTANT, MOST_PARTS, TAKES, constant, name_of


def entry(content: bytes, *, draws: bool, scores: bool = True) -> bytes:
    """A model file's graph as an ONNX file of its own, which always draws or never does; without `scores`
    it gives none, and nothing can be given to it."""

    def changed(graph: memoryview) -> bytes:
        answered = _with_constant(graph, draws=draws)
        return answered if scores else pruned(answered, SCORES, IS_GIVEN)

    return b"".join(
        whole_field(GRAPH, changed(field.value)) if field.number == GRAPH else field.whole
        for field in outer_fields(content)
    )


def input_names(content: bytes) -> set[str]:
    """What the graph of a model file takes, by name."""
    return {
        name_of(part.value)
        for field in outer_fields(content)
        if field.number == GRAPH
        for part in outer_fields(field.value, MOST_PARTS)
        if part.number == TAKES
    }


def _with_constant(graph: memoryview, *, draws: bool) -> bytes:
    parts: list[bytes | memoryview] = [
        field.whole
        for field in outer_fields(graph, MOST_PARTS)
        if not (field.number == TAKES and name_of(field.value) == WHETHER_TO_DRAW)
    ]
    answer = constant(WHETHER_TO_DRAW, np.array(draws))
    return b"".join([*parts, whole_field(CONSTANT, answer)])
