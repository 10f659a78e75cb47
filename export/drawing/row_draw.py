"""What any family draws, as a graph: what was read and the controls in, the next row and its
log-probabilities out.

The family says how (`Model.next_row`, `Model.live_surprise`); this gives it the controls. Knows torch and
the face of models. Must not know ONNX, nor any family.
"""

from typing import Any

import torch
from torch import Tensor, nn

from export.drawing.choices import ByNumbers
from export.drawing.leaves import Shape
from music.settings import SettingError
from training.models.model import Model

_MANY = 1 << 17  # more random numbers than any family takes for a row; a machine of the paper's takes 13,248
_EXAMPLE_LANES = 2


class RowDraw(nn.Module):
    """The next row of each lane. What was read comes in leaf by leaf, as `Shape` took it apart."""

    def __init__(self, model: Model, shape: Shape) -> None:
        super().__init__()
        self.model, self._shape = model, shape

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Leaves, and then controls as `row_controls` has them: B x F, and B x parts."""
        leaves, controls = inputs[: len(self._shape)], inputs[len(self._shape) :]
        read = self._shape.whole(leaves)
        row, _ = drawn_row(self.model, read, controls)
        return row, -self.model.live_surprise(read, row[:, None])[:, 0]


def drawn_row(model: Model, read: Any, controls: tuple[Tensor, ...]) -> tuple[Tensor, int]:
    """The next row of each lane (B x F) by controls in their order, and how many random numbers it took."""
    temperature, top_p, wishes, chance, given, is_given = controls
    wished = model.parts.index(model.wishes[0]) if model.wishes else None
    choices = ByNumbers(temperature, top_p, wishes, wished, chance, given, is_given)
    row = model.next_row(read, choices).to(given.dtype)
    return torch.where(is_given, given, row), choices.taken


def row_controls(model: Model, read: Any) -> dict[str, Tensor]:
    """Controls that ask for nothing, in two lanes, with as many random numbers as a row takes."""
    asked = _controls(model, _MANY)
    with torch.no_grad():
        _, taken = drawn_row(model, read, tuple(asked.values()))
    if taken > _MANY:
        raise SettingError(f"a row takes {taken:,} random numbers, and a file at most {_MANY:,}")
    return _controls(model, taken)


def _controls(model: Model, chances: int) -> dict[str, Tensor]:
    lanes, fields = _EXAMPLE_LANES, len(model.begin_row)
    return {
        "temperature": torch.ones(lanes, len(model.parts)),
        "top_p": torch.ones(lanes),
        "wishes": torch.ones(lanes, model.wishes[1] if model.wishes else 1),
        "chance": torch.full((lanes, chances), 0.5),
        "given": torch.zeros(lanes, fields, dtype=torch.long if model.reads_symbols else torch.float),
        "is_given": torch.zeros(lanes, fields, dtype=torch.bool),
    }
