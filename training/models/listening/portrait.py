"""Portraits of stretches of music, as `music.listening.portrait` takes them of phrases: what a network is
given while it is trained, so that it learns to play as a portrait says.

Each lane's portrait is of a random part of the window, so that it fits what is played without giving it away;
and groups of it are left out at times, so that the network plays without them too. Must not know trunks.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from music.listening.portrait import (
    FEWEST_NOTES,
    FEWEST_ONSETS,
    GAP_EDGES,
    GROUPS,
    LOUDNESS,
    PITCH_CLASSES,
    REGISTER,
    SHARE_SCALE,
    TOGETHER_CELLS,
    TOGETHER_SCALE,
    USUAL_ONSETS,
    USUAL_SOUNDING,
    Scale,
)
from music.notes import KEYS, LOWEST_KEY

LEFT_OUT = 0.15  # how often each group is left out by itself
ALL_LEFT_OUT = 0.15  # and how often all of them
SHORTEST_PART = 0.4  # of a window


class Stretch(NamedTuple):
    """Windows of events, and which keys sound up to each event and after it."""

    cells: Tensor  # B x T: since the event before
    key: Tensor  # B x T
    velocity: Tensor  # B x T: bins from 1, 0 for a key going up
    before: Tensor  # B x T x 88: 1 where a key sounds
    after: Tensor  # B x T x 88


def drawn_portraits(stretch: Stretch) -> Tensor:
    """Of each lane the portrait of a random part of its window, random groups left out (B x `SIZE`)."""
    lanes, events = stretch.key.shape
    device = stretch.key.device
    length = ((SHORTEST_PART + (1 - SHORTEST_PART) * torch.rand(lanes, device=device)) * events).ceil()
    begin = (torch.rand(lanes, device=device) * (events - length + 1)).floor()
    place = torch.arange(events, device=device)
    within = (place >= begin[:, None]) & (place < (begin + length)[:, None])
    known = (torch.rand(lanes, len(GROUPS), device=device) >= LEFT_OUT) & (
        torch.rand(lanes, 1, device=device) >= ALL_LEFT_OUT
    )
    return portraits(stretch, within, known)


def portraits(stretch: Stretch, within: Tensor, known: Tensor) -> Tensor:
    """The portraits of the events within (B x T: bool) with the groups that are known (B x groups: bool),
    each followed by the marks of its groups (B x `SIZE`).

    An event that changes no key is none: a window that reaches beyond its piece is filled up with them.
    """
    within = within & (stretch.after != stretch.before).any(-1)
    strikes = (within & (stretch.key < KEYS)).float()  # B x T
    known = known & (strikes.sum(1, keepdim=True) >= FEWEST_NOTES)
    numbers = torch.cat(
        [
            _scaled(stretch.velocity - 1.0, strikes, LOUDNESS),
            _density(stretch, within, strikes),
            _scaled(stretch.key.float(), strikes, REGISTER),
            _shares((stretch.key + LOWEST_KEY) % PITCH_CLASSES, strikes, PITCH_CLASSES),
            _shares(*_gaps(stretch.cells, strikes), len(GAP_EDGES) + 1),
        ],
        dim=1,
    )
    sizes = torch.tensor([group.size for group in GROUPS], device=numbers.device)
    marks = known.to(numbers.dtype)
    return torch.cat([numbers * marks.repeat_interleave(sizes, dim=1), marks], dim=1)


def _density(stretch: Stretch, within: Tensor, strikes: Tensor) -> Tensor:
    """Onsets per cell, keys sounding at a time, share within a chord (B x 3); time counts from the first
    strike."""
    passed = stretch.cells * (within & _after_the_first(strikes))  # B x T
    count, lasts = strikes.sum(1), passed.sum(1).clamp(min=1.0)
    sounding = (stretch.before.sum(-1) * passed).sum(1) / lasts
    _, apart = _gaps(stretch.cells, strikes)
    together = 1.0 - apart.sum(1) / (count - 1).clamp(min=1.0)
    onsets = (count / lasts).clamp(min=FEWEST_ONSETS)
    return torch.stack(
        [
            onsets.log2() - USUAL_ONSETS,
            (1.0 + sounding).log2() - USUAL_SOUNDING,
            together * TOGETHER_SCALE,
        ],
        dim=1,
    )


def _gaps(cells: Tensor, strikes: Tensor) -> tuple[Tensor, Tensor]:
    """The class of the gap since the last strike before each event, and 1 where it lies between two chords
    (B x T each)."""
    clock = cells.cumsum(1)
    struck_at = torch.where(strikes > 0, clock, 0.0).cummax(1).values
    gap = clock - functional.pad(struck_at, (1, 0))[:, :-1]
    apart = strikes * (_after_the_first(strikes) & (gap > TOGETHER_CELLS))
    edges = torch.tensor(GAP_EDGES, device=gap.device, dtype=gap.dtype)
    return torch.bucketize(gap, edges, right=True), apart


def _after_the_first(strikes: Tensor) -> Tensor:
    """Whether something was struck before each event (B x T)."""
    return strikes.cumsum(1) - strikes > 0


def _scaled(values: Tensor, strikes: Tensor, scale: Scale) -> Tensor:
    """Mean and spread of the values that were struck (B x 2)."""
    count = strikes.sum(1).clamp(min=1.0)
    mean = (values * strikes).sum(1) / count
    variance = ((values - mean[:, None]) ** 2 * strikes).sum(1) / count
    return torch.stack([(mean - scale.middle) / scale.step, variance.sqrt() / scale.spread], dim=1)


def _shares(classes: Tensor, counted: Tensor, size: int) -> Tensor:
    """Which share of what is counted is of each class (B x size)."""
    found = counted.new_zeros(len(counted), size).scatter_add(1, classes, counted)
    return found / counted.sum(1, keepdim=True).clamp(min=1.0) * SHARE_SCALE
