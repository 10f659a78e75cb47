"""An exact head for many keys at once: each key given all keys below it in the same step (NADE; on a trunk
that remembers, RNN-NADE).

Key i sounds with the chance sigmoid(b_i + V_i . sigmoid(c + sum of W_j over the keys j below i that sound));
both biases, b and c, are made from what a trunk made of the past. The product over the keys is the
probability of the whole row: nothing is approximated, and drawing key by key draws from the very same
distribution.

Between one sounding key and the next the hidden layer does not change, and few of 88 keys sound; so it is
reckoned once for each such run of keys: for rows in which 4 keys sound, 5 times in place of 88. Must not know
where the features come from.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.models.rolls.along import along


class Nade(nn.Module):
    """Rows of `keys` zeros and ones, by features (... x `reads`), with a hidden layer of `width`."""

    def __init__(self, reads: int, keys: int, width: int) -> None:
        super().__init__()
        self.visible_bias = nn.Linear(reads, keys)
        self.hidden_bias = nn.Linear(reads, width)
        self.into_hidden = nn.Parameter(torch.empty(keys, width))  # W: a row a key
        self.out_of_hidden = nn.Parameter(torch.empty(keys, width))  # V: a row a key
        for weights in (self.into_hidden, self.out_of_hidden):
            nn.init.uniform_(weights, -1 / math.sqrt(width), 1 / math.sqrt(width))

    def forward(self, features: Tensor, rows: Tensor) -> Tensor:
        """Logits (N x keys) that each key sounds, given the keys below it in its own row (N x keys, of 0 and
        1); features N x reads."""
        owner, below, owned = _runs(rows > 0)
        hidden_bias: Tensor = self.hidden_bias(features)
        hidden = torch.sigmoid(
            hidden_bias.index_select(0, owner) + below.to(hidden_bias.dtype) @ self.into_hidden
        )
        of_runs = functional.linear(hidden, self.out_of_hidden)
        visible_bias: Tensor = self.visible_bias(features)
        # each key lies in one run of its row alone, so this sum picks and adds nothing up
        picked = torch.zeros_like(visible_bias, dtype=of_runs.dtype).index_add(0, owner, of_runs * owned)
        return visible_bias + picked

    def live(self, features: Tensor, rows: Tensor) -> Tensor:
        """The same, reckoned anew for each key: of few rows, by what a graph of one call can hold."""
        below = rows[..., None] * self.into_hidden  # N x keys x width
        hidden = self.hidden_bias(features)[:, None] + below.cumsum(1) - below
        by_past: Tensor = self.visible_bias(features)
        return by_past + (torch.sigmoid(hidden) * self.out_of_hidden).sum(-1)

    def drawn(self, features: Tensor, bars: Tensor) -> Tensor:
        """Rows (B x keys, bool) by features (B x reads): from the lowest key up, each seeing what was drawn
        below it; a key sounds where its logit is above its bar (B x keys)."""
        visible_bias: Tensor = self.visible_bias(features)
        hidden: Tensor = self.hidden_bias(features)
        margins = (visible_bias - bars).to(hidden.dtype)
        _, sounds = along(_next_key, hidden, (margins.T, self.into_hidden, self.out_of_hidden))
        return sounds.T > 0


def _next_key(hidden: Tensor, key: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
    """The hidden layer's sums after a key (B x width), and whether it sounds (B: 0 or 1)."""
    margin, into, out = key
    sounds = (margin + torch.sigmoid(hidden) @ out > 0).to(hidden.dtype)
    return hidden + sounds[:, None] * into, sounds


def _runs(sounds: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The runs of keys of rows (N x keys, bool), one more in each row than keys sound in it, in order.

    For each run: its row, the keys that sound below its own (M x keys), and the keys that it owns, up to its
    upper end, which sounds, or to the top.
    """
    below_each = sounds.cumsum(-1) - sounds.long()  # how many sound below each key: the number of its run
    runs = sounds.sum(-1) + 1
    owner = torch.repeat_interleave(torch.arange(len(sounds), device=sounds.device), runs)
    firsts = (runs.cumsum(0) - runs).index_select(0, owner)
    number = (torch.arange(len(owner), device=sounds.device) - firsts)[:, None]
    run_of_key = below_each.index_select(0, owner)
    return owner, sounds.index_select(0, owner) & (run_of_key < number), run_of_key == number
