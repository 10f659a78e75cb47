"""A restricted Boltzmann machine over windows of steps, which refines rolls that others made (row C7).

Time is laid out as space: a window of steps, each with its notes playing and struck, is one vector of zeros
and ones. The machine learns how likely whole windows are by contrastive divergence: its `surprise` is the
free energy of the window read less that of a window which k rounds of Gibbs sampling made of it, whose
gradient is the divergence's. That difference is no likelihood; it shows that it learns, not how good the
machine is. The window read is what is learnt; the rows that follow are not looked at. It predicts no next
row; `sliding` draws rows by it.

`refine` lets a window slide over a roll by one step, its newest step fresh from the roll and the others as
refined so far, and samples. Keys outside the range pass through. Must not know files or time on a clock.
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from music.notes import KEYS, LOWEST_KEY
from music.settings import SettingError, check_least
from music.tokens.encoding import Encoding
from training.models.drawing import Choices, Drawing
from training.models.model import Model, State
from training.models.rolls.biaxial import check_range
from training.models.rolls.roll_model import ROW, SILENCE, check_is_roll

Roll = NDArray[np.uint8]  # steps x 176
_WAYS = ("step", "window")
_FIRST_SPREAD = 0.01  # of the weights before learning
_FIRST_SHARE = 0.04  # of the cells that sound before learning: 3.9 of 88 keys do in chorales


@dataclass(frozen=True, slots=True)
class RbmSettings:
    """A window of `steps` with `notes` from `lowest` (MIDI number) up, `hidden` units,
    and the rounds of Gibbs sampling that learning takes."""

    kind: Literal["rbm"] = "rbm"
    steps: int = 16
    lowest: int = 24
    notes: int = 78
    hidden: int = 1500
    rounds: int = 1

    def __post_init__(self) -> None:
        check_range(self.lowest, self.notes)
        check_least(self, 1, "steps", "hidden", "rounds")


class Rbm(Model):
    """How likely windows are, up to a constant."""

    kind: ClassVar[str] = "rbm"
    unit: ClassVar[str] = "step"
    reads_symbols: ClassVar[bool] = False
    in_nats = False
    falls_as_it_learns = False
    columns: Tensor

    def __init__(self, settings: RbmSettings) -> None:
        super().__init__()
        self.settings = settings
        self.parts = ("energy",)
        keys = torch.arange(settings.notes) + settings.lowest - LOWEST_KEY
        self.register_buffer("columns", torch.cat([keys, KEYS + keys]), persistent=False)
        visible = settings.steps * len(self.columns)
        self.weights = nn.Parameter(torch.randn(settings.hidden, visible) * _FIRST_SPREAD)
        self.visible_bias = nn.Parameter(torch.full((visible,), math.log(_FIRST_SHARE / (1 - _FIRST_SHARE))))
        self.hidden_bias = nn.Parameter(torch.zeros(settings.hidden))

    @property
    def begin_row(self) -> tuple[float, ...]:
        """Silence."""
        return SILENCE

    def silent_state(self, lanes: int) -> State:  # noqa: ARG002
        """Nothing: a window is all that it knows."""
        return {}

    def forward(
        self,
        rows: Tensor,
        state: State,
        last: int | None = None,  # noqa: ARG002
    ) -> tuple[Tensor, State]:
        """The windows as the machine sees them (B x visible), of rows (B x the window's steps x 176)."""
        return self.visible(rows), state

    def step(self, row: Tensor, state: State) -> NoReturn:  # noqa: ARG002
        """Refused: it predicts no rows."""
        _refuse()

    def surprise(self, read: Tensor, following: Tensor) -> Tensor:
        """Free energy of the windows read less that of the chains' ends,
        shared out over the rows that followed (B x L x 1). Takes chance from torch."""
        with torch.no_grad():
            made = self.sampled(read, self.settings.rounds, None)
        apart = self.free_energy(read) - self.free_energy(made)
        length = following.shape[1]
        return (apart / length)[:, None, None].expand(-1, length, 1)

    def next_row(self, read: Any, choices: Choices) -> NoReturn:  # noqa: ARG002
        """Refused: it predicts no rows."""
        _refuse()

    def draw(
        self,
        read: Any,  # noqa: ARG002
        drawing: Drawing,  # noqa: ARG002
        chance: torch.Generator,  # noqa: ARG002
        allowed: Tensor | None = None,  # noqa: ARG002
    ) -> NoReturn:
        """Refused: it predicts no rows."""
        _refuse()

    def visible(self, rows: Tensor) -> Tensor:
        """Windows (B x steps x 176) as vectors: B x visible."""
        if rows.shape[1] != self.settings.steps:
            raise SettingError(
                f"the rbm reads windows of {self.settings.steps} steps, not {rows.shape[1]}; set the "
                "data's window to the model's steps"
            )
        return (rows[..., self.columns] > 0).flatten(1).to(self.weights.dtype)

    def free_energy(self, visible: Tensor) -> Tensor:
        """Of windows (B x visible); the lower, the likelier. B."""
        # a small difference of two large numbers: never in half precision
        with torch.autocast(visible.device.type, enabled=False):
            visible = visible.to(self.weights.dtype)
            hidden = functional.linear(visible, self.weights, self.hidden_bias)
            return -(visible @ self.visible_bias) - functional.softplus(hidden).sum(-1)

    def sampled(self, visible: Tensor, rounds: int, chance: torch.Generator | None) -> Tensor:
        """What rounds of Gibbs sampling, from the windows to the hidden units and back,
        make of them (B x visible)."""
        for _ in range(rounds):
            hidden = torch.sigmoid(functional.linear(visible, self.weights, self.hidden_bias))
            hidden = torch.bernoulli(hidden, generator=chance)
            chances = torch.sigmoid(functional.linear(hidden, self.weights.T, self.visible_bias))
            visible = torch.bernoulli(chances, generator=chance)
        return visible


def build(settings: RbmSettings, encoding: Encoding) -> Rbm:
    """The machine over windows of a roll's rows."""
    check_is_roll(encoding, settings.kind)
    return Rbm(settings)


@torch.no_grad()
def refine(roll: Roll, model: Rbm, way: str, sweeps: int, chance: torch.Generator) -> Roll:
    """The roll (steps x 176) as the machine would rather have it, after `sweeps` rounds of Gibbs sampling at
    each place of the window.

    The first window is taken over whole. From there on `way` says what is taken over of each: "step", its
    last step alone, which has the refined past before it and is the only one not yet refined; or "window",
    all of it, so that a step is made anew as often as a window covers it. A piece shorter than a window is
    refined as if silence followed.
    """
    if way not in _WAYS or sweeps < 1:
        raise SettingError(
            f"refining goes by {' or '.join(_WAYS)} with 1 sweep or more, not {way!r} with {sweeps}"
        )
    if roll.ndim != 2 or roll.shape[1] != ROW:
        raise SettingError(f"a roll to refine is steps by {ROW} keys, not {roll.shape}; encode it as roll")
    if not len(roll):
        return roll.copy()
    steps, device = model.settings.steps, model.weights.device
    length = max(len(roll), steps)
    rows = torch.zeros(length, ROW, dtype=torch.uint8, device=device)
    rows[: len(roll)] = torch.as_tensor(roll, device=device)
    for first in range(length - steps + 1):
        window = rows[first : first + steps]
        made = model.sampled(model.visible(window[None]), sweeps, chance).view(steps, -1).to(torch.uint8)
        taken = steps if first == 0 or way == "window" else 1
        window[-taken:, model.columns] = made[-taken:]
    refined: Roll = rows[: len(roll)].cpu().numpy()
    return refined


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Which share of the cells that sounded still sound, and which share of all cells are as they were;
    none where there was no such cell."""

    sounding: float | None
    all: float | None


def unchanged_share(before: Roll, after: Roll) -> Unchanged:
    """How far a roll is what it was, of its 88 sounding keys by steps:
    the paper's machine gave back its input."""
    if before.shape != after.shape:
        raise SettingError(f"rolls to compare are of one shape, not {before.shape} and {after.shape}")
    was, now = before[:, :KEYS] > 0, after[:, :KEYS] > 0
    return Unchanged(_share(now[was]), _share((was == now).ravel()))


def _share(holds: NDArray[np.bool_]) -> float | None:
    return float(holds.mean()) if holds.size else None


def _refuse() -> NoReturn:
    raise SettingError("an rbm knows whole windows; take them as steps (sliding.that_draws) to draw")
