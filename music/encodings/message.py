"""`message`: one token for each MIDI message with its delay, after Huang and Wu (Stanford).

`note-on-60-0` strikes key 60 at once, `note-off-60-480` releases it 480 ticks after the message before. Ticks
are counted on one scale for all music, `ticks_per_beat` to a beat; `quantum` rounds moments to so many ticks,
for fewer symbols. The tracks of a piece stand end to end, each counted from its own beginning, and nothing
says where one ends: decoding plays them one after another. `marks_tracks` puts the symbol `track` between
them, and then they sound together again, numbered from 0.

Decoding repairs: a release of a key that doesn't sound only lets its ticks pass; a key struck while it sounds
ends its note there; what sounds at the end of a track ends with its last message; the unknown symbol says
nothing and takes no time.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import ClassVar

from music.beats import TempoMap
from music.notes import DEFAULT_VELOCITY, KeyEvent, Note, NoteOff, NoteOn
from music.phrase import Phrase, phrase_of
from music.tokens.encoding import UNKNOWN, EncodingError, OpenEncoding, Tokens, check_between
from music.tokens.grid import HIGHEST_PITCH, LEAST_TEMPO, MOST_TEMPO, Measure, at_tempo, in_beats, snapped

TRACK = "track"
_LONGEST_TICKS = 999_999_999  # what a symbol may say: days of music, and far from where floats round
_MESSAGE = re.compile(r"note-(on|off)-(0|[1-9]\d{0,2})-(0|[1-9]\d{0,8})", re.ASCII)


@dataclass(frozen=True)
class MessageEncoding(OpenEncoding):
    """Messages with their delay in ticks; decoding plays with `tempo` and `velocity`."""

    name: ClassVar[str] = "message"
    loses: ClassVar[str] = (
        "velocity, tempo and pedal; that tracks sound together: they come one after another, "
        "unless marks_tracks; "
        "messages that were not learnt"
    )

    ticks_per_beat: int = 480
    quantum: int = 1
    marks_tracks: bool = False
    tempo: float = 120.0
    velocity: int = DEFAULT_VELOCITY

    def __post_init__(self) -> None:
        super().__post_init__()
        check_between("ticks_per_beat", self.ticks_per_beat, 1, 100_000)
        check_between("quantum", self.quantum, 1, self.ticks_per_beat)
        check_between("tempo", self.tempo, LEAST_TEMPO, MOST_TEMPO)
        check_between("velocity", self.velocity, 1, 127)

    def check_symbol(self, symbol: str) -> None:
        """An error unless the symbol is a message, or parts tracks."""
        if symbol != TRACK:
            _read(symbol)

    def symbols_in(self, phrase: Phrase) -> list[str]:
        """The messages of each track, track after track; at one tick ups come before downs, low to high."""
        messages: list[str] = []
        for voice in sorted({note.voice for note in phrase.notes}):
            if messages and self.marks_tracks:
                messages.append(TRACK)
            track = (note for note in phrase.notes if note.voice == voice)
            messages.extend(self._messages(track, in_beats(phrase)))
        return messages

    def decode(self, tokens: Tokens) -> Phrase:
        """The notes of messages, repaired by the rules above."""
        tracks: list[list[str]] = [[]]
        for symbol in self.names_of(tokens):
            if symbol == TRACK:
                tracks.append([])
            elif symbol != UNKNOWN:
                tracks[-1].append(symbol)
        tempo = TempoMap.steady(self.tempo)
        notes = chain.from_iterable(self._track(*numbered, tempo) for numbered in enumerate(tracks))
        return Phrase.of(notes, tempo=tempo)

    def reference(self, phrase: Phrase) -> Phrase:
        """The notes as they stand, at the tempo that decoding plays."""
        return at_tempo(phrase, self.tempo)

    def _messages(self, track: Iterable[Note], measure: Measure) -> list[str]:
        spans = snapped(track, measure, self.ticks_per_beat / self.quantum, _LONGEST_TICKS // self.quantum)
        down = ((span.start, 1, span.pitch, "on") for span in spans)
        up = ((span.end, 0, span.pitch, "off") for span in spans)
        messages, now = [], 0
        for frame, _, pitch, kind in sorted(chain(down, up)):
            messages.append(f"note-{kind}-{pitch}-{(frame - now) * self.quantum}")
            now = frame
        return messages

    def _track(self, voice: int, messages: list[str], tempo: TempoMap) -> list[Note]:
        events: list[KeyEvent] = []
        ticks = 0
        for kind, pitch, delay in map(_read, messages):
            ticks += delay
            at = tempo.second_at(ticks / self.ticks_per_beat)
            events.append(NoteOn(at, pitch, self.velocity) if kind == "on" else NoteOff(at, pitch))
        return [replace(note, voice=voice) for note in phrase_of(events).notes]


def _read(symbol: str) -> tuple[str, int, int]:
    """What a message says: on or off, the pitch, the ticks before it."""
    read = _MESSAGE.fullmatch(symbol)
    if read is None or int(read[2]) > HIGHEST_PITCH:
        raise EncodingError(f"{symbol!r} is no message: write note-on-60-0 or note-off-60-480")
    return read[1], int(read[2]), int(read[3])
