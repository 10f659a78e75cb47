"""The notes of one track, paired by hand: for what the MIDI-file library reads wrongly.

Knows note-ons, note-offs and the messages that end all notes. Must not know files or seconds, and checks
nothing: `music.midi.scan` has walked the same bytes before. The rules:

- of notes of one key that overlap, the first struck is the first released (as the library does);
- a note-off for a key that is not down changes nothing;
- all notes off, all sound off, and the mono, poly and omni messages release every key of their channel;
- a key still down at the track's end lacks a note-off, and from the strike on since which it was never all
  up, no one can say whose each note-off is. From there each note of that key ends at the key's next strike or
  note-off, the last one at the track's end.
"""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from music.midi.scan import Track

_SILENCE = -1
_NO_SILENCE = (121, 122)  # reset of controllers, local control: mode messages that release nothing


class TickNote(NamedTuple):
    """A note of one channel, in ticks."""

    start: int
    end: int
    pitch: int
    velocity: int
    channel: int


def paired_notes(data: bytes, track: Track) -> tuple[list[TickNote], int]:
    """The notes of a track that was scanned, in no order, and how many note-offs were missing."""
    notes: list[TickNote] = []
    missing = 0
    for (channel, pitch), moves in _moves_by_key(data, track).items():
        spans, unended = _spans_of(moves, track.ticks)
        missing += unended
        notes.extend(TickNote(start, end, pitch, velocity, channel) for start, end, velocity in spans)
    return notes, missing


def _moves_by_key(data: bytes, track: Track) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """What happens to each (channel, key): ticks with a velocity, 0 for a note-off, or silence."""
    moves: dict[tuple[int, int], list[tuple[int, int]]] = {}
    touched: list[set[int]] = [set() for _ in range(16)]  # keys moved since their channel's last silence
    for tick, status, first, second in channel_events(data, track.start, track.end):
        channel, kind = status & 15, status >> 4
        if kind in (8, 9):
            moves.setdefault((channel, first), []).append((tick, second if kind == 9 else 0))
            touched[channel].add(first)
        elif kind == 0xB and first >= 120 and first not in _NO_SILENCE:
            for pitch in touched[channel]:
                moves[channel, pitch].append((tick, _SILENCE))
            touched[channel].clear()
    return moves


def channel_events(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Each channel message of a track: tick, status, first and second data byte (0 where there is none)."""
    tick = status = 0
    while at < end:
        gap, at = _number(data, at)
        tick += gap
        if data[at] >= 0xF0:
            length, at = _number(data, at + (2 if data[at] == 0xFF else 1))
            at += length
            continue
        if data[at] > 127:
            status = data[at]
            at += 1
        has_second = not 0xC0 <= status < 0xE0
        yield tick, status, data[at], data[at + 1] if has_second else 0
        at += 1 + has_second


def _number(data: bytes, at: int) -> tuple[int, int]:
    number = data[at] & 127
    while data[at] > 127:
        at += 1
        number = number << 7 | data[at] & 127
    return number, at + 1


def _spans_of(moves: list[tuple[int, int]], last_tick: int) -> tuple[list[tuple[int, int, int]], int]:
    """One key's notes as (start, end, velocity), and how many note-offs were missing."""
    spans: list[tuple[int, int, int]] = []
    down: deque[tuple[int, int]] = deque()
    unsure_move = unsure_span = 0
    for place, (tick, velocity) in enumerate(moves):
        if velocity > 0:
            if not down:
                unsure_move, unsure_span = place, len(spans)
            down.append((tick, velocity))
        else:
            for _ in range(len(down) if velocity == _SILENCE else min(len(down), 1)):
                start, struck = down.popleft()
                spans.append((start, tick, struck))
    if not down:
        return spans, 0
    return spans[:unsure_span] + _one_at_a_time(moves[unsure_move:], last_tick), len(down)


def _one_at_a_time(moves: list[tuple[int, int]], last_tick: int) -> list[tuple[int, int, int]]:
    """A key's notes where each ends at the key's next move; of strikes at one tick the strongest counts."""
    spans: list[tuple[int, int, int]] = []
    start, struck = 0, 0
    for tick, velocity in [*moves, (last_tick, 0)]:
        if struck and velocity > 0 and tick == start:
            struck = max(struck, velocity)
            continue
        if struck:
            spans.append((start, tick, struck))
        start, struck = tick, max(velocity, 0)
    return spans
