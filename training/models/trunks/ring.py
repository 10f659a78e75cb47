"""An LSTM whose output attends to a ring of its last outputs: what was played lately can be looked up, not
only remembered.

Every head asks with the newest output and weighs the last `ring` ones, the newest among them, by what they
are and by how long ago they were. The state keeps their keys and values head by head, so a step costs one
look at the ring as it lies. Must not know rows or heads of models.
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
        """The LSTM's, and an empty ring: keys and values by head, the newest last, and how many are held."""
        heads, kept = self.settings.heads, self.settings.ring - 1
        ring = self.by_distance.new_zeros(lanes, heads, kept, self.width // heads)
        held = torch.zeros(lanes, dtype=torch.long, device=ring.device)
        return {**self.recurrent.silent_state(lanes), "keys": ring, "values": ring.clone(), "held": held}

    def forward(self, read: Tensor, state: State, last: int | None = None) -> tuple[Tensor, State]:
        """Only the last `last` outputs look back."""
        outputs, recurrent = self.recurrent(read, state)  # B x T x R -> B x T x C
        keys, values, ring = self._ring_with(outputs, state)
        first = first_of(last, outputs)
        asking = outputs[:, first:]  # B x L x C
        held = self._is_held(state["held"], keys.shape[2])  # B x (G - 1 + T)
        found = self._found(self.query(asking), keys[:, :, first:], values[:, :, first:], held[:, first:])
        return asking + self.dropout(self.outward(found)), recurrent | ring

    def live_step(self, read: Tensor, state: State) -> tuple[Tensor, State]:
        """The LSTM's own step, and one look at the ring: each head at its own keys and values as they lie."""
        output, recurrent = self.recurrent.live_step(read, state)  # B x R -> B x C
        keys, values, ring = self._ring_with(output[:, None], state)  # B x H x G x D both
        asked = self.query(output).view(-1, self.settings.heads, 1, keys.shape[-1])  # B x H x 1 x D
        weights = asked @ keys.transpose(-1, -2) * keys.shape[-1] ** -0.5  # B x H x 1 x G
        weights = weights + self._by_count().index_select(0, state["held"])
        found = torch.softmax(weights, dim=-1) @ values  # B x H x 1 x D
        return output + self.outward(found.view(-1, self.width)), recurrent | ring

    def _ring_with(self, outputs: Tensor, state: State) -> tuple[Tensor, Tensor, State]:
        """All keys and values that there are to look at, those of the outputs (B x T x C) last, and the ring
        after them. Of its G places the newest output fills one: G - 1 are kept."""
        lanes, steps, heads = outputs.shape[0], outputs.shape[1], self.settings.heads
        new = self.key_and_value(outputs).view(lanes, steps, 2 * heads, -1)  # B x T x 2H x D
        # of one step a graph need not turn anything round
        new = new.view(lanes, 2 * heads, 1, -1) if steps == 1 else new.transpose(1, 2)  # B x 2H x T x D
        key, value = torch.split(new, heads, dim=1)  # B x H x T x D both
        keys = torch.cat([state["keys"].to(new.dtype), key], dim=2)
        values = torch.cat([state["values"].to(new.dtype), value], dim=2)
        after = {
            "keys": keys[:, :, steps:].contiguous(),
            "values": values[:, :, steps:].contiguous(),
            "held": (state["held"] + steps).clamp(max=self.settings.ring - 1),
        }
        return keys, values, after  # B x H x (G - 1 + T) x D both

    def _is_held(self, held: Tensor, places: int) -> Tensor:
        """1 for each place that holds an output, else 0 (B x places); of how many do before (B)."""
        empty = self.settings.ring - 1 - held[:, None]  # B x 1
        return (torch.arange(places, device=held.device) >= empty).to(self.by_distance.dtype)

    def _by_count(self) -> Tensor:
        """What each head adds to the weight of each place for the newest output, by how many are held before
        it: G x H x 1 x G."""
        size = self.settings.ring
        held = self._is_held(torch.arange(size, device=self.by_distance.device), size)  # G x G
        return (self.by_distance.flip(1) + (1.0 - held[:, None]) * BARRED)[:, :, None]

    def _found(self, asked: Tensor, keys: Tensor, values: Tensor, held: Tensor) -> Tensor:
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
        asked = asked.permute(0, 3, 1, 2, 4)  # B x H x N x K x D
        key, value = (
            functional.pad(seen, (0, 0, 0, over)).unfold(2, sees, block) for seen in (keys, values)
        )  # B x H x N x D x S both
        barred = (1.0 - functional.pad(held, (0, over)).unfold(1, sees, block)) * BARRED  # B x N x S
        weights = asked @ key * channels**-0.5  # B x H x N x K x S
        # + H x 1 x K x S + B x 1 x N x 1 x S
        weights = weights + self._by_place(block, sees)[:, None] + barred[:, None, :, None]
        found: Tensor = torch.softmax(weights, dim=-1).to(value.dtype) @ value.transpose(-1, -2)
        found = found.permute(0, 2, 3, 1, 4)  # B x H x N x K x D -> B x N x K x H x D
        return found.reshape(lanes, -1, self.width)[:, :steps]  # B x (N K) x C -> B x L x C

    def _by_place(self, block: int, sees: int) -> Tensor:
        """What each head adds to the weight of each place seen, for each question of a block;
        barred beyond the ring."""
        device = self.by_distance.device
        asks, seen = torch.arange(block, device=device), torch.arange(sees, device=device)
        ago = asks[:, None] + self.settings.ring - 1 - seen  # K x S: steps back from question to place
        inside = (ago >= 0) & (ago < self.settings.ring)  # K x S
        by_distance = self.by_distance[:, ago.clamp(0, self.settings.ring - 1)]  # H x G -> H x K x S
        return by_distance.masked_fill(~inside, BARRED)
