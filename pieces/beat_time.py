"""Written music as somebody might play it, with time counted in its own beats: each lasts the same, whatever
the tempo.

In gaps of 10 ms the same rhythm looks different at every tempo; in beats it always looks the same
(`music.listening.beat_time`). The unevenness of a hand is added: chords spread, onsets stray, loudness
swells. Must not know encodings or models.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import pairwise
from math import isfinite, pi, sin
from random import Random
from statistics import median
from typing import ClassVar

from music.beats import TempoMap
from music.listening.beat_time import BEAT_S, doublings_for
from music.notes import Note, Pedal
from music.phrase import Phrase, each_key_once
from music.settings import SettingError

_TOGETHER_BEATS = 1 / 32  # nearer onsets are one chord
_TEMPO = TempoMap(((0.0, BEAT_S),))
# How uneven a practised hand is (standard deviations).
_ONSET_S = 0.006  # of a chord or a single note, from its place in the beat
_SPREAD_S = 0.004  # of each note of a chord, after it
_LENGTH_SHARE = 0.08  # of how long a note is held
_LOUDNESS = 3.0  # of a note's velocity
_SWELL = 5.0  # velocities that a phrase grows and falls by
_SWELL_BEATS = 16.0
_SHORTEST_S = 0.02


@dataclass(frozen=True, slots=True)
class BeatTime:
    """A phrase whose tempo says where its beats are, in beats of 0.48 s and played by a hand; the same phrase
    is always played alike."""

    name: ClassVar[str] = "beat-time"
    uneven: float = 1.0  # how many times as uneven as a practised hand

    def __post_init__(self) -> None:
        if not (isfinite(self.uneven) and self.uneven >= 0):
            raise SettingError(f"beat-time is 0 or more times as uneven as a hand, not {self.uneven}")

    def __call__(self, phrase: Phrase) -> Phrase:
        """The phrase as it is to be encoded."""
        beats = [phrase.tempo.beat_at(note.at) for note in phrase.notes]
        scale = BEAT_S / 2.0 ** doublings_for(_usual_gap(beats))

        def second(at: float) -> float:
            return phrase.tempo.beat_at(at) * scale

        notes = [
            replace(note, at=second(note.at), length_s=max(second(note.until) - second(note.at), 0.0))
            for note in phrase.notes
        ]
        pedals = [Pedal(second(pedal.at), pedal.down) for pedal in phrase.pedals]
        return Phrase.of(each_key_once(_played(notes, self.uneven)), pedals, _TEMPO)


def _usual_gap(beats: Sequence[float]) -> float:
    """The median gap, in beats, between chords or single notes."""
    gaps = [later - earlier for earlier, later in pairwise(beats) if later - earlier > _TOGETHER_BEATS]
    return median(gaps) if gaps else 0.5


def _played(notes: Sequence[Note], uneven: float) -> list[Note]:
    """The notes as a hand strikes them."""
    beginning = repr([(round(note.at, 3), note.pitch) for note in notes[:32]])
    chance = Random(blake2b(beginning.encode(), digest_size=8).digest())
    phase = chance.random()
    played: list[Note] = []
    struck_at, stray = -1.0, 0.0
    for note in notes:
        if note.at - struck_at > _TOGETHER_BEATS * BEAT_S:
            struck_at, stray = note.at, chance.gauss(0, _ONSET_S)
        off = uneven * (stray + abs(chance.gauss(0, _SPREAD_S)))
        swell = _SWELL * sin(2 * pi * (note.at / BEAT_S / _SWELL_BEATS + phase))
        louder = uneven * (swell + chance.gauss(0, _LOUDNESS))
        played.append(
            replace(
                note,
                at=max(note.at + off, 0.0),
                length_s=max(note.length_s * (1 + uneven * chance.gauss(0, _LENGTH_SHARE)), _SHORTEST_S),
                velocity=min(max(round(note.velocity + louder), 1), 127),
            )
        )
    return played
