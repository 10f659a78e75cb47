"""An LSTM with feed-forward attention over all its past outputs (row D4), in a state of constant size.

Each output h_t weighs e_t = W h_t + b, a number a channel or one for all. The context c_t is the mean of all
outputs so far, weighed by the softmax of their e. As e_t depends on h_t alone, the greatest e so far and,
relative to it, the sum of all weights and the sum of all outputs by their weights are all there is to keep.
The result is c_t beside h_t. Must not know rows or heads.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from training.models.model import State
from training.models.trunks.greatest import greatest_so_far
from training.models.trunks.linear import running
from training.models.trunks.recurrent import Recurrent, RecurrentSettings, check_stack, first_of
from training.models.trunks.trunk import Trunk

_LOWEST = -1e9  # below every e


@dataclass(frozen=True, slots=True)
class AttentionSettings:
    """The LSTM's size, and whether each channel of its outputs is weighed by itself or all alike."""

    kind: Literal["attention"] = "attention"
    layers: int = 1
    width: int = 256
    dropout: float = 0.0
    weights: Literal["channel", "scalar"] = "channel"

    def __post_init__(self) -> None:
        check_stack(self.layers, self.width, self.dropout)


class Attention(Trunk):
    """The context and the LSTM's output, side by side: twice as wide as the LSTM."""

    def __init__(self, settings: AttentionSettings, reads: int) -> None:
        super().__init__()
        self.settings, self.reads, self.width = settings, reads, 2 * settings.width
        lstm = RecurrentSettings("lstm", settings.layers, settings.width, settings.dropout)
        self.recurrent = Recurrent(lstm, reads)
        self.layers_first = self.recurrent.layers_first
        self.weigh = nn.Linear(settings.width, settings.width if settings.weights == "channel" else 1)

    def silent_state(self, lanes: int) -> State:
        """The LSTM's, and sums of nothing."""
        like = self.weigh.weight
        return {
            **self.recurrent.silent_state(lanes),
            "greatest": like.new_full((lanes, self.weigh.out_features), _LOWEST),
            "weight": like.new_zeros(lanes, self.weigh.out_features),
            "weighed": like.new_zeros(lanes, self.settings.width),
        }

    def forward(self, read: Tensor, state: State, last: int | None = None) -> tuple[Tensor, State]:
        """The contexts and outputs of the last `last` steps; what is kept of all."""
        outputs, recurrent = self.recurrent(read, state)  # B x T x R -> B x T x C
        made, sums = self._attended(outputs, state, last)
        return made, recurrent | sums

    def live_step(self, read: Tensor, state: State) -> tuple[Tensor, State]:
        """The LSTM's own step, and one more output in the sums."""
        output, recurrent = self.recurrent.live_step(read, state)  # B x R -> B x C
        made, sums = self._attended(output[:, None], state, None)
        return made[:, 0], recurrent | sums

    def _attended(self, outputs: Tensor, state: State, last: int | None) -> tuple[Tensor, State]:
        """Contexts and outputs side by side, of the LSTM's outputs, and the sums after them."""
        # E numbers weigh an output: one of each channel (E = C), or one for all of them (E = 1)
        kept, added, greatest = _shares(
            self.weigh(outputs).float(), state["greatest"]
        )  # 2 of B x T x E, B x E
        if self.settings.weights == "channel":
            kept = torch.cat([kept, kept], dim=-1)  # B x T x 2C; a single one fits both sums as it is
        sums = running(
            kept,
            torch.cat([added, added * outputs.float()], dim=-1),  # B x T x (E + C)
            torch.cat([state["weight"], state["weighed"]], dim=-1),  # B x (E + C)
        )
        weight, weighed = sums[..., : self.weigh.out_features], sums[..., self.weigh.out_features :]
        first = first_of(last, outputs)
        context = (weighed[:, first:] / weight[:, first:]).to(outputs.dtype)  # B x L x C
        # B x L x 2C
        return torch.cat([context, outputs[:, first:]], dim=-1), {
            "greatest": greatest,
            "weight": weight[:, -1].contiguous(),
            "weighed": weighed[:, -1].contiguous(),
        }


def _shares(weights: Tensor, before: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """How much is kept of the sums at each step, the new output's weight (B x T x E both), and the greatest
    at the end (B x E); of the outputs' weights (B x T x E) and the greatest before them (B x E).

    All is relative to the greatest so far, so that nothing overflows; as that cancels out of the mean,
    learning need not look at it.
    """
    greatest = _greatest(weights.detach(), before[:, None])  # B x T x E: so far, at each step
    earlier = torch.cat([before[:, None], greatest[:, :-1]], dim=1)  # B x T x E: the same, one step before
    return torch.exp(earlier - greatest), torch.exp(weights - greatest), greatest[:, -1].contiguous()


def _greatest(weights: Tensor, before: Tensor) -> Tensor:
    """So far, at each step."""
    return greatest_so_far(torch.maximum(weights, before))
