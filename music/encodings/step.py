"""`step`: one row a note, of its pitch, the time since the note before it, and its duration.

The tuples that a pitch-step-duration model reads: pitch is a symbol, the two times are real numbers in
seconds. The first step counts from second 0. What a model makes up is clamped: a step or duration that is
negative or no number is 0, and none is longer than `longest_s`.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import ClassVar

import numpy as np

from music.notes import DEFAULT_VELOCITY, Note
from music.phrase import Phrase
from music.tokens.encoding import Encoding, Tokens, as_tokens, check_between, checked
from music.tokens.grid import HIGHEST_PITCH, without_pedal
from music.tokens.vocabulary import Field, Vocabulary


@dataclass(frozen=True)
class StepEncoding(Encoding):
    """Pitch, step and duration; `longest_s` bounds both times, and decoding plays with `velocity`."""

    name: ClassVar[str] = "step"
    loses: ClassVar[str] = "velocity, tempo, tracks and pedal; steps and durations over `longest_s` seconds"

    longest_s: float = 60.0
    velocity: int = DEFAULT_VELOCITY

    def __post_init__(self) -> None:
        check_between("longest_s", self.longest_s, 0.1, 3600.0)
        check_between("velocity", self.velocity, 1, 127)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The 128 pitches of MIDI and two times in seconds."""
        pitches = tuple(map(str, range(HIGHEST_PITCH + 1)))
        return Vocabulary((Field("pitch", pitches), Field("step_s"), Field("duration_s")))

    def encode(self, phrase: Phrase) -> Tokens:
        """Notes by onset, then pitch; a note before second 0 counts as struck there."""
        notes = [note for note in phrase.notes if 0 <= note.pitch <= HIGHEST_PITCH]
        onsets = [0.0, *(max(note.at, 0.0) for note in notes)]
        rows = [
            (note.pitch, after - before, note.until - max(note.at, 0.0))
            for note, (before, after) in zip(notes, pairwise(onsets), strict=True)
        ]
        return self._clamped(as_tokens(rows, self.vocabulary))

    def decode(self, tokens: Tokens) -> Phrase:
        """The notes of rows, their times clamped."""
        rows = self._clamped(checked(tokens, self.vocabulary))
        onsets = np.cumsum(rows[:, 1])
        return Phrase.of(
            Note(at, int(pitch), self.velocity, duration)
            for at, (pitch, _, duration) in zip(onsets.tolist(), rows.tolist(), strict=True)
        )

    def reference(self, phrase: Phrase) -> Phrase:
        """The notes as they stand."""
        return without_pedal(phrase)

    def _clamped(self, rows: Tokens) -> Tokens:
        times = np.nan_to_num(rows[:, 1:].astype(np.float64), nan=0.0, posinf=self.longest_s, neginf=0.0)
        return np.column_stack([rows[:, :1].astype(np.float64), np.clip(times, 0.0, self.longest_s)])
