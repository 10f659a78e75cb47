"""Eight-bit weights whose products never saturate: proved on numbers, on graphs, and on the shipped file."""

from dataclasses import replace

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from onnx import numpy_helper

from export.parity import played_scores
from export.quantize import bare_layers, in_eight_bits
from export.saturation import MOST_PAIR, SaturationError, check_pair, in_safe_eight_bits, largest_pair
from export.step_graph import Pieces, joined
from music.encodings.event import EventEncoding
from realtime.inference.bundle import read_bundle
from realtime.inference.default_model import OWN_NAMES, default_model, own_model
from realtime.inference.runtime import loaded_runtime
from realtime.inference.session import ModelSession
from tests.support.phrases import improvised
from training.models.event_model import begin_event

WEIGHTS = arrays.arrays(
    np.float32,
    st.tuples(st.integers(2, 9), st.integers(1, 5)),
    elements=st.floats(-4, 4, width=32, allow_subnormal=False),
)


@given(WEIGHTS)
def test_no_pair_reaches_too_far_and_no_weight_is_off_by_more_than_half_a_step(weights: np.ndarray) -> None:
    numbers, scale = in_safe_eight_bits(weights)
    whole = numbers.astype(int)
    for sign in (1, -1):
        one_way = np.maximum(sign * whole, 0)
        assert (one_way[:-1] + one_way[1:]).max() <= MOST_PAIR
    assert np.abs(numbers * scale - weights).max() <= scale.max() / 2 * 1.001 + 1e-7


def test_the_scale_is_no_coarser_than_it_must_be() -> None:
    far_apart = np.array([[1.0], [0.0], [1.0]], np.float32)
    assert in_safe_eight_bits(far_apart)[0].tolist() == [[127], [0], [127]]
    side_by_side = np.array([[1.0], [1.0], [-1.0]], np.float32)
    assert in_safe_eight_bits(side_by_side)[0].max() == 64


def product(numbers: list[int], kind: type = np.int8) -> onnx.ModelProto:
    weights = numpy_helper.from_array(np.array(numbers, kind)[:, None], "b")
    model = onnx.parser.parse_model(
        f"""<ir_version: 8, opset_import: ["" : 13]>
        whole (uint8[1,{len(numbers)}] a) => (int32[1,1] y) {{ y = MatMulInteger (a, b) }}"""
    )
    model.graph.initializer.append(weights)
    return model


@pytest.mark.parametrize(
    ("numbers", "reach"),
    [([127, 127], 254), ([127, -127], 127), ([-100, -29, 0], 129), ([64, 64, 64], 128), ([3], 0)],
)
def test_the_largest_pair_is_of_neighbours_of_one_sign(numbers: list[int], reach: int) -> None:
    assert largest_pair(product(numbers)) == reach


@pytest.mark.parametrize(
    "numbers", [[127, 1], [64, 64, 64, 64], [-64, -64], [127, -127, 127, -127], [1, 127]]
)
def test_what_passes_is_reckoned_exactly_on_this_processor(numbers: list[int]) -> None:
    model = product(numbers)
    check_pair(largest_pair(model))
    session = loaded_runtime().InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"a": np.full((1, len(numbers)), 255, np.uint8)})
    assert found.tolist() == [[255 * sum(numbers)]]


def test_a_graph_that_could_saturate_is_refused() -> None:
    with pytest.raises(SaturationError, match="reach 129 together, of which 128 are safe"):
        check_pair(largest_pair(product([100, 29])))


def test_weights_are_judged_where_a_branch_reads_them_from_around_it() -> None:
    model = onnx.parser.parse_model(
        """<ir_version: 8, opset_import: ["" : 13]>
        whole (uint8[1,2] a, bool c) => (int32[1,1] y) {
            y = If (c) <
                then_branch = yes () => (int32[1,1] p) { p = MatMulInteger (a, b) },
                else_branch = no () => (int32[1,1] n) { n = MatMulInteger (a, b) }>
        }"""
    )
    model.graph.initializer.append(numpy_helper.from_array(np.array([[100], [29]], np.int8), "b"))
    assert largest_pair(model) == 129


def test_weights_of_another_kind_cannot_be_judged() -> None:
    with pytest.raises(SaturationError, match="are uint8, not int8"):
        largest_pair(product([1, 2], np.uint8))
    loose = product([1, 2])
    del loose.graph.initializer[:]
    with pytest.raises(SaturationError, match="'b' are not in the graph"):
        largest_pair(loose)


@pytest.mark.slow
@pytest.mark.xdist_group("exported")
def test_recurrent_layers_and_what_lies_in_a_branch_are_judged_too(pieces: Pieces) -> None:
    layers = bare_layers(1, 8, 8)
    assert 64 < largest_pair(layers) <= MOST_PAIR
    graph = joined(Pieces(in_eight_bits(pieces.trunk), in_eight_bits(pieces.draw)))
    assert 64 < largest_pair(graph) <= MOST_PAIR
    (choice,) = [node for node in graph.graph.node if node.op_type == "If"]
    for branch in choice.attribute:
        for value in branch.g.initializer:
            if value.name.endswith("key_out.weight_quantized"):
                numbers = np.full(tuple(value.dims), 100, np.int8)
                value.CopyFrom(numpy_helper.from_array(numbers, value.name))
    assert largest_pair(graph) == 200


@pytest.mark.parametrize("name", OWN_NAMES)
def test_no_model_of_ours_can_saturate(name: str) -> None:
    check_pair(largest_pair(onnx.load(own_model(name))))


def with_unsigned_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same numbers as unsigned weights with a zero point of 128, whose products are exact everywhere."""
    twin = onnx.ModelProto()
    twin.CopyFrom(model)
    branches = [part.g for node in twin.graph.node for part in node.attribute if part.HasField("g")]
    for graph in (twin.graph, *branches):
        for value in graph.initializer:
            numbers = numpy_helper.to_array(value)
            if numbers.dtype == np.int8:
                unsigned = (numbers.astype(np.int16) + 128).astype(np.uint8)
                value.CopyFrom(numpy_helper.from_array(unsigned, value.name))
    return twin


def test_the_default_model_plays_what_exact_products_would() -> None:
    bundle = read_bundle(default_model())
    exact = replace(
        bundle, content=with_unsigned_weights(onnx.load_from_string(bundle.content)).SerializeToString()
    )
    music = np.concatenate([[begin_event()], EventEncoding().encode(improvised(3, notes=60, pedal=True))])
    here, there = (played_scores(ModelSession(each), music) for each in (bundle, exact))
    assert np.abs(here).max() > 1.0
    np.testing.assert_array_equal(here, there)
