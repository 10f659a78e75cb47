"""What the knob "temperature" means to a model: 0 keeps to the player's notes, 2 goes its own way.

At 1 the model is as it was trained. Colder, it holds to the call's pitch classes and register, and its
choice of keys grows surer. *When* something happens follows the knob from afar: the likeliest gap is always
the shortest, so a cold choice of gaps is a crowd of notes, and the safest answer would be the worst. Knows
calls and keys. Must not know models.
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from music.notes import KEYS, LOWEST_KEY

HELD_NATS = 6.0  # at 0, how much less likely a key is that lies outside what the call played
REACH = 7  # semitones beyond the call's own range that still count as inside
KEY_COOLER = (
    0.85  # times the temperature, for keys: what is played is surer than when (docs/default-model.md)
)

COLD, HOT = 0.5, 1.0  # how fast the choice of keys grows surer towards 0, and freer towards 2

Keys = NDArray[np.float32]


def heats(knob: float) -> tuple[float, float, float]:
    """The temperatures of gap, key and velocity at a place of the knob from 0 to 2."""
    freer = HOT if knob > 1.0 else COLD
    return (0.85 + 0.15 * knob, KEY_COOLER * (1.0 + freer * (knob - 1.0)), 0.6 + 0.4 * knob)


def nats_off(knob: float, outside: Keys) -> Keys:
    """How many nats are taken off each key of the piano at a place of the knob."""
    nats: Keys = outside * np.float32(HELD_NATS * max(1.0 - knob, 0.0))
    return nats


def outside_of(played: Collection[int]) -> Keys:
    """1 for each key outside the pitch classes or the range of the pitches played, 0 for all others."""
    if not played:
        return np.zeros(KEYS, np.float32)
    pitches = np.array(list(played))
    keys = np.arange(LOWEST_KEY, LOWEST_KEY + KEYS)
    strange = ~np.isin(keys % 12, pitches % 12)
    far = (keys < pitches.min() - REACH) | (keys > pitches.max() + REACH)
    outside: Keys = (strange | far).astype(np.float32)
    return outside
