"""How loud each key of an answer is: mostly as the model draws it, or as the player has been playing there.

A mixture of both, drawn exactly: one random number says which of the two speaks, and then what it says. The
tune is louder than what accompanies it, if the player's was. Knows what was heard. Must not know a session.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from music.listening.loudness_memory import remembered, share_of_memory
from music.notes import KEYS, LOWEST_KEY, Note
from music.tokens.scales import velocity_bin
from realtime.answerers.likeness import Likeness

_COLDEST = 0.01  # colder is as cold


@dataclass(frozen=True)
class Accents:
    """What a call has shown: `share` of an answer's notes are as loud as `steps` say (88 x 32: of each key,
    the chances of each bin of velocity, summed up)."""

    share: float
    steps: NDArray[np.float64]

    @classmethod
    def of(cls, call: Sequence[Note], likeness: Likeness, temperature: float) -> "Accents":
        """What the notes of a call show, as they are heard; colder, the likeliest is likelier."""
        bins = [likeness.heard_velocity(velocity_bin(note.velocity) + 1) - 1 for note in call]
        keys = [note.pitch - LOWEST_KEY for note in call]
        shares = remembered(keys, bins, np.arange(KEYS))
        shares = (shares / shares.max(1, keepdims=True)) ** (1.0 / max(temperature, _COLDEST))
        return cls(share_of_memory(len(call)), (shares / shares.sum(1, keepdims=True)).cumsum(1))

    def for_model(self, chance: float) -> float:
        """The random number that is left to the model, from 0 to 1, where it speaks."""
        return chance if chance < self.share else (chance - self.share) / (1.0 - self.share)

    def velocity(self, key: int, drawn: int, chance: float) -> int:
        """The velocity of an event: 0 of a key going up, or else the model's or the player's."""
        if key >= KEYS or chance >= self.share:
            return drawn
        return int(np.searchsorted(self.steps[key], chance / self.share).clip(0, self.steps.shape[1] - 1)) + 1
