"""Two small graphs: one node by which a device is tried, and identities by which states are copied on it.

Knows how ONNX numbers the fields of a model. Must not import onnx or a runtime.
"""

from collections.abc import Sequence

import numpy as np

from realtime.inference.graphs.fields import number_field, text_field, whole_field

_FORMAT, _OPERATORS = 8, 13
_GRAPH, _OPERATOR_SET = 7, 8  # fields of a model; its format is field 1
_NODE, _GRAPH_NAME, _TAKES, _GIVES = 1, 2, 11, 12  # fields of a graph
_ELEMENTS: dict[type, int] = {np.float32: 1, np.int64: 7}  # kinds of numbers, as ONNX numbers them
IDENTITIES = "identities"


def one_node_model() -> bytes:
    """A model that adds a vector of one to itself."""
    one = number_field(1, _ELEMENTS[np.float32]) + whole_field(2, whole_field(1, number_field(1, 1)))
    return _model("one_node", [_node("Add", ["x", "x"], "y")], {"x": one}, {"y": one})


def identities(kinds: Sequence[type]) -> bytes:
    """A model that gives `y0`, `y1`, ... as it gets `x0`, `x1`, ...: of each kind of number one, of whatever
    shape."""
    values = [number_field(1, _ELEMENTS[kind]) for kind in kinds]
    nodes = [_node("Identity", [f"x{place}"], f"y{place}") for place in range(len(kinds))]
    takes, gives = ({f"{side}{place}": value for place, value in enumerate(values)} for side in "xy")
    return _model(IDENTITIES, nodes, takes, gives)


def _node(operator: str, takes: Sequence[str], gives: str) -> bytes:
    return b"".join(text_field(1, name) for name in takes) + text_field(2, gives) + text_field(4, operator)


def _model(name: str, nodes: Sequence[bytes], takes: dict[str, bytes], gives: dict[str, bytes]) -> bytes:
    parts = [whole_field(_NODE, node) for node in nodes] + [text_field(_GRAPH_NAME, name)]
    for side, values in ((_TAKES, takes), (_GIVES, gives)):
        parts += [
            whole_field(side, text_field(1, value) + whole_field(2, whole_field(1, kind)))
            for value, kind in values.items()
        ]
    operators = whole_field(_OPERATOR_SET, number_field(2, _OPERATORS))
    return number_field(1, _FORMAT) + whole_field(_GRAPH, b"".join(parts)) + operators
