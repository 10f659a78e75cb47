"""The two ways to a track's notes: where the library is trusted, both give the same; else the slow is taken.

What these do not prove: that the library is right about tracks unlike any generated here. The slow way was
compared with it on 6,221 real files too (docs/midi-reading.md).
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from music.midi import files as midi_files
from music.midi.files import notes_of
from music.midi.pieces import TrackNotes
from music.midi.scan import Track, scan
from tests.support.midi_bytes import (
    END_OF_TRACK,
    TimedMessage,
    control,
    meta,
    midi,
    off,
    on,
    right_events,
    track,
    with_running_status,
)


def _sorted(rows: np.ndarray) -> list[list[int]]:
    return sorted(rows.tolist())


def _scanned(data: bytes) -> Track:
    return scan(data, "made.mid").tracks[0]


@settings(max_examples=300)
@given(right_events(st.just(0)), st.booleans())
@pytest.mark.slow
def test_library_and_slow_way_agree_on_every_track_that_the_library_is_trusted_with(
    pairs: list[TimedMessage], leave_out: bool
) -> None:
    data = midi(track(*(with_running_status(pairs) if leave_out else pairs)))
    scanned = _scanned(data)
    by_hand = midi_files._by_hand(data, scanned, drums=True)
    assert _sorted(notes_of(data, scanned).rows) == _sorted(by_hand.rows)


@settings(max_examples=100)
@given(right_events(st.integers(0, 15)), st.booleans())
def test_tracks_of_many_channels_lose_no_strike(pairs: list[TimedMessage], drums: bool) -> None:
    data = midi(track(*pairs))
    strikes = {
        (content[0] & 15, content[1])
        for _, content in pairs
        if content[0] & 0xF0 == 0x90 and content[2] and (drums or content[0] & 15 != 9)
    }
    rows = notes_of(data, _scanned(data), drums=drums).rows
    assert {(channel, pitch) for _, _, pitch, _, channel in rows.tolist()} == strikes


def _way_taken(data: bytes, monkeypatch: pytest.MonkeyPatch) -> str:
    taken = []
    for way in ("_by_library", "_by_hand"):
        real = getattr(midi_files, way)

        def counting(*args: object, way: str = way, real: object = real) -> TrackNotes:
            taken.append(way)
            return real(*args)  # type: ignore[operator, no-any-return]

        monkeypatch.setattr(midi_files, way, counting)
    notes_of(data, _scanned(data))
    return taken[-1]


def test_ordinary_track_goes_to_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    data = midi(track((0, on(60)), (480, off(60)), (0, on(62)), (0, on(62)), (9, off(62)), (9, off(62))))
    assert _way_taken(data, monkeypatch) == "_by_library"


@pytest.mark.parametrize(
    ("pairs", "end"),
    [
        pytest.param([(0, on(60))], b"\0" + END_OF_TRACK, id="missing note-off"),
        pytest.param(
            [(0, on(60)), (5, control(123, 0)), (5, off(60))], b"\0" + END_OF_TRACK, id="all notes off"
        ),
        pytest.param([(0, on(60)), (5, off(60))], b"", id="no end of track"),
        pytest.param([(0, on(60))], b"\0" + END_OF_TRACK + b"\5" + off(60), id="events after the end"),
        pytest.param([(0, on(60)), (5, b"\xf7\2\1\2"), (5, off(60))], b"\0" + END_OF_TRACK, id="escape"),
        pytest.param(
            [(0, on(60)), (5, b"\xf0\1\xf7"), (5, off(60)[1:])], b"\0" + END_OF_TRACK, id="running on"
        ),
        pytest.param(
            [(0, on(60)), (5, meta(0x51, b"\1\2")), (5, off(60))], b"\0" + END_OF_TRACK, id="short tempo"
        ),
        pytest.param(
            [(0, on(60)), (5, meta(0x51, b"\0" * 3)), (5, off(60))], b"\0" + END_OF_TRACK, id="tempo 0"
        ),
        pytest.param(
            [((1 << 28) - 1, on(60)), (5, off(60))] * 9, b"\0" + END_OF_TRACK, id="more than 2^31 ticks"
        ),
        pytest.param(
            [(0, on(60)), (0, on(60, channel=1)), (5, off(60)), (0, off(60, 1))],
            b"\0" + END_OF_TRACK,
            id="channels",
        ),
    ],
)
def test_what_the_library_gets_wrong_goes_the_slow_way(
    pairs: list[TimedMessage], end: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _way_taken(midi(track(*pairs, end=end)), monkeypatch) == "_by_hand"
