"""What a step of learning costs at least: a trunk's bare layers, and the model on batches that lie ready.

The bare layers are the floor. Each layer of torch that a trunk is built of is found by watching the trunk
read one batch; a copy of it then reads random numbers of the same shapes, its outputs are summed, and the sum
goes backward, is clipped and stepped by the same optimiser. What no layer of torch does is not in the floor:
embeddings, heads, losses, states that are carried, and whatever a trunk reckons by itself.

The ready model is a copy of the model with its loss, backward pass, clipping and optimiser. What learning
takes beyond it is the pipeline: feed, tensors made of arrays, states carried, checks, logs. Must not know
feeds or families by name.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from training.feeds.feed import Batch
from training.learning.learner import Loss
from training.models.model import Model
from training.models.rolls.rbm import Rbm
from training.models.trunks.trunk import Trunk
from training.recipes.optimisers import optimiser_for
from training.recipes.recipe import LearningSettings

_PLAIN = (nn.RNNBase, nn.Linear, nn.Conv1d)


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer and the random numbers that it reads; where the trunk computed these, they want a gradient."""

    layer: nn.Module
    read: Tensor

    @classmethod
    def like(cls, layer: nn.Module, read: Tensor) -> "_Layer":
        """A copy of a layer, with random numbers in place of those that it read."""
        return cls(deepcopy(layer), torch.randn(read.shape).requires_grad_(read.requires_grad))

    def summed(self) -> Tensor:
        """What it makes, as one number."""
        made = self.layer(self.read)
        total: Tensor = (made[0] if isinstance(made, tuple) else made).sum()
        return total


class Floor:
    """Steps of the bare layers."""

    def __init__(self, layers: list[_Layer], learning: LearningSettings) -> None:
        self._layers, self._clip = layers, learning.clip
        self.weights = [weight for layer in layers for weight in layer.layer.parameters()]
        self._optimiser = optimiser_for(learning.optimiser, self.weights, learning.rate)

    def step(self) -> None:
        """Forward, sum, backward, clip, step."""
        self._optimiser.zero_grad(set_to_none=True)
        for layer in self._layers:
            layer.read.grad = None
        total = torch.stack([layer.summed() for layer in self._layers]).sum()
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.weights, self._clip)
        self._optimiser.step()


class ReadyModel:
    """Steps of a copy of a model on a batch that lies ready, so that nothing has to be fetched.

    Each lane starts silent.
    """

    def __init__(self, model: Model, learning: LearningSettings) -> None:
        self._loss = Loss(deepcopy(model).train())
        self.weights, self._clip = list(self._loss.parameters()), learning.clip
        self._optimiser = optimiser_for(learning.optimiser, self.weights, learning.rate)

    def give(self, batch: Batch) -> None:
        """Make a batch ready."""
        rows, following, counts, begins = (torch.from_numpy(part) for part in batch)
        self._ready = rows, following, counts, self._loss.model.silent_state(len(begins))
        self._counted = int(counts.sum())

    def step(self) -> None:
        """Forward, loss, backward, clip, step."""
        surprise, _ = self._loss(*self._ready)
        self._optimiser.zero_grad(set_to_none=True)
        (surprise / self._counted).backward()
        nn.utils.clip_grad_norm_(self.weights, self._clip)
        self._optimiser.step()


def floor_of(model: Model, batch: Batch, learning: LearningSettings) -> Floor:
    """The floor of a model that learns from batches like this one."""
    rows, following, counts, _ = (torch.from_numpy(part) for part in batch)
    if isinstance(model, Rbm):
        return Floor(_products(model, len(rows)), learning)
    with _watched(model) as met:
        read, _ = model(rows, model.silent_state(len(rows)), counts.shape[1])
        model.surprise(read, following)  # a trunk along the notes is at work here
    return Floor([_Layer.like(layer, read) for layer, read in met], learning)


@contextmanager
def _watched(model: Model) -> Iterator[list[tuple[nn.Module, Tensor]]]:
    """While within, each plain layer of the model's trunks that reads is noted, with what it reads."""
    met: list[tuple[nn.Module, Tensor]] = []

    def note(layer: nn.Module, read: tuple[Any, ...]) -> None:
        met.append((layer, read[0]))

    trunks = [module for module in model.modules() if isinstance(module, Trunk)]
    layers = {layer for trunk in trunks for layer in trunk.modules() if isinstance(layer, _PLAIN)}
    hooks = [layer.register_forward_pre_hook(note) for layer in layers]
    try:
        yield met
    finally:
        for hook in hooks:
            hook.remove()


def _products(model: Rbm, batch: int) -> list[_Layer]:
    """A machine has no trunk: its two products, to the hidden units and back."""
    hidden, visible = model.weights.shape
    return [
        _Layer(nn.Linear(visible, hidden), torch.randn(batch, visible)),
        _Layer(nn.Linear(hidden, visible), torch.randn(batch, hidden)),
    ]
