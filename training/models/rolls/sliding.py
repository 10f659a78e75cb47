"""A machine over windows, taken as a model of steps: its window slides on by one step at a time, and the
newest step is drawn with all before it held fast.

What is remembered is a window without its newest step. A step's `energy` is by how many nats silence is
likelier there: of the two windows, with the step and with silence in its place, the free energies apart. That
is exact, though a machine knows no window's probability: what it lacks is the same for both.

Drawing starts from the step before, held on, and goes some rounds from the windows to the hidden units and
back; in a round each unit and then each key takes a random number of its own, so a draw can be made again.
Must not know how the machine learns, nor files.
"""

from typing import ClassVar, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from music.notes import KEYS, LOWEST_KEY
from training.models.drawing import Choices
from training.models.model import Model, State
from training.models.rolls.along import along
from training.models.rolls.rbm import Rbm, RbmSettings
from training.models.rolls.roll_model import SILENCE

ROUNDS = 8  # of Gibbs sampling for a step


class Read(NamedTuple):
    """What a step is drawn from: what the hidden units have from the steps before (B x L x hidden), and the
    cells of the last of those (B x L x 2 notes)."""

    by_past: Tensor
    cells: Tensor


class Sliding(Model):
    """Draws each step from a machine, given the steps of a window before it."""

    kind: ClassVar[str] = Rbm.kind
    unit: ClassVar[str] = "step"
    reads_symbols: ClassVar[bool] = False
    in_nats = False
    settings: RbmSettings

    def __init__(self, machine: Rbm) -> None:
        super().__init__()
        self.machine, self.settings = machine, machine.settings
        self.parts = ("energy",)
        self.wishes = ("energy", self.settings.notes)

    @property
    def begin_row(self) -> tuple[float, ...]:
        """Silence."""
        return SILENCE

    def silent_state(self, lanes: int) -> State:
        """The cells of the steps before (B x steps - 1 x 2 notes): silence."""
        steps = self.settings.steps - 1
        return {"past": self.machine.weights.new_zeros(lanes, steps, self._cells_of_step)}

    def forward(self, rows: Tensor, state: State, last: int | None = None) -> tuple[Read, State]:
        """Read steps (B x T x 176)."""
        cells = self._cells(rows)
        whole = torch.cat([state["past"], cells], dim=1)  # B x (steps - 1 + T) x 2 notes
        steps, last = self.settings.steps - 1, last or rows.shape[1]
        # B x (T + 1) x 2 notes x (steps - 1); before the first row nothing is predicted
        windows = whole.unfold(1, steps, 1)[:, 1:][:, -last:]
        by_past = self._by_past(windows.transpose(2, 3).flatten(2))
        return Read(by_past, cells[:, -last:]), {"past": whole[:, -steps:]}

    def live_step(self, row: Tensor, state: State) -> tuple[Read, State]:
        """Read one step (B x 176), by what a graph of one call can hold."""
        cells = self._cells(row[:, None])
        past = torch.cat([state["past"][:, 1:], cells], dim=1)
        return Read(self._by_past(past.flatten(1))[:, None], cells), {"past": past}

    def surprise(self, read: Read, following: Tensor) -> Tensor:
        """By how many nats silence is likelier than each step that followed (B x L x 1)."""
        cells = self._cells(following)  # B x L x 2 notes
        with_step = read.by_past + functional.linear(cells, self._newest)
        apart = functional.softplus(with_step) - functional.softplus(read.by_past)
        return -(apart.sum(-1) + (cells * self._bias).sum(-1))[..., None]

    def next_row(self, read: Read, choices: Choices) -> Tensor:
        """The next step of each lane (B x 176, bytes); keys that the machine doesn't know are silent."""
        by_past = read.by_past[:, -1]  # B x hidden
        units, cells = [], []  # bars of each round
        for _ in range(ROUNDS):
            units.append(choices.bars(0, range(0), by_past, answers=self.settings.hidden))
            cells.append(torch.cat([choices.bars(0, keys, by_past) for keys in self._places], dim=-1))
        bars = (torch.stack(units).to(by_past.dtype), torch.stack(cells).to(by_past.dtype))
        onto, bias = self._newest, self._bias
        into = onto.T.clone()  # what a graph within reads may not be one memory in two shapes

        def once(
            kept: tuple[Tensor, Tensor], bars: tuple[Tensor, ...]
        ) -> tuple[tuple[Tensor, Tensor], Tensor]:
            """One round, from the step's cells (B x 2 notes) to the hidden units and back."""
            has, before = kept
            hidden = (has + before @ into > bars[0]).to(before.dtype)  # B x hidden
            made = (hidden @ onto + bias > bars[1]).to(before.dtype)
            return (has.clone(), made), made.clone()  # of a graph, two outputs are never one

        (_, made), _ = along(once, (by_past, read.cells[:, -1]), bars)
        return torch.cat([self._on_the_keyboard(part) for part in made.chunk(2, -1)], dim=-1).to(torch.uint8)

    def _on_the_keyboard(self, notes: Tensor) -> Tensor:
        """B x notes -> B x 88: keys below and above are silent."""
        keys = self._places[0]
        return functional.pad(notes, (keys.start, KEYS - keys.stop))

    @property
    def _cells_of_step(self) -> int:
        return 2 * self.settings.notes

    @property
    def _places(self) -> tuple[range, range]:
        """Where in a row the machine's notes play, and where they are struck."""
        first = self.settings.lowest - LOWEST_KEY
        keys = range(first, first + self.settings.notes)
        return keys, range(KEYS + keys.start, KEYS + keys.stop)

    @property
    def _newest(self) -> Tensor:
        """What weighs the newest step: hidden x 2 notes."""
        return self.machine.weights[:, -self._cells_of_step :]

    @property
    def _bias(self) -> Tensor:
        """Of the newest step's cells."""
        return self.machine.visible_bias[-self._cells_of_step :]

    def _by_past(self, windows: Tensor) -> Tensor:
        """What the hidden units have from windows without their newest step (... x cells): ... x hidden."""
        weights = self.machine.weights[:, : -self._cells_of_step]
        return functional.linear(windows, weights, self.machine.hidden_bias)

    def _cells(self, rows: Tensor) -> Tensor:
        """... x 176 -> ... x 2 notes: which play, then which are struck."""
        return (rows[..., self.machine.columns] > 0).to(self.machine.weights.dtype)


def why_it_draws_nothing(settings: RbmSettings) -> str | None:
    """Why a machine can't say what follows, and what to change; None where it can."""
    if settings.steps > 1:
        return None
    return (
        "an rbm over windows of one step hears nothing of the steps before, so it can only refine rolls "
        "(antiphon generate RUN --polish RBM_RUN); say model.steps=2 or more"
    )


def that_draws(model: Model) -> Model:
    """The model by which rows are drawn: of a machine over windows one that slides, of others themselves."""
    return Sliding(model) if isinstance(model, Rbm) else model
