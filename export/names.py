"""Names in a graph of ONNX, changed everywhere: in graphs within its nodes too, which may read what lies
outside.

Knows ONNX alone.
"""

from collections.abc import Callable, Iterator

import onnx

Rename = Callable[[str], str]


def rename(graph: onnx.GraphProto, new: Rename) -> None:
    """Give all nodes and values of a graph new names; a name that was left out stays so."""
    for node in graph.node:
        node.input[:] = [name and new(name) for name in node.input]
        node.output[:] = [name and new(name) for name in node.output]
        node.name = node.name and new(node.name)
        for part in node.attribute:
            if part.HasField("g"):
                rename(part.g, new)
    for value in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
        value.name = new(value.name)


def read_within(graph: onnx.GraphProto) -> Iterator[str]:
    """All that graphs within a graph's nodes read."""
    for node in graph.node:
        for part in node.attribute:
            if part.HasField("g"):
                for inner in part.g.node:
                    yield from inner.input
                yield from read_within(part.g)
