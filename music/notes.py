"""What a note is, and what happens at a keyboard.

Knows pitch, velocity and seconds. Must not know files, clocks, threads or models: a time is
a number, in seconds, counted from wherever the caller began.
"""

import re
from dataclasses import dataclass

LOWEST_KEY = 21  # A0, the leftmost key of a piano
HIGHEST_KEY = 108  # C8, the rightmost
HIGHEST_PITCH = 127  # of MIDI
KEYS = HIGHEST_KEY - LOWEST_KEY + 1
DEFAULT_VELOCITY = 64  # what the MIDI standard gives a keyboard that can't sense it

_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


@dataclass(frozen=True, slots=True)
class Note:
    """A whole note: struck at `at`, sounding for `length_s`; `voice` is the track it came from."""

    at: float
    pitch: int
    velocity: int
    length_s: float
    voice: int = 0

    @property
    def until(self) -> float:
        """When it ends, in seconds."""
        return self.at + self.length_s


@dataclass(frozen=True, slots=True)
class NoteOn:
    """A key went down."""

    at: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class NoteOff:
    """A key came up."""

    at: float
    pitch: int


@dataclass(frozen=True, slots=True)
class Pedal:
    """The sustain pedal went down or came up."""

    at: float
    down: bool


KeyEvent = NoteOn | NoteOff | Pedal


def is_on_the_piano(pitch: int) -> bool:
    """Whether one of the 88 keys plays this pitch."""
    return LOWEST_KEY <= pitch <= HIGHEST_KEY


def pitch_name(pitch: int) -> str:
    """Its name and octave, with 60 as C4."""
    return f"{_NAMES[pitch % 12]}{pitch // 12 - 1}"


def pitch_named(text: str) -> int | None:
    """The pitch of a number or a name, such as 60, C4 or Bb3; None for what is none of MIDI's."""
    if re.fullmatch(r"\d{1,3}", text):
        return int(text) if int(text) <= HIGHEST_PITCH else None
    named = re.fullmatch(r"([a-g])([#b]?)(-1|\d)", text.lower())
    if named is None:
        return None
    step = "c d ef g a b".index(named[1])
    pitch = step + {"#": 1, "b": -1, "": 0}[named[2]] + 12 * (int(named[3]) + 1)
    return pitch if 0 <= pitch <= HIGHEST_PITCH else None
