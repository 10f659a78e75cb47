"""What chord an answer is in, moment by moment: the call's own, as it sounds about each of its onsets.

A call that broke its chord or held it is answered in that chord, and by one that changes where the call's
did. What is struck together stands as it does in the call: thirds for thirds, and no seconds where it has
none. Knows notes. Must not know features or models.
"""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from music.manner.chords import TOGETHER_S
from music.notes import Note

NO_BEAT_S = 0.5  # a beat, where none is kept
_BEFORE, _AFTER = 0.25, 0.5  # of a beat: so far from an onset, what sounds counts e times less
_RARE = 0.04  # of all that sounds: less is as foreign
_CLASSES = 12
NEIGHBOURS = (1, 2)  # semitones: keys so near blur one another
_SOON_S = 2.0  # in which a neighbour is looked for
_RINGING = 0.3  # of the notes that meet a neighbour, so many ring on under a pedal

# Of what is struck together, by semitones from the note above, whole octaves left out: what kind of interval
# it is (octaves, seconds, thirds ...), and what it costs where the call has another kind; in semitones that a
# note lies away from its voice, as all that counts there.
_KIN = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6)
_HARSH = (4.0, 24.0, 12.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4.0, 24.0)
_OTHER_INTERVAL = 6.0  # from the nearest voice

Harmony = Sequence[float]  # of each pitch class: how foreign it is, 0 of the one that sounds most
NO_HARMONY: Harmony = (0.0,) * _CLASSES


def harmonies_of(notes: Sequence[Note], onsets: Sequence[float], beat_s: float | None) -> list[Harmony]:
    """How foreign each pitch class is to what sounds about each onset: how much rarer it is there than the
    commonest, as a logarithm."""
    begins = np.array([note.at for note in notes])
    ends = np.array([note.until for note in notes])
    is_of_class = np.array([note.pitch % _CLASSES for note in notes])[:, None] == np.arange(_CLASSES)
    length_s = beat_s or NO_BEAT_S
    moments = np.array(onsets)[:, None]
    sounding = (_counted(ends - moments, length_s) - _counted(begins - moments, length_s)) @ is_of_class
    shares = np.maximum(sounding / np.maximum(sounding.sum(1, keepdims=True), 1e-9), _RARE)
    foreign: list[Harmony] = np.log(shares.max(1, keepdims=True) / shares).tolist()
    return foreign


def apart_as_in_the_call(voice: int, struck: Sequence[tuple[int, int]]) -> list[float]:
    """What a note of each pitch class costs where a voice of the call's is answered: `struck` has the voices
    above it of the same chord, the nearest last, each with what was struck for it.

    A second or a seventh that the call has not there is harsh; to the nearest voice any interval of another
    kind costs a little.
    """
    costs = [0.0] * _CLASSES
    for left, (above, answer) in enumerate(struck, 1 - len(struck)):
        wanted = (above - voice) % _CLASSES
        a_little = 0.0 if left else _OTHER_INTERVAL
        for pitch_class in range(_CLASSES):
            found = (answer - pitch_class) % _CLASSES
            if _KIN[found] != _KIN[wanted]:
                costs[pitch_class] += a_little + _HARSH[found]
    return costs


def clearness_of(notes: Sequence[Note]) -> float:
    """How clearly a call lets go of its keys, from 0 to 1: 1 where none rings on over a neighbour that is
    struck after it, 0 where as many do as under a pedal."""
    met, rang = 0, 0
    for place, note in enumerate(notes):
        neighbour = next_neighbour(note, notes[place + 1 :], note.at + _SOON_S)
        if neighbour is not None:
            met += 1
            rang += note.until > neighbour.at + TOGETHER_S
    return max(1.0 - rang / max(met, 1) / _RINGING, 0.0)


def next_neighbour(
    note: Note, later: Iterable[Note], until: float, apart: Collection[int] = NEIGHBOURS
) -> Note | None:
    """The first of later notes, struck before a moment and not together with this one, whose key is a
    neighbour of this one's."""
    for other in later:
        if other.at >= until:
            return None
        if abs(other.pitch - note.pitch) in apart and other.at - note.at > TOGETHER_S:
            return other
    return None


def _counted(later_s: NDArray[np.float64], length_s: float) -> NDArray[np.float64]:
    """How many seconds about a moment have gone by so much later than it (or before it, where it is
    negative), each the less the farther away."""
    before_s, after_s = _BEFORE * length_s, _AFTER * length_s
    before = before_s * np.exp(np.minimum(later_s, 0.0) / before_s)
    after = after_s * (1 - np.exp(-np.maximum(later_s, 0.0) / after_s))
    return before + after
