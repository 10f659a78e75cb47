"""An LSTM whose output attends to a ring of its last outputs: what was played lately can be looked up, not
only remembered.

Every head asks with the newest output and weighs the last `ring` ones, the newest among them, by what they
are and by how long ago they were. The state keeps their keys and values, so a step costs one look at the
ring. Must not know rows or heads of models.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from music.settings import SettingError, check_least
from training.models.drawing import BARRED
from training.models.model import State
from training.models.trunks.recurrent import (
    Recurrent,
    RecurrentSettings,
    check_stack,
    first_of,
)
from training.models.trunks.trunk import Trunk


@dataclass(frozen=True, slots=True)
class RingSettings:
    """The LSTM's size, how many of its outputs are kept, and how many heads look at them."""

    kind: Literal["ring"] = "ring"
    layers: int = 2
    width: int = 256
    dropout: float = 0.0
    ring: int = 64
    heads: int = 4

    def __post_init__(self) -> None:
        check_stack(self.layers, self.width, self.dropout)
        check_least(self, 1, "ring")
        if self.heads < 1 or self.width % self.heads:
            raise SettingError(
                f"heads is a number that width ({self.width}) can be divided by, not {self.heads}"
            )


class Ring(Trunk):
    """What the LSTM puts out, plus what its heads found in the ring."""

    def __init__(self, settings: RingSettings, reads: int) -> None:
        super().__init__()
        self.settings, self.reads, self.width = settings, reads, settings.width
        lstm = RecurrentSettings("lstm", settings.layers, settings.width, settings.dropout)
        self.recurrent = Recurrent(lstm, reads)
        self.layers_first = self.recurrent.layers_first
        self.query = nn.Linear(self.width, self.width)
        self.key_and_value = nn.Linear(self.width, 2 * self.width)
        self.by_distance = nn.Parameter(torch.zeros(settings.heads, settings.ring))
        self.outward = nn.Linear(self.width, self.width)
        self.dropout = nn.Dropout(settings.dropout)

    def silent_state(self, lanes: int) -> State:
        """The LSTM's, and an empty ring: `held` is 1 where it holds an output; the newest stands last."""
        ring = self.by_distance.new_zeros(lanes, self.settings.ring - 1, 2 * self.width)
        return {**self.recurrent.silent_state(lanes), "ring": ring, "held": ring.new_zeros(ring.shape[:2])}

    def forward(self, read: Tensor, state: State, last: int | None = None) -> tuple[Tensor, State]:
        """Only the last `last` outputs look back."""
        outputs, recurrent = self.recurrent(read, state)  # B x T x R -> B x T x C
        made, ring = self._looked_back(outputs, state, last)
        return made, recurrent | ring

    def live_step(self, read: Tensor, state: State) -> tuple[Tensor, State]:
        """The LSTM's own step, and one look at the ring."""
        output, recurrent = self.recurrent.live_step(read, state)  # B x R -> B x C
        made, ring = self._looked_back(output[:, None], state, None)
        return made[:, 0], recurrent | ring

    def _looked_back(self, outputs: Tensor, state: State, last: int | None) -> tuple[Tensor, State]:
        """The last outputs with what their heads found, of the LSTM's outputs, and the ring after them."""
        new = self.key_and_value(outputs)  # B x T x 2C
        # of G places in the ring, the newest output fills one: G - 1 are kept from before
        ring = torch.cat([state["ring"].to(new.dtype), new], dim=1)  # B x (G - 1 + T) x 2C
        held = torch.cat([state["held"], state["held"].new_ones(new.shape[:2])], dim=1)  # B x (G - 1 + T)
        first = first_of(last, outputs)
        asking = outputs[:, first:]  # B x L x C
        found = self._found(self.query(asking), ring[:, first:], held[:, first:])  # B x L x C
        kept = ring.shape[1] - self.settings.ring + 1  # the first of the G - 1 steps that are kept
        return asking + self.dropout(self.outward(found)), {
            "ring": ring[:, kept:].contiguous(),
            "held": held[:, kept:].contiguous(),
        }

    def _found(self, asked: Tensor, ring: Tensor, held: Tensor) -> Tensor:
        """What each of L questions (B x L x C) finds in its G places of L + G - 1, block by block.

        N blocks of K questions each see S = K + G - 1 places; H heads with D channels each look at them.
        """
        lanes, steps, _ = asked.shape
        block = min(steps, self.settings.ring)
        blocks = -(-steps // block)
        over = blocks * block - steps
        sees = block + self.settings.ring - 1
        heads, channels = self.settings.heads, self.width // self.settings.heads
        asked = functional.pad(asked, (0, 0, 0, over)).reshape(lanes, blocks, block, heads, channels)
        asked = asked.transpose(2, 3)  # B x N x H x K x D
        seen = functional.pad(ring, (0, 0, 0, over)).unfold(1, sees, block).transpose(2, 3)  # B x N x S x 2C
        seen = seen.reshape(lanes, blocks, sees, 2 * heads, channels).transpose(2, 3)  # B x N x 2H x S x D
        key, value = seen.chunk(2, dim=2)  # B x N x H x S x D each
        barred = (1.0 - functional.pad(held, (0, over)).unfold(1, sees, block)) * BARRED  # B x N x S
        weights = asked @ key.transpose(-1, -2) * channels**-0.5  # B x N x H x K x S
        # + H x K x S + B x N x 1 x 1 x S
        weights = weights + self._by_place(block, sees) + barred[:, :, None, None]
        found: Tensor = torch.softmax(weights, dim=-1).to(value.dtype) @ value  # B x N x H x K x D
        return found.transpose(2, 3).reshape(lanes, -1, self.width)[:, :steps]  # B x (N K) x C -> B x L x C

    def _by_place(self, block: int, sees: int) -> Tensor:
        """What each head adds to the weight of each place seen, for each question of a block;
        barred beyond the ring."""
        device = self.by_distance.device
        asks, seen = torch.arange(block, device=device), torch.arange(sees, device=device)
        ago = asks[:, None] + self.settings.ring - 1 - seen  # K x S: steps back from question to place
        inside = (ago >= 0) & (ago < self.settings.ring)  # K x S
        by_distance = self.by_distance[:, ago.clamp(0, self.settings.ring - 1)]  # H x G -> H x K x S
        return by_distance.masked_fill(~inside, BARRED)
