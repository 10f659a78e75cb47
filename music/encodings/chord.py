"""`chord`: what sounds at each eighth note, in C, as one token, after Huang and Wu (Stanford).

The music is moved to C major or C minor (the tonic goes to C by the shortest way, the mode is kept) and
looked at twice per beat, at the moment when each eighth begins: what sounds then is the token, `60-64-67`, or
`rest`. Where more than four pitches sound, three of them are drawn, by a number that depends on the seed, the
step and the pitch alone, so that encoding repeats. A note that lies between two such moments vanishes, and a
key struck again is one long note.

The key is that of the phrase given, so whole pieces are to be encoded, not parts. Decoding plays in C;
`tonic` (0 for C to 11 for B) moves it where the piece was. Symbol 0 is a chord that was not learnt: heard as
the step before it going on.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import ClassVar

from music.beats import TempoMap, frame_holding
from music.keys import C_MAJOR, detect_key, semitones_to, transposed
from music.notes import DEFAULT_VELOCITY, Note
from music.pedal import pitches_of
from music.phrase import Phrase, each_key_once
from music.tokens.columns import ColumnEncoding, columns_of, name_of
from music.tokens.encoding import Tokens, check_between
from music.tokens.grid import HIGHEST_PITCH, LEAST_TEMPO, MOST_TEMPO, at_tempo, in_beats, played

STEPS_PER_BEAT = 2
MOST_PITCHES = 4  # more than these, and only so many are drawn:
PITCHES_DRAWN = 3


@dataclass(frozen=True)
class ChordEncoding(ColumnEncoding):
    """Chords by eighths, in C; decoding plays with `tempo`, `velocity` and `tonic`."""

    name: ClassVar[str] = "chord"
    loses: ClassVar[str] = (
        "velocity, tempo, key, tracks and pedal; time finer than half a beat, with the notes in "
        "between; repetitions; "
        "pitches of chords of five and more; chords that were not learnt"
    )

    seed: int = 0
    tonic: int = 0
    tempo: float = 120.0
    velocity: int = DEFAULT_VELOCITY

    def __post_init__(self) -> None:
        super().__post_init__()
        check_between("seed", self.seed, 0, 2**63 - 1)
        check_between("tonic", self.tonic, 0, 11)
        check_between("tempo", self.tempo, LEAST_TEMPO, MOST_TEMPO)
        check_between("velocity", self.velocity, 1, 127)

    @property
    def seconds_per_token(self) -> float:
        """An eighth note's."""
        return 60 / self.tempo / STEPS_PER_BEAT

    def symbols_in(self, phrase: Phrase) -> list[str]:
        """What sounds at each eighth, in C, until the last note ends."""
        columns = columns_of(in_c(phrase.notes), in_beats(phrase), STEPS_PER_BEAT, first_frame_from)
        return [name_of(self._thinned(step, column)) for step, column in enumerate(columns)]

    def decode(self, tokens: Tokens) -> Phrase:
        """The notes of chords: a pitch in neighbouring steps is one note."""
        in_c_major = played(self.spans(tokens, self.velocity), STEPS_PER_BEAT, TempoMap.steady(self.tempo))
        return Phrase.of(self._in_tonic(in_c_major.notes), tempo=in_c_major.tempo)

    def reference(self, phrase: Phrase) -> Phrase:
        """The notes as they stand, in the key and at the tempo that decoding plays."""
        moved = Phrase.of(self._in_tonic(in_c(phrase.notes)), tempo=phrase.tempo)
        return at_tempo(moved, self.tempo)

    def _in_tonic(self, notes: Iterable[Note]) -> list[Note]:
        return each_key_once(transposed(notes, semitones_to(C_MAJOR, self.tonic)))

    def _thinned(self, step: int, column: int) -> int:
        if column.bit_count() <= MOST_PITCHES:
            return column
        drawn = sorted(pitches_of(column), key=lambda pitch: _chance(self.seed, step, pitch))[:PITCHES_DRAWN]
        return sum(1 << pitch for pitch in drawn)


def in_c(notes: Iterable[Note]) -> list[Note]:
    """MIDI notes moved so that their tonic is C, in the mode they have."""
    playable = [note for note in notes if 0 <= note.pitch <= HIGHEST_PITCH]
    return transposed(playable, semitones_to(detect_key(playable), 0))


def first_frame_from(at: float, per: float) -> int:
    """The first frame that begins at a moment or after it."""
    return -frame_holding(-at, per)


def _chance(seed: int, step: int, pitch: int) -> bytes:
    return blake2b(f"{seed} {step} {pitch}".encode(), digest_size=8).digest()
