"""A piece as a file holds it: its phrase, and what is written over the notes.

Knows phrases and beats of a quarter note. Must not know files, bytes or ticks other than how many make a
beat.
"""

from dataclasses import dataclass

from music.phrase import Phrase


@dataclass(frozen=True, slots=True)
class Metre:
    """From `beat` on, bars of `count` notes of a `unit`-th: 6/8 is (6, 8)."""

    beat: float
    count: int
    unit: int


@dataclass(frozen=True, slots=True)
class KeySignature:
    """From `beat` on, so many sharps (or, below 0, flats); minor or major."""

    beat: float
    sharps: int
    is_minor: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """Something said at a beat: `kind` is text, copyright, instrument, lyric, marker or cue."""

    beat: float
    text: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Part:
    """Who plays the notes of one `voice`: a name, a channel from 0 to 15, a General MIDI program from 0.

    The phrase's pedal is written on the channels of parts that are `pedalled`.
    """

    voice: int
    name: str = ""
    channel: int = 0
    program: int = 0
    pedalled: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of music: `name` says where it came from, `repairs` what had to be guessed to read it.

    `parts` has one for each voice with notes or a name, in order. `ticks_per_beat` is how finely its file
    counts.
    """

    phrase: Phrase
    name: str = ""
    parts: tuple[Part, ...] = ()
    metres: tuple[Metre, ...] = ()
    keys: tuple[KeySignature, ...] = ()
    words: tuple[Words, ...] = ()
    ticks_per_beat: float = 480.0
    repairs: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name of the first track, by the standard that of the piece."""
        return self.parts[0].name if self.parts and self.parts[0].voice == 0 else ""
