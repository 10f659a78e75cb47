"""Which of many answers to play: the one that is nearest to the call in what a listener would name, but no
nearer than real music goes.

The distances are those of `music.manner.features`, each in units of what it comes to between strangers. Up to
what it comes to between a phrase and how its piece goes on, a distance costs nothing more: a copy is no
answer. Knows features. Must not know models.
"""

from collections.abc import Mapping

from music.manner.features import Features, distances

# Of 120 calls of validation pieces (rolls, scores, MAESTRO): the mean distance between strangers, and the
# median between a call and its continuation.
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
    "pitch classes": 0.348,
    "density": 0.24,
    "loudness": 0.133,
    "loudness spread": 2.178,
    "register": 3.167,
    "sounding": 0.263,
    "chords": 0.125,
    "span": 4.08,
    "gaps": 0.357,
    "pulse": 0.771,
    "articulation": 0.408,
    "intervals": 0.479,
    "motifs": 1.0,
}


def cost_of(answer: Features, call: Features) -> float:
    """What an answer costs beside a call."""
    found = distances(answer, call)
    return sum(max(found[name] - NEAR[name], 0.0) / STRANGERS[name] for name in STRANGERS) / len(STRANGERS)
