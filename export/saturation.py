"""Eight-bit weights whose products never saturate, proved on the file itself: no processor has to be asked.

Where a processor has no VNNI, the runtime multiplies two neighbouring unsigned inputs with two signed weights
and adds both products in sixteen signed bits. So two neighbouring weights that reach beyond `MOST_PAIR`
together can give a smaller sum than is right, on such processors alone. Knows ONNX. Must not know how a graph
was made.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

MOST_PAIR = (2**15 - 1) // 255  # an input is at most 255

_SMALLEST = 1e-12  # a column of nothing but zeros has a scale all the same
_WEIGHTS = {
    "DynamicQuantizeLSTM": (1, 2),
    "MatMulInteger": (1,),
}  # which inputs are weights: inputs by outputs
_Held = dict[str, onnx.TensorProto]  # weights by name


class SaturationError(Exception):
    """A product could saturate, or can't be judged."""


def in_safe_eight_bits(weights: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights (inputs by outputs) as whole numbers, and the scale of each output.

    It is the finest scale at which no pair reaches too far. Halving the range of all weights would be
    safe too, at twice the rounding: two neighbours are seldom the largest both.
    """
    furthest = np.maximum(np.abs(weights).max(-2), _pairs(weights).max(-2, initial=0.0))
    reach = MOST_PAIR - 1  # rounding may add one to a pair
    scale = (np.maximum(furthest, _SMALLEST) / reach).astype(np.float32)
    return np.rint(weights / scale[..., None, :]).astype(np.int8), scale


def largest_pair(model: onnx.ModelProto) -> int:
    """The most that two neighbouring weights of one sign reach together, anywhere in the graph."""
    return max(
        (int(_pairs(weights).max(initial=0)) for weights in _eight_bit_weights(model.graph)), default=0
    )


def check_pair(found: int) -> None:
    """An error if a graph whose largest pair is this one can saturate."""
    if found > MOST_PAIR:
        raise SaturationError(
            f"two neighbouring weights reach {found} together, of which {MOST_PAIR} are safe: "
            "without VNNI their products would saturate"
        )


def _pairs(weights: NDArray[Any]) -> NDArray[Any]:
    """How far two neighbouring rows reach together. Opposite signs cancel, so each sign counts alone."""
    up, down = np.maximum(weights, 0), np.maximum(-weights, 0)
    pairs: NDArray[Any] = np.maximum(up[..., :-1, :] + up[..., 1:, :], down[..., :-1, :] + down[..., 1:, :])
    return pairs


def _eight_bit_weights(graph: onnx.GraphProto, around: _Held | None = None) -> Iterator[NDArray[Any]]:
    """Of a graph and those within its nodes, which may read what lies around them."""
    held = {**(around or {}), **{weight.name: weight for weight in graph.initializer}}
    for node in graph.node:
        for branch in node.attribute:
            if branch.HasField("g"):
                yield from _eight_bit_weights(branch.g, held)
        for place in _WEIGHTS.get(node.op_type, ()):
            yield _signed(node.input[place], held)


def _signed(name: str, held: _Held) -> NDArray[Any]:
    if name not in held:
        raise SaturationError(f"the weights {name!r} are not in the graph, so their products can't be judged")
    weights = numpy_helper.to_array(held[name])
    if weights.dtype != np.int8:
        raise SaturationError(f"the weights {name!r} are {weights.dtype}, not int8, and can't be judged")
    return weights.astype(np.int32)
