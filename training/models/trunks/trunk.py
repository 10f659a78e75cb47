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
    layers_first: tuple[str, ...] = ()  # states that have layers before lanes in a step of a graph

    @abstractmethod
    def silent_state(self, lanes: int) -> State:
        """The state before anything was read, on the weights' device and of their dtype."""

    @abstractmethod
    def forward(self, read: Tensor, state: State, last: int | None = None) -> tuple[Tensor, State]:
        """What it makes of each of the last `last` steps (None: of all), and the state after the last.
        One step at a time gives the same."""

    def live_step(self, read: Tensor, state: State) -> tuple[Tensor, State]:
        """The same of one step (B x `reads` to B x `width`), by what a graph of one call can hold.

        Of the state, those named in `layers_first` are layers x B x C. A trunk whose `forward` of one step
        a graph can't hold, or holds slowly, says here how its step goes.
        """
        made, after = self(read[:, None], state)
        return made[:, 0], after
