"""`character`: half beats, durations and pitches as 108 characters, after Caron and others (KTH).

Character 1 is a separator: the next half beat begins. 21 to 108 are pitches, and 2 to 20 a duration in half
beats of the pitch before it, 1 where there is none. Decoding repairs what can't be read:

- a duration that doesn't directly follow a pitch counts as a separator: [1 5 1] is [1 1 1], [60 2 5] is [60 2
  1];
- a pitch said again directly is one longer note: [60 60 60 1] is [60 3 1];
- a duration after such a repetition is the length of it all: [60 60 5] is [60 5];
- a pitch that starts while it still sounds is ignored, with its repetitions and its duration: [60 6 1 1 60 4]
  is [60 6 1 1], [60 3 60] is [60 3], [60 64 60] is [60 64];
- no note is longer than 20 half beats, however often it is repeated;
- separators after the last note say nothing.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from music.beats import TempoMap
from music.notes import DEFAULT_VELOCITY, HIGHEST_KEY, LOWEST_KEY, is_on_the_piano
from music.phrase import Phrase
from music.tokens.encoding import Encoding, Tokens, as_tokens, check_between, checked
from music.tokens.grid import LEAST_TEMPO, MOST_TEMPO, Span, at_tempo, in_beats, played, snapped
from music.tokens.vocabulary import Vocabulary, symbols

SEPARATOR = 1
LONGEST = 20  # half beats: the characters below the lowest key of the piano
FRAMES_PER_BEAT = 2


@dataclass(frozen=True)
class CharacterEncoding(Encoding):
    """Separators, durations and pitches; decoding plays with `tempo` (beats per minute) and `velocity`."""

    name: ClassVar[str] = "character"
    loses: ClassVar[str] = (
        "velocity, tempo, tracks and pedal; time finer than half a beat; lengths over 20 half "
        "beats; notes outside the 88 keys"
    )

    tempo: float = 120.0
    velocity: int = DEFAULT_VELOCITY

    def __post_init__(self) -> None:
        check_between("tempo", self.tempo, LEAST_TEMPO, MOST_TEMPO)
        check_between("velocity", self.velocity, 1, 127)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The paper's characters by their numbers there; ours are one lower."""
        return symbols(*map(str, range(SEPARATOR, HIGHEST_KEY + 1)))

    def encode(self, phrase: Phrase) -> Tokens:
        """Half beat by half beat, low to high."""
        characters: list[int] = []
        now = 0
        for span in snapped(phrase.notes, in_beats(phrase), FRAMES_PER_BEAT):
            if not is_on_the_piano(span.pitch):
                continue
            characters.extend([SEPARATOR] * (span.start - now))
            now = span.start
            characters.append(span.pitch)
            if span.frames > 1:
                characters.append(min(span.frames, LONGEST))
        return as_tokens([(character - 1,) for character in characters], self.vocabulary)

    def decode(self, tokens: Tokens) -> Phrase:
        """The notes of characters, repaired by the rules above."""
        reader = _Reader(self.velocity)
        for (number,) in checked(tokens, self.vocabulary).tolist():
            reader.read(number + 1)
        return played(reader.spans(), FRAMES_PER_BEAT, TempoMap.steady(self.tempo))

    def reference(self, phrase: Phrase) -> Phrase:
        """The notes as they stand, at the tempo that decoding plays."""
        return at_tempo(phrase, self.tempo)


class _Reader:
    """Reads characters one at a time and keeps the notes; `open_pitch` is the pitch just said."""

    def __init__(self, velocity: int) -> None:
        self.velocity = velocity
        self.now = 0
        self.notes: list[list[int]] = []  # start, pitch, frames
        self.ends: dict[int, int] = {}  # pitch -> where its last note ends
        self.open_pitch: int | None = None
        self.open_is_heard = False

    def read(self, character: int) -> None:
        """The next character."""
        if character >= LOWEST_KEY:
            self._pitch(character)
        elif character > SEPARATOR and self.open_pitch is not None:
            self._last(self.open_pitch, character)
            self.open_pitch = None
        else:
            self.now += 1
            self.open_pitch = None

    def _pitch(self, pitch: int) -> None:
        if pitch == self.open_pitch:
            self._last(pitch, min(self.ends[pitch] - self.now + 1, LONGEST))
            return
        self.open_pitch = pitch
        self.open_is_heard = self.ends.get(pitch, 0) <= self.now
        if self.open_is_heard:
            self.notes.append([self.now, pitch, 1])
            self.ends[pitch] = self.now + 1

    def _last(self, pitch: int, frames: int) -> None:
        if self.open_is_heard:
            self.notes[-1][2] = frames
            self.ends[pitch] = self.now + frames

    def spans(self) -> list[Span]:
        """What was read."""
        return [Span(start, start + frames, pitch, self.velocity) for start, pitch, frames in self.notes]
