"""A model file taken apart again: the two pieces that it was joined from, in single precision.

So a file whose run is gone can be exported anew, in another precision or by a better quantiser. What was
rounded to half precision stays rounded; what is in eight bits can't be taken apart. Knows ONNX, how
`step_graph` joins and how `quantize` halves. Must not know runs.
"""

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from export.names import rename
from export.quantize import WEIGHED
from export.step_graph import DRAW_PREFIX, Pieces
from realtime.inference.bundle import WHETHER_TO_DRAW


def taken_apart(file: onnx.ModelProto) -> Pieces:
    """The trunk and the draw of a file in fp32 or fp16, as `joined` takes them."""
    graph = file.graph
    choice = next(node for node in graph.node if node.op_type == "If")
    draw = onnx.GraphProto()
    draw.CopyFrom(next(branch.g for branch in choice.attribute if branch.name == "then_branch"))
    rename(draw, _bare_name)
    nodes, weights = list(draw.node), list(draw.initializer)
    drawn = [value for value in graph.output if value.name in choice.output]
    after = [value for value in graph.output if value.name not in choice.output]
    layers = [node for node in graph.node if node is not choice]
    of_layers = {name for node in layers for name in node.input}
    controls = [
        value for value in graph.input if value.name not in of_layers and value.name != WHETHER_TO_DRAW
    ]
    read = [value for value in graph.input if value.name in of_layers]
    between = _between(nodes, weights, graph, file)
    read_out = [value for value in between if value.name not in {value.name for value in after}]
    trunk = helper.make_graph(layers, "trunk", read, [*read_out, *after], graph.initializer)
    drawing = helper.make_graph(nodes, "draw", [*between, *controls], drawn, weights)
    return Pieces(_in_single(trunk, file), _in_single(drawing, file))


def _between(
    nodes: list[onnx.NodeProto],
    weights: list[onnx.TensorProto],
    graph: onnx.GraphProto,
    file: onnx.ModelProto,
) -> list[onnx.ValueInfoProto]:
    """What the draw reads of what the trunk made, in the order in which it is first read."""
    made = {name for node in graph.node for name in node.output}
    own = {name for node in nodes for name in node.output} | {weight.name for weight in weights}
    names = dict.fromkeys(name for node in nodes for name in _outer(node) if name in made - own)
    inferred = onnx.shape_inference.infer_shapes(file)
    kinds = {value.name: value.type for value in (*inferred.graph.value_info, *inferred.graph.output)}
    return [
        helper.make_value_info(name, kinds.get(name, helper.make_tensor_type_proto(TensorProto.FLOAT, None)))
        for name in names
    ]


def _outer(node: onnx.NodeProto) -> Iterator[str]:
    """All that a node reads, and what graphs within it read from outside."""
    yield from node.input
    for part in node.attribute:
        if part.HasField("g"):
            inner = part.g
            own = {value.name for value in (*inner.input, *inner.initializer)}
            own |= {name for within in inner.node for name in within.output}
            yield from (name for within in inner.node for name in _outer(within) if name not in own)


def _bare_name(name: str) -> str:
    return name.removeprefix(DRAW_PREFIX)


def _in_single(graph: onnx.GraphProto, file: onnx.ModelProto) -> onnx.ModelProto:
    """The piece with its halved layers whole again: the casts around them left out, their weights widened."""
    replaced: dict[str, str] = {}  # a name in half precision, and the one that it was cast from or is cast to
    halved = {name for node in graph.node if node.op_type in WEIGHED for name in node.output if name}
    nodes = []
    for node in graph.node:
        if _casts_to(node, TensorProto.FLOAT16):
            replaced[node.output[0]] = node.input[0]
        elif _casts_to(node, TensorProto.FLOAT) and node.input[0] in halved:
            replaced[node.input[0]] = node.output[0]
        else:
            nodes.append(node)
    for node in nodes:
        node.input[:] = [replaced.get(name, name) for name in node.input]
        node.output[:] = [replaced.get(name, name) for name in node.output]
    weights = list(map(_widened, graph.initializer))
    whole = helper.make_graph(nodes, graph.name, graph.input, graph.output, weights)
    return helper.make_model(whole, opset_imports=file.opset_import, ir_version=file.ir_version)


def _casts_to(node: onnx.NodeProto, kind: int) -> bool:
    return node.op_type == "Cast" and any(part.name == "to" and part.i == kind for part in node.attribute)


def _widened(weight: onnx.TensorProto) -> onnx.TensorProto:
    if weight.data_type != TensorProto.FLOAT16:
        return weight
    return numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float32), weight.name)
