"""What tests don't trace again is what the exporter would make: a graph that is kept, or a filled mould."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

import export.step_graph as step_graph
import tests.support.traced_once as traced_once
from export.step_graph import Pieces, traced
from export.tables.event_draw import TabledDraw
from export.tables.event_step import TabledEvents
from tests.support.described import NotDescribedError, content_of, structure_of
from tests.support.graph_mould import filled, mould_of, numbered
from tests.support.traced_once import Asking
from training.models.event_model import EventModel


@pytest.fixture
def by_moulds(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter, folder = step_graph._traced, traced_once.folder_of_traces()
    trace = exporter.__wrapped__
    monkeypatch.setattr(step_graph, "_traced", lambda *asked: traced_once.from_mould(trace, folder, *asked))


@pytest.mark.slow
@pytest.mark.xdist_group("exported")
@pytest.mark.usefixtures("by_moulds")
def test_a_mould_that_is_filled_is_the_graph_that_is_traced(
    model: EventModel, traced_pieces: Pieces, traced_tables: Pieces
) -> None:
    assert traced(model) == traced_pieces
    assert traced(TabledEvents(model).eval(), TabledDraw(model)) == traced_tables


def graph_of(**weights: Any) -> onnx.ModelProto:
    values = [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()]
    return onnx.helper.make_model(onnx.helper.make_graph([], "none", [], [], values))


def arrays(graph: onnx.ModelProto) -> dict[str, Any]:
    return {value.name: numpy_helper.to_array(value).tolist() for value in graph.graph.initializer}


def test_weights_are_found_where_the_exporter_has_put_them_and_constants_are_left() -> None:
    module = nn.Linear(2, 2)
    with numbered(module):
        joined = np.concatenate([module.bias.detach().numpy(), module.weight.detach().numpy().T[1]])
        mould = mould_of(graph_of(joined=joined, one=np.float32(1), axes=np.arange(3)))
    assert mould is not None
    (_, second), (_, fourth) = module.weight.tolist()
    wanted = {"joined": [*module.bias.tolist(), second, fourth], "one": 1.0, "axes": [0, 1, 2]}
    assert arrays(filled(mould, module)) == wanted


def test_what_is_worked_out_from_weights_is_in_no_mould() -> None:
    module = nn.Linear(2, 2)
    with numbered(module):
        weights = module.weight.detach().numpy()
        for worked_out in (weights * 2, weights / 2, 1 - weights, weights.astype(np.float64)):
            assert mould_of(graph_of(weight=weights, other=worked_out)) is None
        within = onnx.helper.make_node("Constant", [], ["x"], value=numpy_helper.from_array(weights))
        whole = graph_of(weight=weights)
        whole.graph.node.append(within)
        assert mould_of(whole) is None


def test_a_module_has_its_weights_again_afterwards() -> None:
    module = nn.BatchNorm1d(3)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    with numbered(module) as they_fit:
        assert they_fit
        assert not any(torch.equal(value, before[name]) for name, value in module.named_parameters())
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    with numbered(module.double()) as they_fit:
        assert not they_fit


@dataclass
class Settings:
    """What a module may be made by."""

    width: int = 2


def module_with(weight: float = 0.5, count: int = 1, scale: float = 1.0, width: int = 2) -> nn.Module:
    module = nn.Module()
    module.weight = nn.Parameter(torch.tensor([weight, 1.0]))
    module.register_buffer("count", torch.tensor([count]))
    module.register_buffer("scale", torch.tensor(scale))
    module.settings = Settings(width)
    return module


def test_a_fingerprint_is_of_everything_that_a_graph_can_hold() -> None:
    others = [{"weight": -0.5}, {"count": 2}, {"scale": 2.0}, {"width": 3}]
    assert len({content_of(module_with(**other)) for other in ({}, *others)}) == 5
    assert content_of(module_with()) == content_of(module_with())
    assert content_of(module_with().eval()) != content_of(module_with())


def test_a_structure_is_all_of_it_but_for_its_weights() -> None:
    assert structure_of(module_with(weight=-0.5)) == structure_of(module_with())
    others = [{"count": 2}, {"scale": 2.0}, {"width": 3}]
    assert len({structure_of(module_with(**other)) for other in ({}, *others)}) == 4
    shared = module_with()
    shared.other = shared.weight
    apart = module_with()
    apart.other = nn.Parameter(apart.weight.detach().clone())
    assert structure_of(shared) != structure_of(apart)


def test_what_can_not_be_described_in_full_is_traced_each_time(tmp_path: Path) -> None:
    module, calls = module_with(), []

    def trace(*asked: Any) -> onnx.ModelProto:
        calls.append(asked)
        return graph_of(weight=[0.5, 1.0])

    kept = traced_once._kept(trace, tmp_path)
    assert kept(module) == kept(module)
    assert len(calls) == 1
    module.strange = lambda: None
    with pytest.raises(NotDescribedError):
        content_of(module)
    assert kept(module) == kept(module)
    assert len(calls) == 3


@pytest.mark.parametrize(("room", "times"), [("commands", 1), ("export", 2), ("golden", 2)])
def test_other_weights_fill_the_same_mould_but_in_tests_of_the_exporter(
    room: str, times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traced_once, "ASKING", Asking())
    traced_once.trace_as_asked_in(tmp_path / "tests" / room / "test_it.py", tmp_path / "tests")
    calls = []

    def trace(module: nn.Linear) -> onnx.ModelProto:
        calls.append(module)
        return graph_of(weight=module.weight.detach().numpy(), one=[1])

    kept = traced_once._kept(trace, tmp_path)
    for module in (nn.Linear(2, 2), nn.Linear(2, 2)):
        assert arrays(kept(module)) == {"weight": module.weight.tolist(), "one": [1]}
    assert len(calls) == times


def test_what_is_no_mould_is_traced_for_other_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traced_once, "ASKING", Asking(may_fill_moulds=True))

    def trace(module: nn.Linear) -> onnx.ModelProto:
        return graph_of(weight=module.weight.detach().numpy() * 2)

    kept = traced_once._kept(trace, tmp_path)
    for module in (nn.Linear(2, 2), nn.Linear(2, 2)):
        assert arrays(kept(module)) == {"weight": (module.weight * 2).tolist()}
