"""Notes as they are heard: those struck together are one chord, and a single note is a chord of one.

Knows notes. Must not know keys, beats or who played.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from music.notes import Note

TOGETHER_S = 0.05  # onsets nearer to the first of a chord belong to it


@dataclass(frozen=True, slots=True)
class Chord:
    """What is struck at one moment: its pitches from low to high, each once."""

    at: float
    pitches: tuple[int, ...]
    until: float  # when the last of it ends


def chords_of(notes: Sequence[Note]) -> list[Chord]:
    """Notes by onset, as chords."""
    gathered: list[list[Note]] = []
    for note in notes:
        if gathered and note.at - gathered[-1][0].at < TOGETHER_S:
            gathered[-1].append(note)
        else:
            gathered.append([note])
    return [
        Chord(
            struck[0].at,
            tuple(sorted({note.pitch for note in struck})),
            max(note.until for note in struck),
        )
        for struck in gathered
    ]


def tune_of(chords: Sequence[Chord]) -> list[int]:
    """The highest pitch of each chord: what a listener takes for the tune."""
    return [chord.pitches[-1] for chord in chords]


def gaps_between(chords: Sequence[Chord]) -> list[float]:
    """Seconds from each chord to the next."""
    return [later.at - before.at for before, later in pairwise(chords)]
