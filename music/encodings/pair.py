"""`pair`: a note or a separator, then its duration, in sixteenths of a bar of four beats.

A piece is `xxbos xxpad`, then the notes of a chord from high to low, each with its duration (`n72 d2`), then
how long to wait for the next chord (`xxsep d2`); a wait longer than the longest duration takes several
separators.

Decoding reads any order, and repairs it by these rules: a note or separator without a duration has d1; a
duration that follows neither says nothing; xxbos and xxpad say nothing anywhere; a key struck again ends its
note that still sounds, and of notes that strike one key at once the longest stays. `allowed_after` is the
format as a mask, for a model that must not break it.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from music.beats import TempoMap
from music.notes import DEFAULT_VELOCITY
from music.phrase import Phrase
from music.tokens.encoding import Encoding, Tokens, as_tokens, check_between, checked
from music.tokens.grid import (
    HIGHEST_PITCH,
    LEAST_TEMPO,
    MOST_TEMPO,
    Span,
    at_tempo,
    in_beats,
    one_at_a_time,
    played,
    snapped,
)
from music.tokens.vocabulary import Vocabulary, symbols

UNITS_PER_BEAT = 4  # a sixteenth of a bar of four beats
BOS, PAD, SEPARATOR = 0, 1, 2
FIRST_NOTE = 3
_LAST_NOTE = FIRST_NOTE + HIGHEST_PITCH
_BEFORE_D1 = _LAST_NOTE  # d1 has the number after the last note's


@dataclass(frozen=True)
class PairEncoding(Encoding):
    """Notes and separators with durations up to `longest`; decoding plays with `tempo` and `velocity`."""

    name: ClassVar[str] = "pair"
    loses: ClassVar[str] = (
        "velocity, tempo, tracks and pedal; time finer than a quarter of a beat; lengths over `longest` units"
    )

    has_format: ClassVar[bool] = True
    longest: int = 128
    tempo: float = 120.0
    velocity: int = DEFAULT_VELOCITY

    def __post_init__(self) -> None:
        check_between("longest", self.longest, 1, 10_000)
        check_between("tempo", self.tempo, LEAST_TEMPO, MOST_TEMPO)
        check_between("velocity", self.velocity, 1, 127)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Start, padding, separator, 128 notes, and the durations."""
        notes = (f"n{pitch}" for pitch in range(HIGHEST_PITCH + 1))
        durations = (f"d{units}" for units in range(1, self.longest + 1))
        return symbols("xxbos", "xxpad", "xxsep", *notes, *durations)

    def encode(self, phrase: Phrase) -> Tokens:
        """Chord by chord, high to low."""
        numbers = [BOS, PAD]
        now = 0
        spans = snapped(phrase.notes, in_beats(phrase), UNITS_PER_BEAT)
        for start, chord in groupby(spans, key=lambda span: span.start):
            numbers.extend(self._wait(start - now))
            now = start
            for span in reversed(list(chord)):
                numbers += [FIRST_NOTE + span.pitch, _BEFORE_D1 + min(span.frames, self.longest)]
        return as_tokens([(number,) for number in numbers], self.vocabulary)

    def decode(self, tokens: Tokens) -> Phrase:
        """The notes of pairs, repaired by the rules above."""
        numbers = [number for (number,) in checked(tokens, self.vocabulary).tolist()]
        spans: list[Span] = []
        now = 0
        for number, following in zip(numbers, [*numbers[1:], BOS], strict=False):
            units = max(following - _BEFORE_D1, 1)
            if number == SEPARATOR:
                now += units
            elif FIRST_NOTE <= number <= _LAST_NOTE:
                spans.append(Span(now, now + units, number - FIRST_NOTE, self.velocity))
        kept = one_at_a_time(sorted(spans, key=lambda span: (span.start, span.pitch)))
        return played(kept, UNITS_PER_BEAT, TempoMap.steady(self.tempo))

    def reference(self, phrase: Phrase) -> Phrase:
        """The notes as they stand, at the tempo that decoding plays."""
        return at_tempo(phrase, self.tempo)

    def allowed_after(self, number: int) -> NDArray[np.bool_]:
        """Which tokens may follow this one: durations after a note or separator, else notes and separators.

        The start is never allowed, and padding only after the start.
        """
        mask = np.zeros(self.vocabulary.sizes[0], dtype=np.bool_)
        if SEPARATOR <= number <= _LAST_NOTE:
            mask[_LAST_NOTE + 1 :] = True
        else:
            mask[SEPARATOR : _LAST_NOTE + 1] = True
            mask[PAD] = number == BOS
        return mask

    def _wait(self, units: int) -> list[int]:
        whole, rest = divmod(units, self.longest)
        waits = [self.longest] * whole + [rest] * (rest > 0)
        return [number for wait in waits for number in (SEPARATOR, _BEFORE_D1 + wait)]
