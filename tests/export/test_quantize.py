"""A graph becomes smaller as it was asked to, or not at all: shown on graphs of a few nodes."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from export.quantize import QuantisationError, bare_layers, folded, halved, in_eight_bits
from export.saturation import MOST_PAIR, largest_pair
from realtime.inference.runtime import loaded_runtime

Array = np.ndarray[Any, Any]


def graph(text: str, **weights: Array) -> onnx.ModelProto:
    """A graph as ONNX writes it down, with these weights."""
    model = onnx.parser.parse_model(f'<ir_version: 10, opset_import: ["" : 20]>\nwhole {text}')
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in weights.items())
    return model


def run(model: onnx.ModelProto, **inputs: Array) -> list[Array]:
    session = loaded_runtime().InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    outputs: list[Array] = session.run(None, inputs)
    return outputs


def kinds(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def weight(model: onnx.ModelProto, name: str) -> Array:
    (found,) = [value for value in model.graph.initializer if value.name == name]
    return numpy_helper.to_array(found)


def by_chance(*shape: int, seed: int = 1) -> Array:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


PRODUCT = "(float[1,6] x) => (float[1,4] y) { y = MatMul (x, w) }"
SLICED = """(float[1,1,3] x) => (float[1,1,1,2] y) {
    begin = Constant <value_ints = [0]> ()
    end = Constant <value_ints = [8]> ()
    axis = Constant <value_ints = [1]> ()
    w = Slice (all_w, begin, end, axis)
    r = Slice (all_r, begin, end, axis)
    y = LSTM <hidden_size = 2> (x, w, r)
}"""


def sliced() -> onnx.ModelProto:
    """A recurrent layer as the exporter leaves it: its weights are slices of something larger."""
    return graph(SLICED, all_w=by_chance(1, 16, 3), all_r=by_chance(1, 16, 2, seed=2))


def test_what_is_constant_is_computed_and_the_graph_gives_what_it_gave() -> None:
    whole, x = sliced(), by_chance(1, 1, 3, seed=3)
    made = folded(whole)
    assert kinds(made) == ["LSTM"]
    assert not made.graph.value_info
    np.testing.assert_array_equal(run(made, x=x)[0], run(whole, x=x)[0])


def test_a_layer_that_was_not_folded_would_stay_whole_and_is_refused() -> None:
    with pytest.raises(QuantisationError, match="of 1 recurrent layers 0 are in eight bits, of 0 products 0"):
        in_eight_bits(sliced())
    assert "DynamicQuantizeLSTM" in kinds(in_eight_bits(folded(sliced())))


def test_a_product_in_eight_bits_is_off_by_no_more_than_rounding() -> None:
    whole, x = graph(PRODUCT, w=by_chance(6, 4)), by_chance(1, 6, seed=2)
    small = in_eight_bits(whole)
    assert "MatMul" not in kinds(small)
    assert weight(small, "w_quantized").dtype == np.int8
    apart = np.abs(run(small, x=x)[0] - run(whole, x=x)[0]).max()
    assert 0 < apart < 6 * 2 / 63  # a step of a weight is at most 1/63, one of an input 2/255


def test_weights_that_the_quantiser_made_too_large_get_scales_at_which_nothing_saturates() -> None:
    side_by_side = np.tile(np.array([[1.0], [1.0], [0.25]], np.float32), (2, 4))
    small = in_eight_bits(graph(PRODUCT, w=side_by_side))
    assert largest_pair(small) <= MOST_PAIR
    numbers, scale = weight(small, "w_quantized"), weight(small, "w_scale")
    np.testing.assert_allclose(numbers * scale, side_by_side, atol=float(scale.max()) / 2 * 1.001)


def test_weights_of_a_layer_are_rescaled_the_way_round_that_the_quantiser_has_them() -> None:
    square = by_chance(1, 8, 2)  # the quantiser turns them: 2 x 8
    small = in_eight_bits(
        graph(
            "(float[1,1,2] x) => (float[1,1,1,2] y) { y = LSTM <hidden_size = 2> (x, w, r) }",
            w=square,
            r=by_chance(1, 8, 2, seed=5),
        )
    )
    rounded = weight(small, "w_quantized") * weight(small, "w_scale")[..., None, :]
    np.testing.assert_allclose(rounded, square.swapaxes(-1, -2), atol=0.02)


def test_a_halved_product_is_cast_in_and_out_and_its_weights_are_halved() -> None:
    whole, x = graph(PRODUCT, w=by_chance(6, 4)), by_chance(1, 6, seed=2)
    half = halved(whole)
    assert kinds(half) == ["Cast", "MatMul", "Cast"]
    assert weight(half, "w").dtype == np.float16
    made, right = run(half, x=x)[0], run(whole, x=x)[0]
    assert made.dtype == np.float32
    assert 0 < np.abs(made - right).max() < 0.01


def test_halving_leaves_the_graph_that_it_was_given_as_it_was() -> None:
    whole = graph(PRODUCT, w=by_chance(6, 4))
    before = whole.SerializeToString()
    halved(whole)
    assert whole.SerializeToString() == before


def test_a_weight_that_something_else_reads_too_stays_single_and_is_cast_for_the_product() -> None:
    text = "(float[1,4] x) => (float[1,4] y, float[4,4] z) { y = MatMul (x, w)  z = Exp (w) }"
    whole, x = graph(text, w=by_chance(4, 4)), by_chance(1, 4, seed=2)
    half = halved(whole)
    assert weight(half, "w").dtype == np.float32
    np.testing.assert_array_equal(run(half, x=x)[1], run(whole, x=x)[1])


def test_what_lies_between_products_stays_single() -> None:
    text = "(float[1,4] x) => (float[1,4] y) { a = MatMul (x, w)  b = Exp (a)  y = MatMul (b, v) }"
    half = halved(graph(text, w=by_chance(4, 4), v=by_chance(4, 4, seed=2)))
    assert kinds(half) == ["Cast", "MatMul", "Cast", "Exp", "Cast", "MatMul", "Cast"]
    to = [node.attribute[0].i for node in half.graph.node if node.op_type == "Cast"]
    assert to == [TensorProto.FLOAT16, TensorProto.FLOAT] * 2


def test_an_output_of_a_layer_that_nobody_reads_gets_no_cast() -> None:
    text = """(float[1,1,3] x) => (float[1,1,2] h) { , h = LSTM <hidden_size = 2> (x, w, r) }"""
    half = halved(graph(text, w=by_chance(1, 8, 3), r=by_chance(1, 8, 2)))
    assert kinds(half) == ["Cast", "LSTM", "Cast"]
    (layer,) = [node for node in half.graph.node if node.op_type == "LSTM"]
    assert list(layer.output) == ["", "h_half"]


@pytest.mark.parametrize(("layers", "reads"), [(1, 5), (3, 8)])
def test_bare_layers_read_one_another_and_run(layers: int, reads: int) -> None:
    made = bare_layers(layers, 8, reads)
    assert kinds(made).count("DynamicQuantizeLSTM") == layers
    states = {
        f"{name}{layer}": np.zeros((1, 1, 8), np.float32)
        for layer in range(layers)
        for name in ("hidden", "cell")
    }
    outputs = run(made, read=by_chance(1, 1, reads), **states)
    assert [value.shape for value in outputs] == [(1, 1, 8)] * 2 * layers
    other = run(made, read=by_chance(1, 1, reads, seed=2), **states)
    assert all((one != another).any() for one, another in zip(outputs, other, strict=True))
