"""Whether a listener wears headphones: of three tones the softest, one of the loud ones out of phase.

Loudspeakers, and a phone's single one, cancel the tone that is out of phase, which is then taken for the
softest (Woods et al. 2017). Knows chances and answers. Must not know how tones are made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

TONES = 3
QUESTIONS = 6
RIGHT_NEEDED = 5  # by guessing, 1.8 % reach it
ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Tones:
    """Three tones: which is the softest, and which is out of phase between the ears."""

    softest: int
    out_of_phase: int


def tones_for(listener: str, attempt: int) -> list[Tones]:
    """The rounds of a listener's attempt, alike whenever they are asked for."""
    chance = Random(f"headphones {listener} {attempt}")
    return [Tones(*chance.sample(range(TONES), 2)) for _ in range(QUESTIONS)]


def right(answers: Sequence[int], listener: str, attempt: int) -> int:
    """How many of the answers are right."""
    rounds = tones_for(listener, attempt)
    return sum(answer == tones.softest for answer, tones in zip(answers, rounds, strict=True))
