"""What judging needs of a model that plays: an answer to a call.

Knows phrases alone; must not know a runtime, turns or how an answer is made.
"""

from typing import Protocol

from music.phrase import Phrase


class Answerer(Protocol):
    """A model that answers as it would live, every time alike."""

    def answer_to(self, call: Phrase, number: int) -> Phrase:
        """The answer to a call that begins at 0, on its clock, pedal folded; `number` seeds its chances."""
