"""The graph of a module without its weights: a mould that is filled with those of any module of its
structure.

It is traced with numbers for weights: each says from which place of which tensor it comes, so that a weight
is found again wherever the exporter has put it, also where it has turned tensors round or joined them. A
graph that holds anything worked out from weights is no mould.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from tests.support.described import are_weights

_FIRST = 1 << 23  # from here to twice as far, single precision has every whole number and nothing between
_MOST = 1 << 23
_PLACES = "places of "  # before the name of what holds them


def _weights(module: nn.Module) -> list[torch.Tensor]:
    return [value.data for value in (*module.parameters(), *module.buffers()) if are_weights(value)]


@contextmanager
def numbered(module: nn.Module) -> Iterator[bool]:
    """Within, the module has a number in place of each weight; false where single precision can't hold
    them."""
    weights = _weights(module)
    kept = [value.clone() for value in weights]
    if any(value.dtype != torch.float for value in weights) or sum(map(torch.numel, weights)) > _MOST:
        yield False
        return
    first = _FIRST
    for value in weights:
        value.copy_(torch.arange(first, first + value.numel()).reshape(value.shape))
        first += value.numel()
    try:
        yield True
    finally:
        for value, before in zip(weights, kept, strict=True):
            value.copy_(before)


def mould_of(graph: onnx.ModelProto) -> onnx.ModelProto | None:
    """A graph that was traced of numbers, in place of its weights where each comes from; none if it is no
    mould."""
    if any(_may_hold_weights(attribute) for node in graph.graph.node for attribute in node.attribute):
        return None
    for value in graph.graph.initializer:
        numbers = numpy_helper.to_array(value)
        if not np.issubdtype(numbers.dtype, np.floating) or numbers.size < 2:
            continue
        if numbers.dtype != np.float32 or not ((numbers >= _FIRST) & (numbers < 2 * _FIRST)).all():
            return None
        places = numbers.astype(np.int64) - _FIRST
        value.CopyFrom(numpy_helper.from_array(places, _PLACES + value.name))
    return graph


def _may_hold_weights(attribute: onnx.AttributeProto) -> bool:
    if attribute.HasField("g"):
        return True
    return attribute.HasField("t") and numpy_helper.to_array(attribute.t).size > 1


def filled(mould: onnx.ModelProto, module: nn.Module) -> onnx.ModelProto:
    """The graph of a module of the mould's structure; the mould itself becomes it."""
    weights = torch.cat([value.reshape(-1) for value in _weights(module)]).numpy()
    for value in mould.graph.initializer:
        if value.name.startswith(_PLACES):
            found = weights[numpy_helper.to_array(value)]
            value.CopyFrom(numpy_helper.from_array(found, value.name.removeprefix(_PLACES)))
    return mould
