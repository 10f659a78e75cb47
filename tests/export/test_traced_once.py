"""What tests don't trace again is what the exporter made, and nothing else is taken for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from torch import nn

from export.step_graph import traced
from tests.support.described import NotDescribedError, content_of
from tests.support.models import small_model
from tests.support.traced_once import kept


@pytest.mark.slow
@pytest.mark.xdist_group("exported")
def test_a_model_that_is_traced_again_has_the_graphs_that_it_had() -> None:
    once, again = traced(small_model()), traced(small_model())
    assert again == once
    assert again.trunk is not once.trunk  # who changes it changes it for himself


def graph_of(**weights: Any) -> onnx.ModelProto:
    values = [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()]
    return onnx.helper.make_model(onnx.helper.make_graph([], "none", [], [], values))


@dataclass
class Settings:
    """What a module may be made by."""

    width: int = 2


def module_with(weight: float = 0.5, count: int = 1, scale: float = 1.0, width: int = 2) -> nn.Module:
    module = nn.Module()
    module.weight = nn.Parameter(torch.tensor([weight, 1.0]))
    module.register_buffer("count", torch.tensor([count]))
    module.register_buffer("scale", torch.tensor(scale))
    module.settings = Settings(width)  # type: ignore[assignment]
    return module


def test_a_fingerprint_is_of_everything_that_a_graph_can_hold() -> None:
    others = [{"weight": -0.5}, {"count": 2}, {"scale": 2.0}, {"width": 3}]
    assert len({content_of(module_with(**other)) for other in ({}, *others)}) == 5  # type: ignore[arg-type]
    assert content_of(module_with()) == content_of(module_with())
    assert content_of(module_with().eval()) != content_of(module_with())
    shared, apart = module_with(), module_with()
    shared.other = shared.weight
    apart.other = nn.Parameter(apart.weight.detach().clone())
    assert content_of(shared) != content_of(apart)


def test_other_weights_are_traced_and_the_same_are_not(tmp_path: Path) -> None:
    calls = []

    def trace(module: nn.Module) -> onnx.ModelProto:
        calls.append(module)
        return graph_of(weight=module.weight.detach().numpy())

    taken = kept(trace, tmp_path)
    for weight in (0.5, -0.5, 0.5):
        (found,) = taken(module_with(weight)).graph.initializer
        assert numpy_helper.to_array(found).tolist() == [weight, 1.0]
    assert len(calls) == 2


def test_what_can_not_be_described_in_full_is_traced_each_time(tmp_path: Path) -> None:
    module, calls = module_with(), []

    def trace(*asked: Any) -> onnx.ModelProto:
        calls.append(asked)
        return graph_of(weight=[0.5, 1.0])

    taken = kept(trace, tmp_path)
    assert taken(module) == taken(module)
    assert len(calls) == 1
    module.strange = lambda: None  # type: ignore[assignment]
    with pytest.raises(NotDescribedError):
        content_of(module)
    assert taken(module) == taken(module)
    assert len(calls) == 3
