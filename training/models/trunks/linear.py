"""A gated linear recurrence: it trains in parallel over time and steps with one small state a channel.

Each channel is a running mean, h_t = a_t h_{t-1} + (1 - a_t) x_t, whose a_t depends on what is read at t and
not on h: so a whole window is one scan, in rounds whose number grows as the logarithm of its length. Blocks
are residual, with a norm before each part, so that deep stacks learn as readily as shallow ones. `running` is
the scan itself; other trunks use it too. Must not know rows or heads.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from training.models.model import State
from training.models.trunks.recurrent import check_stack, first_of
from training.models.trunks.trunk import Trunk

_BLOCK = 16  # steps that the scan goes one by one; few enough to be quick, and all blocks go at once
_SHORTEST, _LONGEST = 1.0, 512.0  # steps that the channels' memories last at first


@dataclass(frozen=True, slots=True)
class LinearSettings:
    """The stack's size; dropout is of what each block adds."""

    kind: Literal["linear"] = "linear"
    layers: int = 2
    width: int = 256
    dropout: float = 0.0

    def __post_init__(self) -> None:
        check_stack(self.layers, self.width, self.dropout)


class Linear(Trunk):
    """A stack of blocks over a running sum of width `width`."""

    def __init__(self, settings: LinearSettings, reads: int) -> None:
        super().__init__()
        self.settings, self.reads, self.width = settings, reads, settings.width
        self.inward = nn.Linear(reads, settings.width)
        self.blocks = nn.ModuleList(_Block(settings.width, settings.dropout) for _ in range(settings.layers))
        self.norm = nn.LayerNorm(settings.width)

    def silent_state(self, lanes: int) -> State:
        """Zeros: lanes x layers x width."""
        return {"means": self.inward.weight.new_zeros(lanes, self.settings.layers, self.width)}

    def forward(self, read: Tensor, state: State, last: int | None = None) -> tuple[Tensor, State]:
        """The sum of all that the blocks add, normalised."""
        made = self.inward(read)  # B x T x R -> B x T x C
        afters = []
        for block, before in zip(self.blocks, state["means"].unbind(1), strict=True):
            made, after = block(made, before)  # B x T x C, B x C
            afters.append(after)
        # B x L x C, and B x layers x C
        return self.norm(made[:, first_of(last, made) :]), {"means": torch.stack(afters, dim=1)}


class _Block(nn.Module):
    """Mixes over time by gated running means, then over channels by two layers."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.norm, self.inward = nn.LayerNorm(width), nn.Linear(width, 3 * width)
        self.outward = nn.Linear(width, width)
        self.mixed = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )
        self.dropout = nn.Dropout(dropout)
        lasting = torch.linspace(log(_SHORTEST), log(_LONGEST), width)
        with torch.no_grad():
            self.inward.bias[width : 2 * width] = lasting  # kept at first: 1 - 1 / (1 + steps)

    def forward(self, made: Tensor, before: Tensor) -> tuple[Tensor, Tensor]:
        """What it makes of B x T x C, and the means after the last step (B x C)."""
        read, keeps, gate = self.inward(self.norm(made)).chunk(3, dim=-1)  # B x T x 3C -> B x T x C each
        kept = torch.sigmoid(keeps.float())  # B x T x C: a_t
        means = running(kept, (1.0 - kept) * read.float(), before)  # B x T x C: h_t
        made = made + self.dropout(self.outward(means * functional.silu(gate)))  # B x T x C
        return made + self.dropout(self.mixed(made)), means[:, -1]  # B x T x C, B x C


def running(kept: Tensor, added: Tensor, before: Tensor) -> Tensor:
    """h_t = kept_t h_{t-1} + added_t for all t (B x T x C; kept B x T x C or B x T x 1),
    from the h before (B x C)."""
    if kept.shape[1] == 1:
        return kept * before[:, None] + added
    return _Running.apply(kept, added, before)  # type: ignore[no-any-return, no-untyped-call]


class _Running(torch.autograd.Function):
    """The scan, keeping for the way back only what it made: back is the same scan in reverse."""

    @staticmethod
    def forward(ctx: Any, kept: Tensor, added: Tensor, before: Tensor) -> Tensor:
        """All h."""
        before = before.to(added.dtype)
        first = torch.addcmul(added[:, :1], kept[:, :1], before[:, None])  # B x 1 x C: h_1
        made = _scanned(kept, torch.cat([first, added[:, 1:]], dim=1))  # B x T x C
        ctx.save_for_backward(kept, made, before)
        return made

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, pulls: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        """What pulls on h_t pulls on h_{t-1}, too, as far as it was kept."""
        kept, made, before = ctx.saved_tensors
        of_added = _scanned(torch.cat([kept[:, 1:], kept[:, :1]], dim=1), pulls, reverse=True)  # B x T x C
        of_before = kept[:, 0] * of_added[:, 0]  # B x C
        if not ctx.needs_input_grad[0]:
            return None, of_added, of_before
        of_kept = of_added * torch.cat([before[:, None], made[:, :-1]], dim=1)  # B x T x C: times h_{t-1}
        return of_kept.sum_to_size(kept.shape), of_added, of_before


def _scanned(kept: Tensor, added: Tensor, reverse: bool = False) -> Tensor:
    """From silence: all blocks of steps side by side, then what each block hands to the next, then that added
    to its steps.

    There is no division and nothing grows, so it is as exact as going step by step. In reverse, each step
    hands to the one before it.
    """
    steps = added.shape[1]
    block = min(steps, _BLOCK)
    shares, made = _in_blocks(kept, block), _in_blocks(added, block)  # B x blocks x block x C each
    places = range(block)[:: -1 if reverse else 1]
    for giver, taker in pairwise(places):  # of each block a step, B x blocks x C, all blocks at once
        made[:, :, taker].addcmul_(shares[:, :, taker], made[:, :, giver])
        shares[:, :, taker].mul_(shares[:, :, giver])
    if steps > block:
        end = places[-1]
        # the ends of blocks, B x blocks x C, are a shorter sequence of the same kind: B x blocks x 1 x C
        ends = _scanned(shares[:, :, end], made[:, :, end], reverse)[:, :, None]
        givers, takers = (slice(1, None), slice(-1)) if reverse else (slice(-1), slice(1, None))
        made[:, takers].addcmul_(shares[:, takers], ends[:, givers])
    return made.flatten(1, 2)[:, :steps]  # B x T x C


def _in_blocks(steps: Tensor, block: int) -> Tensor:
    """A copy, B x blocks x block x C; zeros fill the last block."""
    lanes, length, channels = steps.shape
    blocks = -(-length // block)
    room = steps.new_empty(lanes, blocks * block, channels)
    room[:, :length] = steps
    room[:, length:] = 0.0
    return room.view(lanes, blocks, block, channels)
