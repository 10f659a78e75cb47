"""A file taken apart gives the pieces that it was joined from, so that joining them gives the file again."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from export.quantize import WEIGHED, halved
from export.step_graph import DRAW_PREFIX, Pieces, joined
from export.taken_apart import taken_apart
from realtime.inference.bundle import EVENT, OUTPUTS

STATES = ("hidden", "cell", "sounding", "age")
CONTROLS = ("temperature", "top_p", "key_mask", "chance", "given", "is_given", "gap_at_least")


@pytest.fixture(scope="module")
def file(kept_file: Path) -> onnx.ModelProto:
    return onnx.load(kept_file)


@pytest.fixture(scope="module")
def apart(file: onnx.ModelProto) -> Pieces:
    return taken_apart(file)


def names(values: object) -> list[str]:
    return [value.name for value in values]  # type: ignore[attr-defined]


def branch(file: onnx.ModelProto) -> onnx.GraphProto:
    (choice,) = [node for node in file.graph.node if node.op_type == "If"]
    return next(part.g for part in choice.attribute if part.name == "then_branch")


def weights(graph: onnx.GraphProto) -> dict[str, np.ndarray]:
    return {value.name: numpy_helper.to_array(value) for value in graph.initializer}


def test_the_trunk_reads_event_and_states_and_gives_features_and_states(apart: Pieces) -> None:
    assert names(apart.trunk.graph.input) == [EVENT, *STATES]
    assert names(apart.trunk.graph.output) == ["features", *(f"{name}_after" for name in STATES)]


def test_the_draw_reads_what_lies_between_and_the_controls(apart: Pieces) -> None:
    assert names(apart.draw.graph.input) == ["features", "sounding_after", *CONTROLS]
    assert names(apart.draw.graph.output) == list(OUTPUTS)


def test_no_name_of_the_draw_says_any_more_that_it_was_joined(apart: Pieces, file: onnx.ModelProto) -> None:
    draw = apart.draw.graph
    said = [name for node in draw.node for name in (*node.input, *node.output)] + names(draw.initializer)
    assert not [name for name in said if name.startswith(DRAW_PREFIX)]
    assert any(name.startswith(DRAW_PREFIX) for node in branch(file).node for name in node.output)
    assert "sounding_after" in said, "what lies between keeps its name"


def test_the_file_that_was_taken_apart_is_left_as_it_was(file: onnx.ModelProto) -> None:
    before = file.SerializeToString()
    taken_apart(file)
    assert file.SerializeToString() == before


def test_joined_again_the_pieces_are_the_file(apart: Pieces, file: onnx.ModelProto) -> None:
    again = joined(apart)
    assert names(again.graph.input) == names(file.graph.input)
    assert names(again.graph.output) == names(file.graph.output)
    assert [(node.op_type, list(node.input), list(node.output)) for node in branch(again).node] == [
        (node.op_type, list(node.input), list(node.output)) for node in branch(file).node
    ]
    for made, kept in ((again.graph, file.graph), (branch(again), branch(file))):
        assert weights(made).keys() == weights(kept).keys()
        for name, value in weights(kept).items():
            np.testing.assert_array_equal(weights(made)[name], value)


def test_halved_and_taken_apart_weights_are_as_they_were_but_for_rounding(apart: Pieces) -> None:
    half = joined(Pieces(halved(apart.trunk), halved(apart.draw)))
    assert any(value.data_type == TensorProto.FLOAT16 for value in half.graph.initializer)
    whole = taken_apart(half)
    for made, kept in ((whole.trunk.graph, apart.trunk.graph), (whole.draw.graph, apart.draw.graph)):
        assert not any(value.data_type == TensorProto.FLOAT16 for value in made.initializer)
        for name, value in weights(kept).items():
            np.testing.assert_allclose(weights(made)[name], value, rtol=1e-3, atol=1e-6)


def test_only_the_casts_of_halving_are_left_out(apart: Pieces) -> None:
    half = joined(Pieces(halved(apart.trunk), halved(apart.draw)))
    whole = taken_apart(half)
    for made, kept in ((whole.trunk, apart.trunk), (whole.draw, apart.draw)):
        assert [node.op_type for node in made.graph.node] == [node.op_type for node in kept.graph.node]
        reads = {name for node in made.graph.node for name in node.input}
        assert not [name for name in reads if "_half" in name]
    assert any(node.op_type == "Cast" for node in whole.draw.graph.node), "its own casts stay"
    assert any(node.op_type in WEIGHED for node in whole.draw.graph.node)
