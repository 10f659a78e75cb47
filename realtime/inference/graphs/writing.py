"""How a graph is written by hand: its nodes, its constants, what it takes and gives.

Knows how ONNX numbers the fields of a model. Must not import onnx or a runtime, nor know what a graph is for.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.inference.graphs.fields import number_field, outer_fields, text_field, whole_field

NODE, GRAPH_NAME, CONSTANT, TAKES, GIVES = 1, 2, 5, 11, 12  # fields of a graph
MOST_PARTS = 1 << 20  # of a graph: nodes, constants and the like
_FORMAT, _OPERATORS = 8, 13
_GRAPH, _OPERATOR_SET = 7, 8  # fields of a model; its format is field 1
_NUMBER, _NUMBERS = 2, 7  # kinds of attributes
_ELEMENTS: dict[type, int] = {
    np.float32: 1,
    np.int64: 7,
    np.bool_: 9,
}  # kinds of numbers, as ONNX numbers them


def node(
    operator: str, takes: Sequence[str], gives: Sequence[str], **attributes: int | Sequence[int]
) -> bytes:
    """One operation; an attribute is a whole number or several."""
    return (
        b"".join(text_field(1, name) for name in takes)
        + b"".join(text_field(2, name) for name in gives)
        + text_field(4, operator)
        + b"".join(whole_field(5, _attribute(name, value)) for name, value in attributes.items())
    )


def constant(name: str, array: NDArray[Any]) -> bytes:
    """Numbers that a graph holds."""
    shape = b"".join(number_field(1, extent) for extent in array.shape)
    kind = number_field(2, _ELEMENTS[array.dtype.type])
    return shape + kind + text_field(8, name) + whole_field(9, array.tobytes())


def value(name: str, kind: type, shape: Sequence[str | int] | None = None) -> bytes:
    """What a graph takes or gives: of whatever shape, or of this one, where a word stands for any number."""
    tensor = number_field(1, _ELEMENTS[kind])
    if shape is not None:
        tensor += whole_field(2, b"".join(whole_field(1, _extent(extent)) for extent in shape))
    return text_field(1, name) + whole_field(2, whole_field(1, tensor))


def name_of(value: memoryview) -> str:
    """The name of what a graph takes or gives."""
    return next((bytes(part.value).decode() for part in outer_fields(value) if part.number == 1), "")


def model(
    name: str,
    nodes: Sequence[bytes],
    takes: Sequence[bytes],
    gives: Sequence[bytes],
    constants: Sequence[bytes] = (),
) -> bytes:
    """A file with nothing but these nodes in it."""
    graph = text_field(GRAPH_NAME, name) + b"".join(
        whole_field(number, part)
        for number, parts in ((NODE, nodes), (CONSTANT, constants), (TAKES, takes), (GIVES, gives))
        for part in parts
    )
    operators = whole_field(_OPERATOR_SET, number_field(2, _OPERATORS))
    return number_field(1, _FORMAT) + whole_field(_GRAPH, graph) + operators


def _attribute(name: str, value: int | Sequence[int]) -> bytes:
    if isinstance(value, int):
        return text_field(1, name) + number_field(3, value) + number_field(20, _NUMBER)
    return (
        text_field(1, name) + b"".join(number_field(8, each) for each in value) + number_field(20, _NUMBERS)
    )


def _extent(extent: str | int) -> bytes:
    return text_field(2, extent) if isinstance(extent, str) else number_field(1, extent)
