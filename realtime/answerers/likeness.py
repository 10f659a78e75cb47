"""How a call is made like the music that a model knows, and its answer like the call: loudness and pace.

A model trained on dense, soft recordings answers a slow loud tune with what it knows: dense and soft.
So the call is heard as much softer, and as much faster, as brings it to the edge of that music, and the
answer is played as much louder and slower. Knows calls and what a model file says. Must not know how a model
answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from statistics import fmean

from music.notes import KeyEvent, NoteOn
from music.tokens.scales import CELLS_PER_S, VELOCITIES_PER_BIN, VELOCITY_BINS

Range = tuple[float, ...] | None  # a low and a high value, if they are known

SLOWEST, FASTEST = 4.0, 0.5  # how much slower, or faster, an answer may be than it was drawn
FEWEST_ONSETS = 3  # fewer tell no pace
TOGETHER_CELLS = 3  # gaps up to 30 ms are the spread of a chord, not rhythm: they stay as they are


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a call is heard: `softer` by so many bins of velocity, time running `slower` times as fast."""

    softer: int = 0
    slower: float = 1.0

    def heard_s(self, seconds: float) -> float:
        """A length of time as the model hears it."""
        return seconds / self.slower

    def played_s(self, cells: int) -> float:
        """A gap of the model's as it is played, in seconds."""
        return cells * (self.slower if cells > TOGETHER_CELLS else 1.0) / CELLS_PER_S

    def heard_velocity(self, velocity: int) -> int:
        """A token's velocity as the model hears it; the 0 of a key going up stays."""
        return _moved(velocity, -self.softer)

    def played_velocity(self, velocity: int) -> int:
        """A token's velocity as it is played."""
        return _moved(velocity, self.softer)


def likeness_of(call: Sequence[KeyEvent], loudness: Range, density: Range) -> Likeness:
    """How a call is to be heard. In coarse steps, so that a growing call seldom has to be heard anew."""
    struck = [event for event in call if isinstance(event, NoteOn)]
    if not struck:
        return Likeness()
    return Likeness(_softer(struck, loudness), _slower(struck, density))


def _softer(struck: Sequence[NoteOn], loudness: Range) -> int:
    if loudness is None:
        return 0
    mean, (quiet, loud) = fmean(note.velocity for note in struck), loudness
    beyond = max(mean - loud, 0.0) + min(mean - quiet, 0.0)
    return 2 * round(beyond / VELOCITIES_PER_BIN / 2)


def _slower(struck: Sequence[NoteOn], density: Range) -> float:
    lasts_s = struck[-1].at - struck[0].at
    if density is None or len(struck) < FEWEST_ONSETS or lasts_s <= 0:
        return 1.0
    onsets_a_second, (sparse, dense) = (len(struck) - 1) / lasts_s, density
    wanted = max(sparse / onsets_a_second, 1.0) * min(dense / onsets_a_second, 1.0)
    half_octaves = round(2 * log2(min(max(wanted, FASTEST), SLOWEST)))
    return float(2 ** (half_octaves / 2))


def _moved(velocity: int, bins: int) -> int:
    return min(max(velocity + bins, 1), VELOCITY_BINS) if velocity else 0
