"""How much of a passage sounds with neighbouring keys held against one another.

Knows notes in seconds, the pedal folded in. Must not know keys, chords or who played.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import combinations, pairwise

from music.notes import Note

CLASHES = (1, 13)  # semitones apart: a small second, a small ninth


def share_of_clashes(notes: Sequence[Note]) -> float:
    """Of the time in which two keys or more are down, the share in which two of them clash; 0 of a passage
    that never has two."""
    changes = sorted(
        [(note.at, 1, note.pitch) for note in notes] + [(note.until, -1, note.pitch) for note in notes]
    )
    down: Counter[int] = Counter()
    together_s = clashing_s = 0.0
    for (begin, change, pitch), (end, *_) in pairwise(changes):
        down[pitch] += change
        keys = [key for key, times in down.items() if times]
        if end > begin and len(keys) > 1:
            together_s += end - begin
            clashing_s += (end - begin) * clash(keys)
    return clashing_s / together_s if together_s else 0.0


def clash(pitches: Collection[int]) -> bool:
    """Whether any two of these keys clash."""
    return any(abs(one - other) in CLASHES for one, other in combinations(pitches, 2))
