"""How the slow way pairs strikes with releases: each rule by an example, and for any moves of a key.

What these do not prove: that the library does the same where it is trusted; that is in test_midi_routes.
"""

from hypothesis import given
from hypothesis import strategies as st

from music.midi.scan import scan
from music.midi.slow import paired_notes
from tests.support.midi_bytes import (
    END_OF_TRACK,
    TimedMessage,
    control,
    events,
    meta,
    midi,
    off,
    on,
    right_events,
    track,
)


def _paired(*pairs: TimedMessage, last_gap: int = 0) -> tuple[list[tuple[int, int, int, int]], int]:
    """(start, end, pitch, velocity) of the notes, by start, and how many note-offs were missing."""
    data = midi(track(*pairs, end=events((last_gap, END_OF_TRACK))))
    notes, missing = paired_notes(data, scan(data, "made.mid").tracks[0])
    return sorted((note.start, note.end, note.pitch, note.velocity) for note in notes), missing


def test_overlapping_notes_of_a_key_are_released_in_the_order_they_were_struck() -> None:
    assert _paired((0, on(60, 1)), (10, on(60, 2)), (10, off(60)), (10, off(60))) == (
        [(0, 20, 60, 1), (10, 30, 60, 2)],
        0,
    )


def test_strike_before_the_release_at_one_tick_still_ends_the_old_note() -> None:
    assert _paired((0, on(60, 1)), (10, on(60, 2)), (0, off(60)), (10, off(60))) == (
        [(0, 10, 60, 1), (10, 20, 60, 2)],
        0,
    )


def test_note_without_length_stays() -> None:
    assert _paired((5, on(60, 1)), (0, off(60)), (5, on(60, 2)), (5, off(60))) == (
        [(5, 5, 60, 1), (10, 15, 60, 2)],
        0,
    )


def test_strike_with_velocity_0_is_a_release_and_a_release_velocity_is_not_a_strike() -> None:
    assert _paired((0, on(60, 7)), (10, on(60, 0)), (10, on(60, 8)), (10, bytes([0x80, 60, 99]))) == (
        [(0, 10, 60, 7), (20, 30, 60, 8)],
        0,
    )


def test_release_of_a_key_that_is_up_changes_nothing() -> None:
    assert _paired((0, off(60)), (10, on(60, 1)), (10, off(60)), (10, off(60))) == ([(10, 20, 60, 1)], 0)


def test_missing_release_is_made_at_the_end_of_the_track() -> None:
    assert _paired((0, on(60, 1)), (10, on(62, 2)), (5, off(62)), last_gap=85) == (
        [(0, 100, 60, 1), (10, 15, 62, 2)],
        1,
    )


def test_missing_release_is_made_at_the_keys_next_strike_and_later_notes_keep_their_own() -> None:
    lost = _paired(
        (0, on(60, 1)), (10, on(60, 2)), (10, off(60)), (10, on(60, 3)), (10, off(60)), last_gap=60
    )
    assert lost == ([(0, 10, 60, 1), (10, 20, 60, 2), (30, 40, 60, 3)], 1)


def test_notes_before_a_key_lost_its_release_keep_their_overlap() -> None:
    overlap = (0, on(60, 1)), (10, on(60, 2)), (10, off(60)), (10, off(60))
    assert _paired(*overlap, (10, on(60, 3)), last_gap=10) == (
        [(0, 20, 60, 1), (10, 30, 60, 2), (40, 50, 60, 3)],
        1,
    )


def test_strikes_of_one_key_at_one_tick_without_their_releases_are_one_note_of_the_strongest() -> None:
    assert _paired((0, on(60, 40)), (0, on(60, 90)), (0, on(60, 50)), (10, off(60))) == ([(0, 10, 60, 90)], 2)


def test_channels_are_apart() -> None:
    data = midi(track((0, on(60, 1, 0)), (5, on(60, 2, 1)), (5, off(60, 1)), (5, off(60, 0))))
    notes, _ = paired_notes(data, scan(data, "made.mid").tracks[0])
    assert sorted(notes) == [(0, 15, 60, 1, 0), (5, 10, 60, 2, 1)]


def test_all_notes_off_releases_every_key_of_its_channel() -> None:
    for message in (120, 123, 124, 125, 126, 127):
        silenced = _paired(
            (0, on(60, 1)), (5, on(64, 2)), (5, control(message, 0)), (5, off(60)), (5, off(64))
        )
        assert silenced == ([(0, 10, 60, 1), (5, 10, 64, 2)], 0)
        other = _paired((0, on(60, 1)), (10, control(message, 0, channel=1)), (5, off(60)))
        assert other == ([(0, 15, 60, 1)], 0)


def test_reset_of_controllers_and_local_control_release_nothing() -> None:
    for message in (121, 122):
        assert _paired((0, on(60, 1)), (10, control(message, 0)), (5, off(60))) == ([(0, 15, 60, 1)], 0)


def test_all_notes_off_releases_overlapping_notes_too() -> None:
    assert _paired((0, on(60, 1)), (5, on(60, 2)), (5, control(123, 0))) == (
        [(0, 10, 60, 1), (5, 10, 60, 2)],
        0,
    )


def test_other_messages_between_are_stepped_over() -> None:
    between = [
        b"\xe0\0\x40",
        b"\xd0\x30",
        b"\xa0\x3c\x40",
        b"\xc0\5",
        meta(1, b"words"),
        b"\xf0\2\1\xf7",
        b"\xf7\1\xf8",
    ]
    assert _paired((0, on(60, 1)), *[(1, content) for content in between], (3, off(60))) == (
        [(0, 10, 60, 1)],
        0,
    )


@given(right_events(st.integers(0, 1)))
def test_every_strike_of_any_track_becomes_a_note_within_it(pairs: list[TimedMessage]) -> None:
    data = midi(track(*pairs))
    scanned = scan(data, "made.mid").tracks[0]
    notes, missing = paired_notes(data, scanned)
    assert all(0 <= note.start <= note.end <= scanned.ticks for note in notes)
    merged = scanned.strikes.total() - len(notes)  # strikes at one tick, where a release was missing
    assert 0 <= merged <= missing


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(1, 127), st.integers(0, 20)), min_size=1, max_size=8)
)
def test_one_lost_release_never_lengthens_a_note_past_the_next_strike(
    rows: list[tuple[int, int, int]],
) -> None:
    """A key struck and released by turns, its first release lost: only the first note changes."""
    pairs: list[TimedMessage] = []
    for length, velocity, rest in rows:
        pairs += [(rest, on(60, velocity)), (length, off(60))]
    whole, _ = _paired(*pairs)
    lost_gap = pairs[1][0]
    after = [(pairs[2][0] + lost_gap, pairs[2][1]), *pairs[3:]] if len(pairs) > 2 else []
    lost, missing = _paired(pairs[0], *after, last_gap=0 if after else lost_gap)
    assert missing == 1
    assert lost[1:] == whole[1:]
    assert lost[0][:1] == whole[0][:1]
    assert lost[0][1] == (whole[1][0] if len(whole) > 1 else whole[0][1])
