"""What judging needs of a model that plays by itself: that it goes on from a call for as long as is asked.

Knows phrases alone; must not know a runtime, nor how it goes on.
"""

from typing import Protocol

from music.phrase import Phrase


class Soloist(Protocol):
    """A model that goes on by itself, every time alike."""

    def go_on(self, call: Phrase, number: int, length_s: float) -> Phrase:
        """What it plays after a call for so many seconds, on the call's clock, pedal folded; `number` seeds
        its chances."""
