"""How music goes on from a call, as far as the call tells: nearer to the middle than the call was.

A high phrase is followed by one that is less high, a wide one by one less wide. An answer that aims at that,
and not at the call itself, is nearer to what really follows. `antiphon bench going-on` learns the numbers
from pieces. Knows features and keys. Must not know answers, nor how they are fitted.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import log2

import numpy as np

from music.keys import Key, scale_of
from music.manner.features import Features, Shares

# Learnt from 800 calls of train pieces (400 of rolls, 400 of scores): the middle of each feature, and which
# share of the way there the music goes. Loudness and gaps stay where the call is. Lengths of notes, density
# and notes sounding are in octaves of a factor.
MIDDLES: Mapping[str, tuple[float, float]] = {
    "density": (3.07, 0.16),
    "register": (62.5, 0.34),
    "sounding": (2.0, 0.32),
    "chords": (0.60, 0.18),
    "span": (17.1, 0.32),
    "articulation": (0.95, 0.32),
}
CLASSES_TO_SCALE = 0.2  # the share of all pitch classes alike, of the scale where a key is clear
STEPS_TO_MIDDLE = 0.4  # the share of the tune's usual steps
STEPS: tuple[float, ...] = (
    *(0.127, 0.003, 0.008, 0.013, 0.008, 0.016, 0.009, 0.025, 0.023, 0.039, 0.100, 0.066),  # down
    0.084,
    *(0.074, 0.075, 0.053, 0.037, 0.041, 0.011, 0.021, 0.015, 0.017, 0.009, 0.004, 0.122),  # up
)
KEPT = 0.75  # of each way, so much is gone: chosen on validation calls
IN_OCTAVES = ("density", "sounding", "articulation")
_LEAST = 0.05


def goal_of(like: Features, call: Features, key: Key | None) -> Features:
    """What an answer aims at that is to be like this: the call as it goes on, or, where a hand has moved it,
    moved as far from there."""
    moved = {name: _on_the_way(name, like, call) for name in MIDDLES}
    return replace(
        like,
        density=moved["density"],
        register=moved["register"],
        sounding=moved["sounding"],
        chords=min(max(moved["chords"], 0.0), 1.0),
        span=moved["span"] if like.span else 0.0,  # a single line stays one
        articulation=moved["articulation"],
        pitch_classes=mixed(like.pitch_classes, evenly_in(key), CLASSES_TO_SCALE),
        intervals=mixed(like.intervals, np.array(STEPS), STEPS_TO_MIDDLE),
    )


def measured(name: str, features: Features) -> float:
    """A feature as its middle is measured: in octaves of a factor, where it is a ratio."""
    value = float(getattr(features, name))
    return log2(max(value, _LEAST)) if name in IN_OCTAVES else value


def mixed(own: Shares, others: Shares, share: float) -> Shares:
    """Shares of which so much is others'."""
    both: Shares = (1 - share) * own + share * others / others.sum()
    return both


def evenly_in(key: Key | None) -> Shares:
    """All pitch classes of a key's scale alike, or, without a key, all twelve."""
    steps = range(12) if key is None else scale_of(key)
    found: Shares = np.bincount(list(steps), minlength=12) / len(steps)
    return found


def _on_the_way(name: str, like: Features, call: Features) -> float:
    """The feature of what the answer is to be like, moved by as much as music moves on from the call."""
    middle, share = MIDDLES[name]
    by = KEPT * share * (middle - measured(name, call))
    here = float(getattr(like, name))
    return here * 2.0**by if name in IN_OCTAVES else here + by
