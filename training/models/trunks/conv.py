"""A convolution before the LSTM, and a layer that is the same at every step after it (rows B5, B7).

The convolution sees the step and the `kernel` - 1 before it, so that nothing sees the future; before the
beginning it sees zeros. Must not know rows or heads.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from music.settings import check_least
from training.models.model import State
from training.models.trunks.recurrent import Recurrent, RecurrentSettings, check_stack
from training.models.trunks.trunk import Trunk


@dataclass(frozen=True, slots=True)
class ConvSettings:
    """The convolution's channels and reach in steps, the LSTM's size,
    and the width of the layer after it (0: none). B5 has one LSTM layer, B7 more."""

    kind: Literal["conv-lstm"] = "conv-lstm"
    channels: int = 128
    kernel: int = 5
    layers: int = 1
    width: int = 256
    dropout: float = 0.0
    distributed: int = 256

    def __post_init__(self) -> None:
        check_stack(self.layers, self.width, self.dropout)
        check_least(self, 1, "channels", "kernel")
        check_least(self, 0, "distributed")


class ConvLstm(Trunk):
    """Convolution, LSTM, and the distributed layer, with a ReLU after the first and the last."""

    def __init__(self, settings: ConvSettings, reads: int) -> None:
        super().__init__()
        self.settings, self.reads = settings, reads
        self.width = settings.distributed or settings.width
        self.convolution = nn.Conv1d(reads, settings.channels, settings.kernel)
        lstm = RecurrentSettings("lstm", settings.layers, settings.width, settings.dropout)
        self.recurrent = Recurrent(lstm, settings.channels)
        self.layers_first = self.recurrent.layers_first
        self.distributed = (
            nn.Sequential(nn.Linear(settings.width, settings.distributed), nn.ReLU())
            if settings.distributed
            else nn.Identity()
        )

    def silent_state(self, lanes: int) -> State:
        """The LSTM's, and zeros for what was read before the beginning."""
        heard = self.convolution.weight.new_zeros(lanes, self.settings.kernel - 1, self.reads)
        return {**self.recurrent.silent_state(lanes), "heard": heard}

    def forward(self, read: Tensor, state: State, last: int | None = None) -> tuple[Tensor, State]:
        """The layer after the LSTM is computed for the last `last` steps alone."""
        found, heard = self._found(read, state)  # B x T x R -> B x T x channels
        made, recurrent = self.recurrent(found, state, last)  # B x L x C
        return self.distributed(made), recurrent | heard  # B x L x distributed

    def live_step(self, read: Tensor, state: State) -> tuple[Tensor, State]:
        """The same, by the LSTM's own step."""
        found, heard = self._found(read[:, None], state)
        made, recurrent = self.recurrent.live_step(found[:, 0], state)
        return self.distributed(made), recurrent | heard

    def _found(self, read: Tensor, state: State) -> tuple[Tensor, State]:
        """What the convolution puts out; what is kept are the last kernel - 1 steps."""
        heard = torch.cat([state["heard"].to(read.dtype), read], dim=1)  # B x (kernel - 1 + T) x R
        found = torch.relu(self.convolution(heard.transpose(1, 2))).transpose(1, 2)  # B x T x channels
        return found, {"heard": heard[:, read.shape[1] :].contiguous()}
