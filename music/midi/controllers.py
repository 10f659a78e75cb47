"""Where the controllers of a MIDI file stand, as fine as they were moved: half a pedal too.

Knows tracks and ticks. Must not know notes.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from music.midi.pieces import NO_NOTES, TickClock, TrackNotes
from music.midi.scan import WORDS, Track, scan
from music.midi.slow import channel_events

_CONTROL = 0xB


@dataclass(frozen=True, slots=True)
class Moved:
    """A controller of a channel (from 0) was moved, in seconds; `track` is what its track is called."""

    at: float
    track: str
    channel: int
    number: int
    place: int


def controllers_in(data: bytes, name: str, numbers: Collection[int]) -> list[Moved]:
    """All moves of these controllers in the bytes of a MIDI file, in order; `name` is what errors call it."""
    scanned = scan(data, name)
    clock = TickClock.of(scanned, [TrackNotes(track, NO_NOTES) for track in scanned.tracks])
    moves = (move for track in scanned.tracks for move in _moves(data, track, numbers, clock))
    return sorted(moves, key=lambda move: move.at)


def _moves(data: bytes, track: Track, numbers: Collection[int], clock: TickClock) -> Iterator[Moved]:
    called = next((sign.content for sign in track.signs if WORDS.get(sign.kind) == "name"), b"")
    for tick, status, number, place in channel_events(data, track.start, track.end):
        if status >> 4 == _CONTROL and number in numbers:
            yield Moved(clock.second(tick), called.decode("latin-1"), status & 15, number, place)
