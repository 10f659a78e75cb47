"""How full and how empty a passage is: onsets in a second and at one moment, one key struck again and again, gaps and silences.

Knows notes. Must not know what is too much: that is the caller's to say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from music.notes import Note

MOMENT_S = 0.03  # onsets this near to one another are heard as one chord
SECOND_S = 1.0


@dataclass(frozen=True, slots=True)
class Passage:
    """What some notes come to at most, anywhere in them."""

    fullest_second: int  # onsets
    fullest_moment: int  # onsets
    longest_repetition: int  # strikes of one key running, with no other key struck between them
    longest_gap_s: float  # from one onset to the next
    longest_silence_s: float  # between two notes, with none sounding


def passage_of(notes: Sequence[Note]) -> Passage:
    """Measure notes in order of their onsets, the pedal folded in; none come to nothing."""
    onsets = [note.at for note in notes]
    return Passage(
        fullest(onsets, SECOND_S),
        fullest(onsets, MOMENT_S),
        max((len(list(strikes)) for _, strikes in groupby(note.pitch for note in notes)), default=0),
        max((later - earlier for earlier, later in pairwise(onsets)), default=0.0),
        max(_silences_s(notes), default=0.0),
    )


def fullest(onsets: Sequence[float], window_s: float) -> int:
    """The most onsets, given in order, that any window of this length holds; what is exactly so far apart is not in one."""
    most = first = 0
    for place, at in enumerate(onsets):
        while at - onsets[first] >= window_s:
            first += 1
        most = max(most, place - first + 1)
    return most


def _silences_s(notes: Iterable[Note]) -> Iterable[float]:
    until = None
    for note in notes:
        if until is not None:
            yield max(note.at - until, 0.0)
        until = max(until or 0.0, note.at + note.length_s)
