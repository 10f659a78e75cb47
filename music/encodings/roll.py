"""`roll`: 88 keys in time steps, each key sounding or not, and struck or not.

A row is a time step: first whether each of the 88 keys sounds, low to high, then whether each is struck in
this step, so that a key struck again differs from a key held. Steps are parts of a beat or of a second.
Decoding takes a strike at its word: a key struck sounds at least for that step, also where the row says that
it doesn't sound; and a key that sounds without having been struck is struck there, so that a roll of sounding
keys alone can be played too.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from music.beats import TempoMap
from music.notes import DEFAULT_VELOCITY, HIGHEST_KEY, KEYS, LOWEST_KEY, is_on_the_piano, pitch_name
from music.phrase import Phrase
from music.tokens.encoding import Encoding, EncodingError, Tokens, check_between, checked
from music.tokens.grid import (
    LEAST_TEMPO,
    MOST_TEMPO,
    Span,
    at_tempo,
    in_beats,
    in_seconds,
    played,
    snapped,
    without_pedal,
)
from music.tokens.vocabulary import Field, Vocabulary

GRIDS = ("beats", "seconds")
LONGEST_ROLL = 500_000  # 83 minutes at 100 steps a second: 88 MB


@dataclass(frozen=True)
class RollEncoding(Encoding):
    """Keys by `steps` to a beat or a second as `grid` says; decoding plays with `tempo` and `velocity`."""

    name: ClassVar[str] = "roll"
    loses: ClassVar[str] = (
        "velocity, tracks and pedal; tempo, where the grid is of beats; time finer than a step; "
        "notes outside the 88 keys"
    )

    grid: str = "beats"
    steps: float = 4.0
    tempo: float = 120.0
    velocity: int = DEFAULT_VELOCITY

    def __post_init__(self) -> None:
        if self.grid not in GRIDS:
            raise EncodingError(f"grid is one of {', '.join(GRIDS)}, not {self.grid!r}")
        check_between("steps", self.steps, 0.1, 1000.0)
        check_between("tempo", self.tempo, LEAST_TEMPO, MOST_TEMPO)
        check_between("velocity", self.velocity, 1, 127)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Two fields a key: 88 that say which keys sound, then 88 that say which are struck."""
        keys = [pitch_name(pitch) for pitch in range(LOWEST_KEY, HIGHEST_KEY + 1)]
        sounding = [Field(f"{key} sounds", ("no", "yes")) for key in keys]
        struck = [Field(f"{key} is struck", ("no", "yes")) for key in keys]
        return Vocabulary((*sounding, *struck))

    @property
    def seconds_per_token(self) -> float:
        """A step's."""
        return (60 / self.tempo if self.grid == "beats" else 1.0) / self.steps

    def encode(self, phrase: Phrase) -> Tokens:
        """(steps, 176) of 0 and 1 in bytes, until the last note ends."""
        measure = in_beats(phrase) if self.grid == "beats" else in_seconds(phrase)
        spans = [
            span
            for span in snapped(phrase.notes, measure, self.steps, LONGEST_ROLL)
            if is_on_the_piano(span.pitch)
        ]
        roll = np.zeros((max((span.end for span in spans), default=0), 2 * KEYS), dtype=np.int8)
        for span in spans:
            key = span.pitch - LOWEST_KEY
            roll[span.start : span.end, key] = 1
            roll[span.start, KEYS + key] = 1
        return roll

    def decode(self, tokens: Tokens) -> Phrase:
        """The notes of a roll."""
        roll = checked(tokens, self.vocabulary).astype(bool)
        struck = roll[:, KEYS:]
        sounding = roll[:, :KEYS] | struck
        silence = np.zeros((1, KEYS), dtype=bool)
        sounded = np.concatenate([silence, sounding])[:-1]
        begins = sounding & (struck | ~sounded)
        ends = np.concatenate([(begins | ~sounding)[1:], ~silence])  # a note's last step
        starts, lasts = np.nonzero(begins.T), np.nonzero((sounding & ends).T)
        spans = [
            Span(start, last + 1, LOWEST_KEY + key, self.velocity)
            for key, start, last in zip(
                starts[0].tolist(), starts[1].tolist(), lasts[1].tolist(), strict=True
            )
        ]
        return played(spans, self.steps, TempoMap.steady(self.tempo) if self.grid == "beats" else None)

    def reference(self, phrase: Phrase) -> Phrase:
        """The notes as they stand, on a grid of beats at the tempo that decoding plays."""
        return at_tempo(phrase, self.tempo) if self.grid == "beats" else without_pedal(phrase)
