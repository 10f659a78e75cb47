"""A graph's weights under the model's own names, so that a model can learn on from its file.

The exporter turns the weights of a product round and then calls them by a number. They are known again by
what they hold. Knows torch's names of weights and ONNX. Must not know what the graph computes.
"""

from collections.abc import Iterable

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from export.names import rename
from training.models.from_file import MODEL, TURNED


def name_weights(graphs: Iterable[onnx.GraphProto], model: nn.Module) -> None:
    """Give each weight that an exporter renamed the name that it has in the model, and say if it was turned.

    What holds the same numbers as another weight of the model has no name of its own and keeps its number.
    """
    wanted = {f"{MODEL}{name}": weight.detach().numpy() for name, weight in model.named_parameters()}
    for graph in graphs:
        there = {value.name for value in graph.initializer}
        missing = {name: weight for name, weight in wanted.items() if name not in there}
        new: dict[str, str] = {}
        for value in graph.initializer:
            if value.name not in wanted:
                found = _name_of(numpy_helper.to_array(value), missing)
                if found is not None:
                    new[value.name] = found
                    del missing[found.removesuffix(TURNED)]
        rename(graph, lambda name, new=new: new.get(name, name))  # type: ignore[misc]


def _name_of(held: NDArray[np.float32], missing: dict[str, NDArray[np.float32]]) -> str | None:
    for name, weight in missing.items():
        if weight.ndim == 2 and np.array_equal(held, weight.T):
            return f"{name}{TURNED}"
        if np.array_equal(held, weight):
            return name
    return None
