"""How an answer ends: on the tonic's chord, if its call is in a key that can be heard, and a little slower,
if its call keeps no beat.

Without it an answer stops where its time is over. Knows notes and keys. Must not know features or models.
"""

from collections.abc import Sequence
from dataclasses import replace

from music.keys import Key, best_fit
from music.notes import HIGHEST_KEY, LOWEST_KEY, Note
from realtime.answerers.passages.voicing import Chords, gathered

CLEAR_KEY = 0.6  # a fit: a call that fits no key better has none
FEWEST_CHORDS = 5  # of a shorter answer the end would be half of it
SLOWER = (1.08, 1.2)  # times as long are the last two gaps
_THIRD = {False: 4, True: 3}  # semitones above the tonic, by whether the key is minor
_FIFTH = 7


def key_heard(call: Sequence[Note]) -> Key | None:
    """The call's key, if it is clear."""
    found = best_fit(call)
    return found.key if found.fit >= CLEAR_KEY else None


def closed(notes: Sequence[Note], key: Key | None, *, keeps_beat: bool) -> list[Note]:
    """The answer with its last chord in the tonic's: the lowest of several notes on the tonic, the others on
    the nearest note of the chord. It slows down for it unless it keeps a beat."""
    chords = gathered(notes)
    if key is None or len(chords) < FEWEST_CHORDS:
        return list(notes)
    *before, last = chords if keeps_beat else _slowed(chords)
    return [note for chord in [*before, _on_the_tonic(last, key)] for note in chord]


def _on_the_tonic(chord: Sequence[Note], key: Key) -> list[Note]:
    triad = {(key.tonic + step) % 12 for step in (0, _THIRD[key.is_minor], _FIFTH)}
    ended: dict[int, Note] = {}
    for number, note in enumerate(sorted(chord, key=lambda note: note.pitch)):
        classes = {key.tonic} if number == 0 and len(chord) > 1 else triad
        pitch = _nearest(note.pitch, classes, key.tonic)
        ended.setdefault(pitch, replace(note, pitch=pitch))
    return sorted(ended.values(), key=lambda note: (note.at, note.pitch))


def _nearest(pitch: int, classes: set[int], tonic: int) -> int:
    """The nearest key of these pitch classes; of two as near, the tonic."""
    keys = (key for key in range(LOWEST_KEY, HIGHEST_KEY + 1) if key % 12 in classes)
    return min(keys, key=lambda key: (abs(key - pitch), key % 12 != tonic))


def _slowed(chords: Chords) -> Chords:
    """The last gaps, and what sounds in them, longer and longer."""
    slowed, later_s = list(chords), 0.0
    for place, factor in enumerate(SLOWER, len(chords) - len(SLOWER)):
        gap_s = chords[place][0].at - chords[place - 1][0].at
        slowed[place - 1] = [replace(note, length_s=note.length_s * factor) for note in slowed[place - 1]]
        later_s += gap_s * (factor - 1)
        slowed[place] = [replace(note, at=note.at + later_s) for note in chords[place]]
    return slowed
