"""The bare layers of a trunk: which are found, what they read, and that their steps are steps."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from benchmarks.learning.training_floors import Floor, _Layer, _products, _watched, floor_of
from tests.support.trunks import Counting
from training.models.rolls.rbm import Rbm
from training.recipes.recipe import LearningSettings

LEARNING = LearningSettings(steps=1)


class TwoLayers(Counting):
    """A trunk of two plain layers, the second of which reads what the first one computed."""

    def __init__(self) -> None:
        super().__init__("heard", 3)
        self.first, self.second = nn.Linear(3, 4), nn.Linear(4, 2)
        self.norm = nn.LayerNorm(2)  # no plain layer

    def forward(self, read: Tensor, state: Any, last: int | None = None) -> tuple[Tensor, Any]:
        return self.norm(self.second(self.first(read).relu())), state


class Model(nn.Module):
    """A model around that trunk, whose head is no part of the floor."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk, self.head = TwoLayers(), nn.Linear(2, 5)

    def forward(self, rows: Tensor, state: Any, last: int) -> tuple[Tensor, Any]:
        return self.trunk(rows, state)

    def silent_state(self, lanes: int) -> Any:
        return None

    def surprise(self, read: Tensor, following: Tensor) -> Tensor:
        return self.head(read).sum()


BATCH: Any = (
    np.ones((2, 6, 3), np.float32),
    np.ones((2, 6, 3), np.float32),
    np.ones((2, 6), np.float32),
    np.ones(2, bool),
)


def test_the_plain_layers_of_a_trunk_are_found_with_what_they_read() -> None:
    model = Model()
    rows = torch.ones(2, 6, 3)
    with _watched(model) as met:
        model(rows, None, 6)
    assert [layer for layer, _ in met] == [model.trunk.first, model.trunk.second]
    assert [read.shape for _, read in met] == [(2, 6, 3), (2, 6, 4)]


def test_a_model_is_watched_no_longer_than_it_is_looked_at() -> None:
    model = Model()
    with _watched(model) as met:
        pass
    model(torch.ones(2, 6, 3), None, 6)
    assert met == []


def test_a_model_is_watched_no_longer_where_it_fails() -> None:
    model = Model()

    def fail() -> None:
        with _watched(model):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not model.trunk.first._forward_pre_hooks


def test_a_floor_has_the_trunks_layers_and_not_the_head() -> None:
    floor = floor_of(Model(), BATCH, LEARNING)
    assert [tuple(weight.shape) for weight in floor.weights] == [(4, 3), (4,), (2, 4), (2,)]


def test_only_what_the_trunk_computed_wants_a_gradient() -> None:
    layer = nn.Linear(3, 4)
    assert not _Layer.like(layer, torch.zeros(2, 3)).read.requires_grad
    assert _Layer.like(layer, torch.zeros(2, 3, requires_grad=True)).read.requires_grad


def test_a_bare_layer_is_a_copy_that_reads_random_numbers_of_the_same_shape() -> None:
    layer = nn.Linear(3, 4)
    bare = _Layer.like(layer, torch.zeros(2, 7, 3))
    assert bare.layer is not layer
    assert torch.equal(bare.layer.weight, layer.weight)
    assert bare.read.shape == (2, 7, 3)
    assert bare.read.std() > 0.3


@pytest.mark.parametrize("layer", [nn.Linear(3, 4), nn.LSTM(3, 4, batch_first=True), nn.GRU(3, 4)])
def test_whatever_a_layer_gives_it_is_summed_to_one_number(layer: nn.Module) -> None:
    total = _Layer.like(layer, torch.zeros(2, 5, 3)).summed()
    assert total.shape == ()
    assert total.requires_grad


def test_a_step_moves_every_weight_no_further_than_it_is_clipped() -> None:
    bare = _Layer(nn.Linear(3, 4), torch.full((2, 3), 1e6))
    floor = Floor([bare], LEARNING)
    before = [weight.detach().clone() for weight in floor.weights]
    floor.step()
    moved = [(weight.detach() - old).abs().max() for weight, old in zip(floor.weights, before, strict=True)]
    assert all(float(far) > 0 for far in moved)
    norm = torch.cat([weight.grad.flatten() for weight in floor.weights]).norm()
    assert float(norm) <= LEARNING.clip * 1.001


def test_steps_do_not_gather_gradients() -> None:
    read = torch.randn(2, 3, requires_grad=True)
    floor = Floor([_Layer(nn.Linear(3, 4), read)], LEARNING)
    floor.step()
    first = read.grad.clone()
    floor.step()
    assert torch.allclose(read.grad, first, atol=0.1)  # of one step, by weights that have hardly moved


def test_a_machine_has_its_products_to_the_hidden_units_and_back() -> None:
    machine = Rbm.__new__(Rbm)
    nn.Module.__init__(machine)
    machine.weights = nn.Parameter(torch.zeros(16, 88))
    there, back = _products(machine, batch=5)
    assert there.layer(there.read).shape == (5, 16)
    assert back.layer(back.read).shape == (5, 88)
