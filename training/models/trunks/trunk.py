"""The one face of every trunk: numbers in, step by step, and what it makes of them and of all before.

In the comments of all trunks: B lanes, T steps that are read, the last L of which are asked for (`last`), R
numbers that are read a step, C the width of a layer.
"""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from training.models.model import State


class Trunk(nn.Module, ABC):
    """Reads B x T x `reads` and makes B x T x `width`; its state's tensors have the lanes first."""

    reads: int
    width: int

    @abstractmethod
    def silent_state(self, lanes: int) -> State:
        """The state before anything was read, on the weights' device and of their dtype."""

    @abstractmethod
    def forward(self, read: Tensor, state: State, last: int | None = None) -> tuple[Tensor, State]:
        """What it makes of each of the last `last` steps (None: of all), and the state after the last.
        One step at a time gives the same."""
