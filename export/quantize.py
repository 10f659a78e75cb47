"""The precisions of a graph: folded first, then whole, halved or in eight bits.

Knows ONNX and the runtime's quantiser. Must not know what the graph computes.
"""

import importlib
import logging
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from export.names import read_within
from export.saturation import in_safe_eight_bits
from realtime.inference.runtime import loaded_runtime

WEIGHED = ("LSTM", "MatMul", "Gemm")  # where nearly all weights and all the work are


class QuantisationError(Exception):
    """A graph did not become what was asked for."""


def folded(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with everything that is constant computed.

    Unfolded, an exported LSTM takes its weights from slices, and the quantiser leaves it whole without a
    word.
    """
    runtime = loaded_runtime()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "folded.onnx"
        options = runtime.SessionOptions()
        options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(out)
        options.log_severity_level = 3
        runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        made = onnx.load(out)
    _leave_out_idle_slices(made)
    del made.graph.value_info[:]  # the quantiser turns some weights round, and stumbles over their old shapes
    return made


def _leave_out_idle_slices(model: onnx.ModelProto) -> None:
    """Leave out each slice along one axis that takes all there is: the exporter cuts the states of a layer
    out of one layer."""
    graph = model.graph
    constants = {value.name: numpy_helper.to_array(value) for value in graph.initializer if value.dims == [1]}
    sizes = {
        value.name: value.type.tensor_type.shape.dim
        for value in onnx.shape_inference.infer_shapes(model).graph.value_info
    }
    replaced: dict[str, str] = {}
    for node in [node for node in graph.node if node.op_type == "Slice" and len(node.input) == 4]:
        whole, *bounds = node.input
        if whole in sizes and all(name in constants for name in bounds):
            first, end, axis = (int(constants[name][0]) for name in bounds)
            if first == 0 and 0 < sizes[whole][axis].dim_value <= end:
                replaced[node.output[0]] = whole
                graph.node.remove(node)
    for node in graph.node:
        node.input[:] = [replaced.get(name, name) for name in node.input]


def in_eight_bits(model: onnx.ModelProto) -> onnx.ModelProto:
    """The folded graph with the weights of all its recurrent layers and products in eight bits."""
    weights = {value.name for value in model.graph.initializer}
    if any(read_within(model.graph)):
        return model  # a draw that goes key by key: the quantiser breaks weights that a graph within shares
    # of two values that a call makes, as of questions and what they look at, neither is a weight
    weighed = [
        node
        for node in model.graph.node
        if node.op_type in WEIGHED
        and (node.op_type != "MatMul" or node.input[1] in weights)
        and not _adds_what_is_made(node, weights)
    ]
    wanted = Counter(node.op_type for node in weighed)
    loaded_runtime()
    quantisation = importlib.import_module("onnxruntime.quantization")
    with tempfile.TemporaryDirectory() as folder:
        whole, small = Path(folder) / "whole.onnx", Path(folder) / "small.onnx"
        onnx.save(model, whole)
        with _quietly():
            quantisation.quantize_dynamic(
                whole,
                small,
                op_types_to_quantize=list(WEIGHED),
                nodes_to_exclude=[
                    f"{node.name}{by_quantiser}"  # which first parts a Gemm into a product and a sum
                    for node in model.graph.node
                    if _adds_what_is_made(node, weights)
                    for by_quantiser in ("", "_MatMul")
                ],
                weight_type=quantisation.QuantType.QInt8,
                per_channel=True,
                # folding forgets the kinds of values; all that is multiplied here is in single precision
                extra_options={"DefaultTensorType": TensorProto.FLOAT},
            )
        made = onnx.load(small)
    found = Counter(node.op_type for node in made.graph.node)
    products = wanted["MatMul"] + wanted["Gemm"]
    if found["DynamicQuantizeLSTM"] != wanted["LSTM"] or found["MatMulInteger"] != products:
        raise QuantisationError(
            f"of {wanted['LSTM']} recurrent layers {found['DynamicQuantizeLSTM']} are in eight bits, "
            f"of {products} products {found['MatMulInteger']}: "
            "the graph was not folded, or the quantiser has changed"
        )
    _rescale(made, model)
    return made


def _adds_what_is_made(node: onnx.NodeProto, weights: Collection[str]) -> bool:
    """Whether it is a product that is added to what a call makes: as one operation in single precision it
    costs less than as five in eight bits."""
    return node.op_type == "Gemm" and len(node.input) == 3 and node.input[2] not in weights


def _rescale(quantised: onnx.ModelProto, whole: onnx.ModelProto) -> None:
    """Give each weight of a quantised graph the scales at which no product saturates."""
    held = {value.name: value for value in quantised.graph.initializer}
    for value in whole.graph.initializer:
        if f"{value.name}_quantized" in held:
            small, scale = held[f"{value.name}_quantized"], held[f"{value.name}_scale"]
            before = numpy_helper.to_array(small) * numpy_helper.to_array(scale)[..., None, :]
            numbers, scales = in_safe_eight_bits(_turned_as(before, numpy_helper.to_array(value)))
            small.CopyFrom(numpy_helper.from_array(numbers, small.name))
            scale.CopyFrom(numpy_helper.from_array(scales, scale.name))


def _turned_as(rounded: NDArray[Any], weights: NDArray[Any]) -> NDArray[Any]:
    """The weights as they are or turned round, whichever the rounded ones were made of."""
    turned = [way for way in (weights, weights.swapaxes(-1, -2)) if way.shape == rounded.shape]
    return min(turned, key=lambda way: float(np.abs(way - rounded).sum()))


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """The folded graph with recurrent layers and products in half precision; all between them stays whole.

    What goes into the graph and comes out of it stays in single precision too, and so do ages, which run past
    what half can count.
    """
    made = onnx.ModelProto()
    made.CopyFrom(model)
    graph = made.graph
    weights = {value.name: value for value in graph.initializer}
    used = Counter(name for node in graph.node for name in node.input)
    used.update(read_within(graph))
    nodes: list[onnx.NodeProto] = []
    for node in graph.node:
        if node.op_type not in WEIGHED:
            nodes.append(node)
            continue
        for place, name in enumerate(node.input):
            if name in weights and used[name] == 1:
                _halve(weights[name])
            elif name:
                node.input[place] = f"{name}_half_{len(nodes)}"
                nodes.append(helper.make_node("Cast", [name], [node.input[place]], to=TensorProto.FLOAT16))
        names = [name for name in node.output if name]
        nodes.append(node)
        for place, name in enumerate(node.output):
            if name:
                node.output[place] = f"{name}_half"
        nodes += [helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT) for name in names]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]
    return made


@contextmanager
def _quietly() -> Iterator[None]:
    """Without the quantiser's advice to do what has been done."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _halve(value: onnx.TensorProto) -> None:
    value.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(value).astype(np.float16), value.name))


