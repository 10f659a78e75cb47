"""The one face of every model: it reads the rows of a piece, is surprised by the rows that follow, and draws
rows of its own.

A row is one token of an encoding, F fields wide: (key change) or (gap, key, velocity) or 176 keys of a time
step. B lanes lie side by side. What the past is to a model is its state, a value: names with tensors, lanes
first, so that the trainer, the judge and generation can begin, carry, go back and store it without knowing
what it is. Must not know files, recipes or encodings' names.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from training.models.drawing import ByChance, Choices, Drawing
from training.models.fields import check_nothing_barred

State = dict[str, Tensor]  # every tensor B x ...


class Model(nn.Module, ABC):
    """Predicts each row from all before it; `forward` reads many rows and `step` one,
    through the same weights and state."""

    settings: Any  # a frozen dataclass
    kind: ClassVar[str]  # as settings name the family
    unit: ClassVar[str]  # what one row is, in words: "event", "note", "token", "step"
    parts: tuple[str, ...]  # what its surprise is split into
    reads_symbols: ClassVar[bool] = (
        True  # whether its rows are whole numbers; if not, they are real, or a roll's
    )
    is_one_symbol: ClassVar[bool] = False  # whether a row is
    # which of its parts can be steered by wishes, a number for each of so many choices; none where it can't
    wishes: tuple[str, int] | None = None
    in_nats: bool = True  # whether its surprise is a likelihood's
    # whether of two surprises the lesser is the better; if not, the latest weights are a run's result
    falls_as_it_learns: bool = True

    @property
    @abstractmethod
    def begin_row(self) -> tuple[float, ...]:
        """What is read before the first row of a piece; F numbers."""

    @property
    def begin_row_in_beats(self) -> tuple[float, ...]:
        """What is read before the first row of a piece that keeps a beat."""
        return self.begin_row

    @abstractmethod
    def silent_state(self, lanes: int) -> State:
        """The state before anything was read, where the weights are, for so many lanes."""

    @abstractmethod
    def forward(self, rows: Tensor, state: State, last: int | None = None) -> tuple[Any, State]:
        """Read rows (B x T x F): what is predicted from after each of the last `last` rows (None: after all),
        and the state after the last."""

    def step(self, row: Tensor, state: State) -> tuple[Any, State]:
        """Read one row (B x F): what is predicted from after it (as `forward` of one row gives it), and the
        state."""
        return self.forward(row[:, None], state)

    def live_step(self, row: Tensor, state: State) -> tuple[Any, State]:
        """`step` by what a graph of one call can hold: what is exported. Of the state, what `layers_first`
        names has layers before lanes; a model whose `forward` of one row a graph can't hold says here how
        it goes."""
        return self.step(row, state)

    @property
    def layers_first(self) -> tuple[str, ...]:
        """States that have layers before lanes in `live_step`."""
        return ()

    def turned(self, state: State) -> State:
        """A state as `live_step` takes it, or such a one as `step` does."""
        return {
            name: value.transpose(0, 1).contiguous() if name in self.layers_first else value
            for name, value in state.items()
        }

    @abstractmethod
    def surprise(self, read: Any, following: Tensor) -> Tensor:
        """Nats of each part (B x L x parts) of the rows that followed (B x L x F). Differentiable:
        it is what is learnt from."""

    @abstractmethod
    def next_row(self, read: Any, choices: Choices) -> Tensor:
        """The next row of each lane (B x F), of the dtype that is read, given what `step` read: how the
        family draws, for torch and for an exported graph alike."""

    def live_surprise(self, read: Any, following: Tensor) -> Tensor:
        """`surprise` of one row (B x 1 x F) by what a graph of one call can hold."""
        return self.surprise(read, following)

    def draw(
        self, read: Any, drawing: Drawing, chance: torch.Generator, allowed: Tensor | None = None
    ) -> Tensor:
        """The next row of each lane, drawn. `allowed` (B x size of the first field, true where it may be
        drawn) bars choices; a model whose rows aren't one symbol refuses it."""
        if not self.is_one_symbol:
            check_nothing_barred(self.kind, allowed)
        return self.next_row(read, ByChance(drawing, chance, allowed))


@contextmanager
def in_use(model: nn.Module) -> Iterator[None]:
    """While within, a model is used and not taught (no dropout, fixed norms); afterwards it is as it was."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


def begun(state: State, silent: State, begins: Tensor) -> State:
    """The state with the lanes that begin a piece (B, true) as silent as at the very start."""
    return {
        name: torch.where(begins.view(-1, *[1] * (value.dim() - 1)), silent[name], value)
        for name, value in state.items()
    }


def carried(state: State) -> State:
    """The state as the next window's beginning: learning doesn't reach back through it."""
    return {
        name: value.detach().float() if value.is_floating_point() else value for name, value in state.items()
    }


def measure_of(model: Model) -> str:
    """What the loss is of a model, in words."""
    return f"{'nats' if model.in_nats else 'loss'} a{'n' * (model.unit == 'event')} {model.unit}"
