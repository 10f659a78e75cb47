"""A model file taken apart again: the two pieces that it was joined from, in single precision.

So a file whose run is gone can be exported anew, in another precision or by a better quantiser. What was
rounded to half precision stays rounded; what is in eight bits can't be taken apart. Knows ONNX, how
`step_graph` joins and how `quantize` halves. Must not know runs.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from export.quantize import WEIGHED
from export.step_graph import BETWEEN, DRAW_PREFIX, DRAW_READS, Pieces
from realtime.inference.bundle import EVENT, OUTPUTS, WHETHER_TO_DRAW


def taken_apart(file: onnx.ModelProto) -> Pieces:
    """The trunk and the draw of a file in fp32 or fp16, as `joined` takes them."""
    graph = file.graph
    choice = next(node for node in graph.node if node.op_type == "If")
    draw = next(branch.g for branch in choice.attribute if branch.name == "then_branch")
    drawn = [value for value in graph.output if value.name in OUTPUTS]
    after = [value for value in graph.output if value.name not in OUTPUTS]
    kept = {EVENT, *(value.name.removesuffix("_after") for value in after)}
    read = [value for value in graph.input if value.name in kept]
    controls = [value for value in graph.input if value.name not in {*kept, WHETHER_TO_DRAW}]
    features, sounding = (helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in BETWEEN)
    layers = [node for node in graph.node if node is not choice]
    trunk = helper.make_graph(layers, "trunk", read, [features, *after], graph.initializer)
    nodes, weights = list(map(_bare, draw.node)), list(map(_named_bare, draw.initializer))
    drawing = helper.make_graph(nodes, "draw", [features, sounding, *controls], drawn, weights)
    return Pieces(_in_single(trunk, file), _in_single(drawing, file))


def _bare(node: onnx.NodeProto) -> onnx.NodeProto:
    """A node of the draw with its names as they were before it was joined."""
    bare = onnx.NodeProto()
    bare.CopyFrom(node)
    bare.input[:] = map(_bare_name, node.input)
    bare.output[:] = map(_bare_name, node.output)
    return bare


def _named_bare(weight: onnx.TensorProto) -> onnx.TensorProto:
    bare = onnx.TensorProto()
    bare.CopyFrom(weight)
    bare.name = _bare_name(weight.name)
    return bare


def _bare_name(name: str) -> str:
    before_joining = {after: name for name, after in DRAW_READS.items()}
    return before_joining.get(name, name.removeprefix(DRAW_PREFIX))


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
