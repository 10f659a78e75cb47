"""A model that has practised on windows, each read from silence: of its past it keeps the last rows as they
are.

A graph can hold a window of one length: its state is the window, and each step reads all of it anew. Where a
run practised on full windows, missing rows are the first row again; where its windows grew from silence, what
is missing stands after the newest row, where no model can feel it. Knows models. Must not know ONNX.
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


class Growing(Windowed):
    """A model whose windows begin with a single row and grow until they are full; after that they slide.

    Its state: `window` (B x length - 1 x F: the rows that it still remembers, then nothing) and `held`
    (B x 1: how many they are). A model hears nothing of what comes later, so what it makes of the newest row
    is as if the window ended there.
    """

    def silent_state(self, lanes: int) -> State:
        """Nothing read yet."""
        return {"window": super().silent_state(lanes)["window"], "held": torch.zeros(lanes, 1)}

    def live_step(self, row: Tensor, state: State) -> tuple[Any, State]:
        """One row more, and all of the window read anew."""
        held, most = state["held"], self._length - 1  # B x 1
        places = torch.arange(self._length, device=row.device)
        room = torch.cat([state["window"], torch.zeros_like(row[:, None])], dim=1)  # B x length x F
        window = torch.where((places == held)[..., None], row[:, None], room)
        read, _ = self.model(window, self.model.silent_state(row.shape[0]))
        is_full = (held >= most)[..., None]
        kept = torch.where(is_full, window[:, 1:], window[:, :-1])
        return _read_at(read, held.long()), {"window": kept, "held": (held + 1).clamp(max=most)}


def _read_at(read: Any, place: Tensor) -> Any:
    """What was read after the row in a place (B x 1) of each lane's window; B x 1 x ..."""
    if isinstance(read, Tensor):
        index = place.view(-1, 1, *[1] * (read.dim() - 2)).expand(-1, 1, *read.shape[2:])
        return read.gather(1, index)
    return type(read)(*(_read_at(part, place) for part in read))


def over_windows(model: Model, length: int, *, is_filled: bool) -> Windowed:
    """A model that reads so many rows anew for each: full windows always, or such as grow."""
    return Windowed(model, length) if is_filled else Growing(model, length)


def _side_by_side(reads: list[Any]) -> Any:
    """What was read after each of several rows, along time."""
    if isinstance(reads[0], Tensor):
        return torch.cat(reads, dim=1)
    return type(reads[0])(*map(torch.cat, zip(*reads, strict=True), [1] * len(reads[0])))
