"""A step with every trunk is in the runtime what it is in torch: for any number of lanes, row after row."""

from typing import Any

import numpy as np
import pytest
import torch

from export.quantize import folded, in_eight_bits
from export.step_graph import Step, _traced, silent_states
from realtime.inference.bundle import AFTER, ROW
from realtime.inference.runtime import loaded_runtime
from tests.support.families import TRUNKS, family_recipe, fitted
from training.models.catalogue import model_for
from training.models.model import Model

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exported")]

_ROWS = 9


@pytest.fixture(scope="module", params=TRUNKS)
def stepping(request: pytest.FixtureRequest) -> tuple[Model, Any]:
    """A symbol model with a trunk, and the graph of its step, folded."""
    recipe = family_recipe("symbol", request.param)
    torch.manual_seed(3)
    model = model_for(recipe.model, fitted(recipe)).eval()
    row = torch.zeros(2, 1, dtype=torch.long)
    step = Step(model)
    graph = _traced(step, {ROW: row}, silent_states(model, 2), step.outputs, model.layers_first)
    return model, folded(graph)


def opened(graph: Any) -> Any:
    return loaded_runtime().InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])


@torch.no_grad()
@pytest.mark.parametrize("lanes", [1, 8])
def test_the_graph_reads_as_the_model_does(stepping: tuple[Model, Any], lanes: int) -> None:
    model, graph = stepping
    session, state = opened(graph), silent_states(model, lanes)
    kept = {name: value.numpy() for name, value in state.items()}
    names = [output.name for output in session.get_outputs()]
    for rows in np.random.default_rng(1).integers(0, 388, (_ROWS, lanes, 1)):
        made, state = model.live_step(torch.from_numpy(rows), state)
        found = dict(zip(names, session.run(names, {ROW: rows} | kept), strict=True))
        kept = {name: found[f"{name}{AFTER}"] for name in kept}
        np.testing.assert_allclose(found["read/read"], made.numpy(), rtol=2e-5, atol=2e-5)
        for name, value in state.items():
            np.testing.assert_allclose(kept[name], value.numpy(), rtol=2e-5, atol=2e-5)


def test_all_its_products_are_made_smaller(stepping: tuple[Model, Any]) -> None:
    _, graph = stepping
    small = in_eight_bits(graph)
    assert not {"LSTM", "Gemm"} & {node.op_type for node in small.graph.node}
    opened(small)
