"""A call as an encoding writes it down, and the way back: the player's beat, key and loudness.

An encoding that counts beats hears the call in the beat that the player kept, so its grid falls on that beat;
what it draws is played in the same. One that moves music to a key of its own is moved back. One that says
nothing of loudness takes it from the call: each key is as loud as the player was near it. Knows encodings and
phrases. Must not know models.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor
from statistics import median

from music.beats import STEADY_120, TempoMap
from music.continuing.continuation import Rows, rows_of
from music.manner.pulse import beat_of
from music.notes import Note
from music.phrase import Phrase
from music.tokens.encoding import Encoding

_BEAT_S = 0.5  # of the tempo in which a call is written for an encoding that counts beats
_NEAREST = 3  # notes of the call that say how loud a key is
_SOFT, _LOUD = 20, 110  # velocities that an encoding which tells loudness tells apart


@dataclass(frozen=True, slots=True)
class Heard:
    """A call written down, and how written time, pitch and loudness become the player's again."""

    call: Sequence[Note]
    rows: Rows
    begins_at: float  # the player's moment of written second 0
    played_s: float  # how long a written second lasts when it is played
    higher: int  # semitones that a written note is played higher
    tells_loudness: bool

    def played(self, note: Note) -> Note:
        """A note that a model wrote, on the player's clock, in the player's key."""
        pitch = note.pitch + self.higher
        return Note(
            self.begins_at + note.at * self.played_s,
            pitch,
            note.velocity if self.tells_loudness else self._loudness_near(pitch),
            note.length_s * self.played_s,
        )

    def _loudness_near(self, pitch: int) -> int:
        near = sorted(self.call, key=lambda note: abs(note.pitch - pitch))[:_NEAREST]
        return round(median(note.velocity for note in near))


def heard_by(encoding: Encoding, call: Sequence[Note]) -> Heard:
    """A call, its notes by onset and one at least, as this encoding hears it."""
    begins_at, played_s, written_s = call[0].at, 1.0, 1.0
    decoded_beat_s = _decoded_beat_s(encoding)
    if decoded_beat_s is not None:
        begins_at, beat_s = _beat(call)
        played_s, written_s = beat_s / decoded_beat_s, beat_s / _BEAT_S
    written = Phrase.of(
        replace(note, at=(note.at - begins_at) / written_s, length_s=note.length_s / written_s)
        for note in call
    )
    return Heard(
        call,
        rows_of(encoding, written),
        begins_at,
        played_s,
        _moved(written, encoding.reference(written)),
        _tells_loudness(encoding),
    )


def _beat(call: Sequence[Note]) -> tuple[float, float]:
    """The moment of the beat that the call begins in, and how long a beat is: 0.5 s where none is found."""
    found = beat_of([note.at for note in call])
    if found is None:
        return call[0].at, _BEAT_S
    ago = floor((call[0].at - found.at) / found.length_s + 1e-6)
    return min(found.at + ago * found.length_s, call[0].at), found.length_s


def _decoded_beat_s(encoding: Encoding) -> float | None:
    """How long a beat lasts that the encoding decodes; None where it counts no beats."""
    at_120, slower = (
        encoding.reference(Phrase.of([Note(0.0, 60, 64, 0.5), Note(1.0, 60, 64, 0.5)], tempo=tempo)).notes
        for tempo in (STEADY_120, TempoMap.steady(60.0))
    )
    return None if at_120[-1].at == slower[-1].at else slower[-1].at


def _moved(written: Phrase, reference: Phrase) -> int:
    """How many semitones higher the call was than the encoding has it."""
    return round(
        median(note.pitch for note in written.notes) - median(note.pitch for note in reference.notes)
    )


def _tells_loudness(encoding: Encoding) -> bool:
    two = Phrase.of([Note(0.0, 60, _SOFT, 0.5), Note(1.0, 60, _LOUD, 0.5)])
    return len({note.velocity for note in encoding.decode(encoding.encode(two)).notes}) > 1
