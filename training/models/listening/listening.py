"""What a model hears beside the events: how the player plays (a portrait), and where in the beat it is.

A piece that keeps a beat says so in its first row, and its beats are `BEAT_CELLS` apart from there on. After
a gap that is no longer exact to the cell, the place in the beat is the nearest quarter of it. While it is
trained, the model is shown portraits of the music itself, left out at times; in use, a portrait is handed in,
or none. Must not know trunks or fields.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from music.listening.beat_time import BEAT_CELLS, QUARTER_CELLS
from music.listening.portrait import SIZE
from music.notes import KEYS
from music.tokens.scales import EXACT_CELLS
from training.models.listening.portrait import Stretch, drawn_portraits
from training.models.model import State

_PORTRAIT_SIZE, _PLACE_SIZE = 48, 24
_BEGIN = 2 * KEYS  # the key field of a piece's first row
BEAT_LEFT_OUT = 0.1  # how often, in training, a window is read as if it kept no beat


class Listening(nn.Module):
    """The numbers that are read beside each event.

    Its state: `clock` (B x 1: cells into the beat), `beat` (B x 1: 1 where one is kept) and `portrait`
    (B x `SIZE`: what is known of the player, put there by whoever plays the model; 0 is nothing).
    """

    size = _PORTRAIT_SIZE + _PLACE_SIZE

    def __init__(self) -> None:
        super().__init__()
        self.portrait_in = nn.Linear(SIZE, _PORTRAIT_SIZE)
        self.place_in = nn.Embedding(1 + BEAT_CELLS, _PLACE_SIZE)  # number 0: no beat is kept

    def silent_state(self, lanes: int) -> State:
        """No beat, and nothing known of the player."""
        nought = self.place_in.weight.new_zeros(lanes, 1)
        return {"clock": nought, "beat": nought.clone(), "portrait": nought.new_zeros(lanes, SIZE)}

    def forward(self, rows: Tensor, cells: Tensor, sounding: Tensor, state: State) -> tuple[Tensor, State]:
        """What is heard beside each row of windows (B x T x 3) and the state after the last: B x T x `size`.

        `cells` (B x T) have passed since the row before; `sounding` (B x T x 88) are the keys after each row.
        """
        gap, key, velocity = rows.unbind(-1)  # B x T each
        beat = torch.where(key[:, :1] == _BEGIN, velocity[:, :1].to(cells.dtype), state["beat"])
        clocks = _clocks(state["clock"], cells, gap)
        portraits, heard_beat = state["portrait"], beat
        if self.training:
            before = torch.cat([state["sounding"][:, None], sounding[:, :-1]], dim=1)
            portraits = drawn_portraits(Stretch(cells, key, velocity, before, sounding))
            heard_beat = beat * (torch.rand_like(beat) >= BEAT_LEFT_OUT)
        after = {"clock": clocks[:, -1:], "beat": beat, "portrait": state["portrait"]}
        return self.beside(portraits, clocks, heard_beat), after

    def after_event(
        self, event: Tensor, cells: Tensor, clock: Tensor, beat: Tensor, portrait: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The same of one event of each lane (B x 3), by what a graph for one call can hold: what is heard
        (B x `size`), clock and beat."""
        gap, key, velocity = torch.split(event, 1, dim=-1)  # B x 1 each
        beat = torch.where(key == _BEGIN, velocity.to(beat.dtype), beat)
        clock = moved_on(clock, cells[:, None], gap)
        return self.beside(portrait, clock, beat)[:, 0], clock, beat

    def beside(self, portraits: Tensor, clocks: Tensor, beat: Tensor) -> Tensor:
        """What is read beside events (B x T x `size`): each lane's portrait (B x `SIZE`), the places in the
        beat (B x T), and whether one is kept (B x 1)."""
        places = ((1.0 + clocks) * beat).long()
        of_lane = self.portrait_in(portraits)[:, None].expand(-1, clocks.shape[1], -1)
        return torch.cat([of_lane, self.place_in(places)], dim=-1)


def _clocks(clock: Tensor, cells: Tensor, gap: Tensor) -> Tensor:
    """The place in the beat after each gap (B x T), from the one before the first (B x 1): `moved_on` from
    one to the next, for all at once.

    Where a gap is not exact, the place is at a quarter of the beat, so what was passed since the last such
    place is all that the next one depends on.
    """
    passed = clock + cells.cumsum(1)
    near = gap > EXACT_CELLS
    until = torch.where(near, passed, 0.0).cummax(1).values
    since = passed - functional.pad(until, (1, 0))[:, :-1]
    quarters = torch.floor(since / QUARTER_CELLS + 0.5) * QUARTER_CELLS
    later = torch.where(near, quarters, 0.0).cumsum(1) + passed - until
    return later - torch.floor(later / BEAT_CELLS) * BEAT_CELLS


def moved_on(clock: Tensor, cells: Tensor, gap: Tensor) -> Tensor:
    """The place in the beat so many cells later: whole cells, below `BEAT_CELLS`."""
    later = clock + cells
    near = torch.floor(later / QUARTER_CELLS + 0.5) * QUARTER_CELLS
    later = torch.where(gap > EXACT_CELLS, near, later)
    return later - torch.floor(later / BEAT_CELLS) * BEAT_CELLS
