"""Reads the window of the last inputs in both directions, at every step anew (row B3).

At each step an LSTM reads the window from its oldest input to the newest and another from the newest to the
oldest; what each put out last, side by side, is the result. Nothing of the future is in a window. Near the
beginning of a piece the window is shorter: places with nothing in them stand after the inputs in each
direction's order, where they can't be felt. A step costs a whole window, so learning is meant to ask for the
`last` step of each window alone. Must not know rows or heads.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from music.settings import check_least
from training.models.model import State
from training.models.trunks.recurrent import check_stack, first_of, start_weights
from training.models.trunks.trunk import Trunk


@dataclass(frozen=True, slots=True)
class BidirectionalSettings:
    """The stack's size (the width of each direction) and the window in steps."""

    kind: Literal["bidirectional"] = "bidirectional"
    layers: int = 1
    width: int = 256
    dropout: float = 0.0
    window: int = 32

    def __post_init__(self) -> None:
        check_stack(self.layers, self.width, self.dropout)
        check_least(self, 1, "window")


class Bidirectional(Trunk):
    """Both directions' last outputs, side by side: twice as wide as each."""

    def __init__(self, settings: BidirectionalSettings, reads: int) -> None:
        super().__init__()
        self.settings, self.reads, self.width = settings, reads, 2 * settings.width
        sizes = [reads, *[self.width] * (settings.layers - 1)]
        self.forwards = nn.ModuleList(_lstm(size, settings.width) for size in sizes)
        self.backwards = nn.ModuleList(_lstm(size, settings.width) for size in sizes)
        self.dropout = nn.Dropout(settings.dropout)

    def silent_state(self, lanes: int) -> State:
        """An empty window: `held` is 1 where it holds an input; the newest stands last."""
        like = next(self.parameters())
        heard = like.new_zeros(lanes, self.settings.window - 1, self.reads)
        return {"heard": heard, "held": heard.new_zeros(heard.shape[:2])}

    def forward(self, read: Tensor, state: State, last: int | None = None) -> tuple[Tensor, State]:
        """One window is read for each of the last `last` steps."""
        steps = read.shape[1]
        heard = torch.cat([state["heard"], read.to(state["heard"].dtype)], dim=1)  # B x (W - 1 + T) x R
        held = torch.cat([state["held"], state["held"].new_ones(read.shape[:2])], dim=1)  # B x (W - 1 + T)
        first, window = first_of(last, read), self.settings.window
        windows = heard[:, first:].unfold(1, window, 1).transpose(2, 3)  # B x L x W x R
        empty = window - held[:, first:].unfold(1, window, 1).sum(-1).long()  # B x L
        made = self._read_both_ways(windows.flatten(0, 1), empty.flatten())  # (B L) x 2C
        after = {"heard": heard[:, steps:].contiguous(), "held": held[:, steps:].contiguous()}  # W - 1 steps
        return made.view(read.shape[0], -1, self.width), after  # B x L x 2C

    def _read_both_ways(self, windows: Tensor, empty: Tensor) -> Tensor:
        """What was put out last each way (N x 2C), of windows (N x W x R) whose first `empty` places (N) have
        nothing in them."""
        window = windows.shape[1]
        places = torch.arange(window, device=windows.device)  # W
        inputs_first = (places + empty[:, None]) % window  # N x W
        back_in_place = (places - empty[:, None]) % window  # N x W
        for onward, backward in zip(self.forwards, self.backwards, strict=True):
            ahead = _moved(onward(_moved(windows, inputs_first))[0], back_in_place)  # N x W x C
            back = backward(windows.flip(1))[0].flip(1)  # N x W x C
            windows = self.dropout(torch.cat([ahead, back], dim=-1))  # N x W x 2C: the next layer's input
        to_the_newest, to_the_oldest = windows.chunk(2, dim=-1)  # N x W x C each
        oldest = _moved(to_the_oldest, empty[:, None])  # N x 1 x C: where inputs begin
        return torch.cat([to_the_newest[:, -1], oldest[:, 0]], dim=-1)  # N x 2C


def _lstm(reads: int, width: int) -> nn.LSTM:
    lstm = nn.LSTM(reads, width, batch_first=True)
    start_weights(lstm, "default")
    return lstm


def _moved(windows: Tensor, places: Tensor) -> Tensor:
    """The steps of windows (N x W x ...) in another order, given by places (N x W)."""
    return windows.gather(1, places[..., None].expand(-1, -1, windows.shape[-1]))
