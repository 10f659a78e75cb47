"""The pitch-step-duration model of rows A8 to A10: a trunk reads notes as (pitch, step_s, duration_s), and
three heads predict the next.

The heads don't see one another, as in the paper. The tutorial that the paper follows feeds the pitch's number
as it stands; here it is an embedding, for a number says that neighbouring keys are nearly the same music. The
two times are read as logarithms, where 10 ms and 10 s both differ from their neighbours, and as whether they
are 0, as the step within a chord is.

How times are predicted is a setting. `squared` is the paper's way: the head says one number, and pays its
squared error and a pressure towards what is positive; what it reports then are weighted losses, not nats, and
drawing takes the number itself. `likelihood` gives each time a chance to be 0 and a mixture of log-normals
above; its nats are of cells of 10 ms, as those of encodings that count cells. Must not know files or
training.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple

import torch
from torch import Tensor, nn

from music.encodings.step import StepEncoding
from music.settings import SettingError, check_least
from music.tokens.encoding import Encoding
from music.tokens.grid import HIGHEST_PITCH
from music.tokens.scales import CELLS_PER_S
from training.models.drawing import Choices
from training.models.fields import nats_of
from training.models.model import Model, State
from training.models.times import LikelyTime, SquaredTime, TimeHead
from training.models.trunks.catalogue import TrunkSettings, trunk_for
from training.models.trunks.recurrent import RecurrentSettings

PITCHES = HIGHEST_PITCH + 1
BEGIN = PITCHES  # the pitch of the note before the first
PITCH_WEIGHT = 0.05  # of the pitch's loss beside those of step and duration, where these are squared errors


@dataclass(frozen=True, slots=True)
class StepModelSettings:
    """The trunk, the size of a pitch, and what is learnt of times;
    `mixture` counts a likelihood's log-normals."""

    kind: Literal["step"] = "step"
    trunk: TrunkSettings = field(default_factory=lambda: RecurrentSettings("lstm", layers=1, width=128))
    times: Literal["likelihood", "squared"] = "likelihood"
    pitch_size: int = 32
    mixture: int = 8

    def __post_init__(self) -> None:
        check_least(self, 1, "pitch_size", "mixture")


class Read(NamedTuple):
    """What is predicted after each note: logits of the pitch, and what is said of both times."""

    pitch: Tensor  # B x L x 128
    step: Tensor  # B x L x numbers
    duration: Tensor  # B x L x numbers


class StepModel(Model):
    """Predicts each note from all before it; its state is the trunk's.
    `in_nats` says whether its surprise is."""

    kind: ClassVar[str] = "step"
    unit: ClassVar[str] = "note"
    reads_symbols: ClassVar[bool] = False
    wishes: tuple[str, int] | None = ("pitch", PITCHES)
    parts = ("pitch", "step", "duration")
    in_nats: bool

    def __init__(self, settings: StepModelSettings, longest_s: float = 60.0) -> None:
        super().__init__()
        self.settings, self.longest_s = settings, longest_s
        self.pitch_in = nn.Embedding(PITCHES + 1, settings.pitch_size)
        self.trunk = trunk_for(settings.trunk, settings.pitch_size + 4)
        self.pitch_out = nn.Linear(self.trunk.width, PITCHES)
        self.step_out, self.duration_out = (_time_head(settings, self.trunk.width) for _ in range(2))
        self.in_nats = self.step_out.in_nats
        self.trunk_states = tuple(self.trunk.silent_state(1))

    @property
    def begin_row(self) -> tuple[float, ...]:
        """Pitch number `BEGIN`, which is no pitch."""
        return (float(BEGIN), 0.0, 0.0)

    @property
    def layers_first(self) -> tuple[str, ...]:
        """The trunk's."""
        return self.trunk.layers_first

    def silent_state(self, lanes: int) -> State:
        """The trunk's."""
        return self.trunk.silent_state(lanes)

    def forward(self, rows: Tensor, state: State, last: int | None = None) -> tuple[Read, State]:
        """Read windows of notes (B x T x 3, real)."""
        remembered = {name: state[name] for name in self.trunk_states}
        made, after = self.trunk(self._inputs(rows), remembered, last)
        return self._said(made), after

    def live_step(self, row: Tensor, state: State) -> tuple[Read, State]:
        """Read one note (B x 3), by what a graph of one call can hold."""
        made, after = self.trunk.live_step(self._inputs(row), state)
        return self._said(made[:, None]), after

    def _inputs(self, rows: Tensor) -> Tensor:
        """What the trunk reads of each note (... x 3)."""
        times = rows[..., 1:]
        read = [
            self.pitch_in(rows[..., 0].long()),
            torch.log1p(times * CELLS_PER_S) / 4.0,
            (times <= 0).float(),
        ]
        return torch.cat(read, dim=-1)

    def _said(self, made: Tensor) -> Read:
        """What is predicted from what the trunk made (B x L x width)."""
        return Read(self.pitch_out(made), self.step_out(made), self.duration_out(made))

    def surprise(self, read: Read, following: Tensor) -> Tensor:
        """Nats of pitch, step and duration (B x L x 3); with `squared` the paper's weighted losses."""
        of_pitch = nats_of(read.pitch, following[..., 0].long())
        of_step = self.step_out.cost(read.step, following[..., 1])
        of_duration = self.duration_out.cost(read.duration, following[..., 2])
        return torch.stack(
            [of_pitch if self.in_nats else PITCH_WEIGHT * of_pitch, of_step, of_duration], dim=-1
        )

    def next_row(self, read: Read, choices: Choices) -> Tensor:
        """The next note of each lane, its times from 0 to the encoding's longest."""
        pitch = choices.symbol(0, read.pitch[:, -1]).float()
        step = self.step_out.drawn(read.step[:, -1], choices, 1).clamp(max=self.longest_s)
        duration = self.duration_out.drawn(read.duration[:, -1], choices, 2).clamp(max=self.longest_s)
        return torch.stack([pitch, choices.real(1, step), choices.real(2, duration)], dim=-1)


def build(settings: StepModelSettings, encoding: Encoding) -> StepModel:
    """The model, if the encoding is `step`, whatever its settings."""
    if not isinstance(encoding, StepEncoding):
        raise SettingError(
            f"the step model reads the encoding {StepEncoding.name!r}, not {encoding.name!r}; say "
            f"data.encoding={StepEncoding.name}"
        )
    return StepModel(settings, encoding.longest_s)


def _time_head(settings: StepModelSettings, reads: int) -> TimeHead:
    return SquaredTime(reads) if settings.times == "squared" else LikelyTime(reads, settings.mixture)
