"""Ten calls that we composed, to hear and see what a model answers; ours, so anybody may have them.

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


OWN_CALLS = (
    OwnCall(
        "Lullaby",
        "G major, rocking in three; soft, the pedal changed with each bar",
        84,
        (
            Voice("D5:2 B4:1 G4:2 A4:1 B4:1.5 C5:.5 B4:1 A4:3", 58),
            Voice("G3:1 D4:1 B3:1 E3:1 B3:1 G3:1 C3:1 G3:1 E3:1 D3:1 A3:1 F#3:1", 42),
        ),
        (0, 3, 6, 9),
    ),
    OwnCall(
        "Chorale",
        "D minor in four voices, a half close and home; even, without pedal",
        72,
        (
            Voice("D5:1 E5:1 F5:1 G5:1 F5:1 E5:.5 D5:.5 C#5:1 D5:2", 68, 0.98),
            Voice("A4:1 A4:1 A4:1 Bb4:1 A4:1 G4:1 E4:1 F4:2", 58, 0.98),
            Voice("F4:1 E4:1 D4:1 D4:1 D4:1 Bb3:.5 B3:.5 A3:1 A3:2", 56, 0.98),
            Voice("D3:1 C#3:1 D3:1 G2:1 A2:1 G2:1 A2:1 D2:2", 62, 0.98),
        ),
    ),
    OwnCall(
        "Invention",
        "C major, two voices running after each other in semiquavers",
        92,
        (
            Voice(
                "-:.25 C5:.25 D5:.25 E5:.25 F5:.25 D5:.25 E5:.25 C5:.25 G5:.5' C6:.5' B5:.5' C6:.5' "
                "D6:.25 G5:.25 A5:.25 B5:.25 C6:.25 A5:.25 B5:.25 G5:.25 C6:.5' G5:.5' E5:.5' F#5:.5' G5:1",
                76,
                0.85,
            ),
            Voice(
                "-:2.25 C4:.25 D4:.25 E4:.25 F4:.25 D4:.25 E4:.25 C4:.25 G4:.5' G3:.5' -:.5 G3:.5' "
                "A3:.25 E4:.25 D4:.25 C4:.25 B3:.5' D4:.5' G3:1",
                70,
                0.85,
            ),
        ),
    ),
    OwnCall(
        "Waltz",
        "E flat major, a bass and two chords to the bar under a turning tune; lively, pedal on "
        "each first beat",
        168,
        (
            Voice(
                "Bb4:1 G5:2 F5:1 Eb5:2 D5:1 C5:2 Eb5:1 Bb4:3 Ab4:2 F5:1 D5:2 C5:1 Bb4:1 C5:1 D5:1 Eb5:3", 80
            ),
            Voice(
                "-:1 Eb3:1 G3+Bb3:1' G3+Bb3:1' Bb2:1 G3+Bb3:1' G3+Bb3:1' C3:1 Ab3+Eb4:1' Ab3+Eb4:1' "
                "Eb3:1 G3+Bb3:1' G3+Bb3:1' F3:1 Ab3+C4:1' Ab3+C4:1' Bb2:1 Ab3+D4:1' Ab3+D4:1' "
                "Bb2:1 Ab3+D4:1' Ab3+D4:1' Eb3:3",
                60,
            ),
        ),
        (1, 4, 7, 10, 13, 16, 19, 22),
    ),
    OwnCall(
        "High and far",
        "F sharp minor, a few slow notes at the top of the piano, ringing in one pedal",
        52,
        (
            Voice("C#6:1.5 A6:.5 G#6:2 F#6:1 C#7:1.5 B6:.5 A6:2", 40),
            Voice("-:2 F#5+C#6:2!30 -:1 D5:2!28 -:2", 30),
        ),
        (0, 4),
    ),
    OwnCall(
        "Octaves",
        "C minor, both hands in octaves, as loud as they can",
        126,
        (
            Voice(
                "C5+C6:1 Eb5+Eb6:.5 D5+D6:.5 C5+C6:.5' G4+G5:.5' Ab4+Ab5:1 F4+F5:.5 G4+G5:.5 Ab4+Ab5:.5' "
                "B4+B5:.5' C5+C6:.5' D5+D6:.5' Eb5+Eb6:1 D5+D6:1 C5+C6:2",
                106,
                0.9,
            ),
            Voice("C2+C3:2 Eb2+Eb3:1 F2+F3:1 D2+D3:1 F2+F3:1 G2+G3:1 G2+G3:2 C2+C3:2", 102, 0.9),
        ),
    ),
    OwnCall(
        "After hours",
        "B flat major, a turnaround in ninths and thirteenths with a lazy line on top",
        104,
        (
            Voice(
                "-:.67 D5:.33 F5:.67 G5:.33 Bb5:1.33 A5:.67 G5:.67 Eb5:.33 D5:.67 Db5:.33 C5:2 "
                "-:.67 F5:.33 D5:.67 Bb4:.33 C5:.67 A4:1.33",
                78,
            ),
            Voice(
                "C3+Bb3+Eb4+G4:2.67' C3+Bb3+Eb4:1.33' F2+A3+Eb4:2.67' F2+Ab3+D4:1.33' Bb2+A3+C4+D4:2.67' "
                "G2+F3+B3+Eb4:1.33'",
                58,
            ),
        ),
    ),
    OwnCall(
        "Creeping",
        "in no key: lines by semitones from both ends towards the middle, growing",
        100,
        (
            Voice(
                "Ab5:.5!44 G5:.5!48 Gb5:.5!52 F5:.5!56 E5:.25!60 F5:.25!62 E5:.25!64 Eb5:.25!66 D5:.5!70 "
                "Db5:.5!74 C5:.5!78 B4:.5!82 Bb4:.5!86 B4:.5!88 A4:1.5!92",
                60,
            ),
            Voice(
                "C3:.5!40 Db3:.5!44 D3:1!48 Eb3:.5!52 E3:.5!56 F3:.5!60 Gb3:.5!64 G3:.5!68 "
                "Ab3:.5!72 A3:.5!76 "
                "Bb3:.5!80 C#4+F4:1.5!86",
                55,
            ),
        ),
    ),
    OwnCall(
        "Harp",
        "E major, broken chords over four octaves in one breath each, swimming in pedal",
        76,
        (
            Voice(
                "E2:.25 B2:.25 E3:.25 G#3:.25 B3:.25 E4:.25 G#4:.25 B4:.25 "
                "E5:.25 G#5:.25 B5:.25 G#5:.25 E5:.25 B4:.25 G#4:.25 E4:.25 "
                "C#2:.25 G#2:.25 C#3:.25 E3:.25 A3:.25 C#4:.25 E4:.25 A4:.25 "
                "C#5:.25 E5:.25 A5:.25 E5:.25 C#5:.25 A4:.25 E4:.25 C#4:.25 "
                "B1:.25 F#2:.25 B2:.25 D#3:.25 A3:.25 B3:.25 D#4:.25 F#4:.25 B4:1",
                62,
            ),
            Voice("-:2.5 B5:1.5!84 -:2.5 A5:1.5!80 -:2 B4:1!70", 80),
        ),
        (0, 4, 8),
    ),
    OwnCall(
        "Round the village",
        "D dorian, one line alone, as a fiddler would play it",
        112,
        (
            Voice(
                "D5:.5 E5:.5 F5:1 A5:.5' G5:.5 F5:.5 E5:.5 D5:1 C5:.5 A4:.5 C5:.5 D5:.5 E5:1 "
                "F5:.5 E5:.5 D5:.5 C5:.5 A4:1 B4:.5 C5:.5 D5:1.5' D5:1.5",
                84,
                0.88,
            ),
        ),
    ),
)
