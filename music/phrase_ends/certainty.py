"""How sure one may be that a phrase is over, by its cues and by how long nothing has come since.

A small network, learnt offline (`training/phrase_ends.py`), makes of the cues two numbers: how sure one may
be after a second of silence, and how much surer with each longer one. Its weights are data in `learnt.py`.
Must not know who plays, nor what is done when a phrase is over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, fsum, inf, log, log1p, tanh
from operator import mul

from music.phrase_ends.cues import Playing, cues
from music.phrase_ends.learnt import CENTRES, ENOUGH, HIDDEN, OUT, SPREADS

SHORTEST_S, LONGEST_S = 0.25, 1.2  # silences that are waited for: in less, no answer is thought of
FURTHEST = 4.0  # spreads from its centre that a cue counts for at most
LEAST_GROWTH = 0.3
_FEW = 16  # values of `Playing` that are asked about again and again while a silence lasts


@dataclass(frozen=True, slots=True)
class Certainty:
    """The logarithm of the odds that a phrase is over: after a second of silence, and by how much they grow
    each time that the silence is e times as long."""

    after_a_second: float
    growth: float

    def log_odds(self, silence_s: float) -> float:
        """The logarithm of the odds after a silence; the longer, the surer."""
        return self.after_a_second + self.growth * log(silence_s) if silence_s > 0 else -inf

    def silence_s(self, times_the_odds: float = 1.0) -> float:
        """How long a silence must last, in seconds, for the odds to be so many times those that are
        enough."""
        return exp((ENOUGH + log(times_the_odds) - self.after_a_second) / self.growth)


@lru_cache(_FEW)
def certainty_after(playing: Playing) -> Certainty | None:
    """How sure one may be after this; None while something is held, or before the playing has shown its
    pace."""
    found = cues(playing)
    return None if found is None else certainty_of(found)


def certainty_of(found: Sequence[float]) -> Certainty:
    """How sure one may be by these cues."""
    places = [
        min(max((cue - centre) / spread, -FURTHEST), FURTHEST)
        for cue, centre, spread in zip(found, CENTRES, SPREADS, strict=True)
    ]
    hidden = [tanh(_dot(weights, (1.0, *places))) for weights in HIDDEN]
    after_a_second, growth = (_dot(weights, (1.0, *hidden)) for weights in OUT)
    return Certainty(after_a_second, LEAST_GROWTH + _softplus(growth))


def _softplus(number: float) -> float:
    return number if number > 30 else log1p(exp(number))


def _dot(weights: Sequence[float], numbers: Sequence[float]) -> float:
    return fsum(map(mul, weights, numbers))
