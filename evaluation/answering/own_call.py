"""A call that we composed: how it is written, and how it is played from that.

A voice is written as words `PITCHES:BEATS`, one after another: `G4:1` lasts a beat, `G3+B3+D4:2` is a chord,
`-:1` a rest; `!80` gives a word a velocity of its own, and `'` after the beats makes it short. Played, a call
gets the small unevenness of a hand, the same every time. Knows notes and beats. Must not know models.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from music.notes import Note, Pedal
from music.phrase import Phrase, each_key_once

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHIFTS = {"#": 1, "b": -1}
_UNEVEN_S = 0.009  # a practised hand is about so far off the beat
_SPREAD_S = 0.005  # from one note of a chord to the next
_SHORT = 0.4  # of its written length, where a word is marked short
_BREADTH = 0.12  # how much slower the last beats are than the first
_PEDAL_LATE_S = 0.06  # the foot follows the hand


@dataclass(frozen=True, slots=True)
class Voice:
    """One hand, or one line of it: words, how loud, and what share of its written length a note is held."""

    words: str
    velocity: int
    held: float = 0.95


@dataclass(frozen=True, slots=True)
class OwnCall:
    """A call: what it is, its tempo, its voices, and the beats at which the pedal is changed."""

    name: str
    about: str
    beats_a_minute: float
    voices: tuple[Voice, ...]
    pedal_changes: tuple[float, ...] = ()

    def phrase(self) -> Phrase:
        """As it is played, from second 0."""
        rows = [row for voice in self.voices for row in _rows(voice)]
        until = max(beat + beats for beat, _, beats, *_ in rows)
        chance = Random(self.name)
        notes = [_played(row, self.beats_a_minute, until, chance) for row in rows]
        first = min(note.at for note in notes)
        return Phrase.of(each_key_once(notes), self._pedals(until)).moved(-first)

    def _pedals(self, until: float) -> Iterator[Pedal]:
        """Up at each change and down again just after, and up at the end."""
        for place, beat in enumerate(self.pedal_changes):
            at = self._second(beat, until)
            if place:
                yield Pedal(at, False)
            yield Pedal(at + _PEDAL_LATE_S, True)
        if self.pedal_changes:
            yield Pedal(self._second(until, until) + _PEDAL_LATE_S, False)

    def _second(self, beat: float, until: float) -> float:
        return _second(beat, self.beats_a_minute, until)


def _rows(voice: Voice) -> Iterator[tuple[float, float, float, int, int]]:
    """Beat, place in its chord, beats held, pitch, velocity of each note of a voice."""
    beat = 0.0
    for word in voice.words.split():
        written, _, loud = word.partition("!")
        pitches, _, length = written.partition(":")
        beats = float(length.rstrip("'"))
        held = beats * (_SHORT if length.endswith("'") else voice.held)
        if pitches != "-":
            for place, pitch in enumerate(pitches.split("+")):
                yield beat, place, held, pitch_named(pitch), int(loud or voice.velocity)
        beat += beats


def pitch_named(name: str) -> int:
    """`C4` is 60; `Bb3` and `F#5` are what they seem."""
    letter, shifts, octave = name[0], name[1:-1], int(name[-1])
    return 12 * (octave + 1) + _STEPS[letter] + sum(_SHIFTS[shift] for shift in shifts)


def _played(
    row: tuple[float, float, float, int, int], beats_a_minute: float, until: float, chance: Random
) -> Note:
    beat, place, held, pitch, velocity = row
    swell = 8 * (1 - abs(2 * beat / until - 1.1))  # a phrase grows towards its middle, and a little beyond
    at = _second(beat, beats_a_minute, until) + place * _SPREAD_S + chance.gauss(0, _UNEVEN_S / 2)
    until_s = _second(beat + held, beats_a_minute, until) + chance.gauss(0, _UNEVEN_S)
    louder = velocity + swell + chance.gauss(0, 2.5)
    return Note(at, pitch, min(max(round(louder), 8), 124), max(until_s - at, 0.04))


def _second(beat: float, beats_a_minute: float, until: float) -> float:
    """The tempo broadens towards the end: the last tenth of the beats carries most of it."""
    share = beat / until
    return beat * 60 / beats_a_minute * (1 + _BREADTH * share**9 / 10)
