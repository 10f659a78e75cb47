"""A model that has practised on windows, each read from silence: of its past it keeps the last rows as they
are.

A full window has always the same length, missing rows being its first row again, so a graph can hold it:
its state is the window, and each step reads all of it anew. Knows models. Must
not know ONNX.
"""

from typing import Any

import torch
from torch import Tensor

from training.models.drawing import Choices
from training.models.model import Model, State


class Windowed(Model):
    """The same model; a row it reads goes into a window of `length`, and all of that is read from silence.

    Its state: `window` (B x length - 1 x F) and `begun` (B x 1: 1 once a row was read).
    """

    def __init__(self, model: Model, length: int) -> None:
        super().__init__()
        self.model, self._length = model, length
        self.settings, self.parts, self.wishes = model.settings, model.parts, model.wishes
        self.in_nats = model.in_nats
        self.kind, self.unit = model.kind, model.unit  # type: ignore[misc]
        self.reads_symbols, self.is_one_symbol = model.reads_symbols, model.is_one_symbol  # type: ignore[misc]

    @property
    def begin_row(self) -> tuple[float, ...]:
        """The model's."""
        return self.model.begin_row

    def silent_state(self, lanes: int) -> State:
        """Nothing read yet."""
        kind = torch.long if self.reads_symbols else torch.float
        window = torch.zeros(lanes, self._length - 1, len(self.begin_row), dtype=kind)
        return {"window": window, "begun": torch.zeros(lanes, 1)}

    def live_step(self, row: Tensor, state: State) -> tuple[Any, State]:
        """One row more, and all of the window read anew."""
        before = torch.where(state["begun"][..., None] > 0, state["window"], row[:, None])
        window = torch.cat([before, row[:, None]], dim=1)  # B x length x F
        read, _ = self.model(window, self.model.silent_state(row.shape[0]), 1)
        return read, {"window": window[:, 1:].contiguous(), "begun": torch.ones_like(state["begun"])}

    def forward(self, rows: Tensor, state: State, last: int | None = None) -> tuple[Any, State]:
        """What is predicted after each of the last `last` rows (B x T x F), window by window."""
        reads = []
        for place in range(rows.shape[1]):
            read, state = self.live_step(rows[:, place], state)
            reads.append(read)
        return _side_by_side(reads[-last:] if last else reads), state

    def surprise(self, read: Any, following: Tensor) -> Tensor:
        """The model's."""
        return self.model.surprise(read, following)

    def live_surprise(self, read: Any, following: Tensor) -> Tensor:
        """The model's."""
        return self.model.live_surprise(read, following)

    def next_row(self, read: Any, choices: Choices) -> Tensor:
        """The model's."""
        return self.model.next_row(read, choices)


def _side_by_side(reads: list[Any]) -> Any:
    """What was read after each of several rows, along time."""
    if isinstance(reads[0], Tensor):
        return torch.cat(reads, dim=1)
    return type(reads[0])(*map(torch.cat, zip(*reads, strict=True), [1] * len(reads[0])))