def bare_layers(layers: int, width: int, reads: int) -> onnx.ModelProto:
    """Recurrent layers alone, in eight bits, weights by chance: what a step of this size must cost."""
    chance = np.random.default_rng(1)
    nodes, weights, inputs, outputs = [], [], [_floats("read", [1, 1, reads])], []
    read, size = "read", reads
    for layer in range(layers):
        for name, shape in (("W", (1, 4 * width, size)), ("R", (1, 4 * width, width)), ("B", (1, 8 * width))):
            values = chance.uniform(-0.05, 0.05, shape).astype(np.float32)
            weights.append(numpy_helper.from_array(values, f"{name}{layer}"))
        names = [f"{name}{layer}" for name in ("hidden", "cell", "hidden_after", "cell_after")]
        inputs += [_floats(name, [1, 1, width]) for name in names[:2]]
        outputs += [_floats(name, [1, 1, width]) for name in names[2:]]
        nodes.append(
            helper.make_node(
                "LSTM",
                [read, f"W{layer}", f"R{layer}", f"B{layer}", "", *names[:2]],
                [f"all{layer}", *names[2:]],
                hidden_size=width,
            )
        )
        read, size = names[2], width
    graph = helper.make_graph(nodes, "bare", inputs, outputs, weights)
    return in_eight_bits(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10))


def _floats(name: str, shape: list[int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
