"""Two small graphs: one node by which a device is tried, and identities by which states are copied on it.

Must not import onnx or a runtime.
"""

from collections.abc import Sequence

import numpy as np

from realtime.inference.graphs.writing import model, node, value

IDENTITIES = "identities"


def one_node_model() -> bytes:
    """A model that adds a vector of one to itself."""
    takes, gives = value("x", np.float32, (1,)), value("y", np.float32, (1,))
    return model("one_node", [node("Add", ["x", "x"], ["y"])], [takes], [gives])


def identities(kinds: Sequence[type]) -> bytes:
    """A model that gives `y0`, `y1`, ... as it gets `x0`, `x1`, ...: of each kind of number one, of whatever
    shape."""
    places = range(len(kinds))
    nodes = [node("Identity", [f"x{place}"], [f"y{place}"]) for place in places]
    takes, gives = ([value(f"{side}{place}", kinds[place]) for place in places] for side in "xy")
    return model(IDENTITIES, nodes, takes, gives)
