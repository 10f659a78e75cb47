"""Which of many answers to play: the one that is nearest to the call in what a listener would name, but no
nearer than real music goes.

The distances are those of `music.manner.features`, each in units of what it comes to between strangers. Up to
what a quarter of true continuations keep within, a distance costs nothing: a copy is no answer. Knows
features. Must not know models.
"""

from collections.abc import Mapping

from music.manner.copying import Intervals, longest_shared
from music.manner.features import Features, distances

# Of 120 calls of validation pieces (rolls, scores, MAESTRO): the mean distance between strangers, and the
# distance between a call and its continuation that a quarter of them keep within. Of motifs, a tenth may be
# taken up and costs nothing.
STRANGERS: Mapping[str, float] = {
    "pitch classes": 0.603,
    "density": 0.986,
    "loudness": 0.492,
    "loudness spread": 4.934,
    "register": 7.312,
    "sounding": 0.785,
    "chords": 0.37,
    "span": 9.861,
    "gaps": 0.897,
    "pulse": 1.006,
    "articulation": 1.209,
    "intervals": 0.669,
    "motifs": 0.997,
}
NEAR: Mapping[str, float] = {
    "pitch classes": 0.273,
    "density": 0.137,
    "loudness": 0.037,
    "loudness spread": 0.815,
    "register": 1.799,
    "sounding": 0.121,
    "chords": 0.048,
    "span": 1.725,
    "gaps": 0.177,
    "pulse": 0.331,
    "articulation": 0.082,
    "intervals": 0.385,
    "motifs": 0.9,
}
MOST_MOTIFS = 0.25  # more of an answer's motifs than this, taken from the call, make it a copy
# Whoever costs more was not listening: beside the call itself 98 of 100 true continuations cost less; beside
# what is likely to follow it, which an answer is measured by since, so many cost less than 1.0.
NONSENSE = 0.58

LONGEST_RUN = 3  # intervals in a row of the call's tune: true continuations have as many, on average
_RUN_COSTS = 0.04  # for each more


def cost_of_copying(answer: Intervals, call: Intervals, longest: int = LONGEST_RUN) -> float:
    """What it costs to play the call's tune, in whatever key, for longer than true continuations do."""
    return _RUN_COSTS * max(longest_shared(answer, call) - longest, 0)


def cost_of(answer: Features, call: Features, repeated: float = 0.0) -> float:
    """What an answer costs beside a call that repeats so much of itself, as a share of its motifs: of such a
    call as much may be taken up."""
    found = distances(answer, call)
    copied = max(1.0 - found["motifs"] - max(MOST_MOTIFS, repeated), 0.0)
    return copied + sum(max(found[name] - NEAR[name], 0.0) / STRANGERS[name] for name in STRANGERS) / len(
        STRANGERS
    )
