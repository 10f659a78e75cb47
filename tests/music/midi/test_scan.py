"""The scanner: what is wrong with a file is named with its place, what can be read in one way only is read.

What these do not prove: anything about notes that last; those are in test_midi_slow and test_midi_files.
"""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.midi.scan import MOST_BYTES, MOST_SIGNS, MOST_STRIKES, MOST_TRACKS, MidiFileError, Scan, scan
from tests.support.midi_bytes import (
    END_OF_TRACK,
    TimedMessage,
    chunk,
    control,
    events,
    meta,
    midi,
    number,
    off,
    on,
    one_note,
    pedal,
    right_events,
    tempo,
    track,
    with_running_status,
)

FIRST = 14 + 8  # where the first event lies: behind a header and a track's
case = pytest.param


def _scan(data: bytes) -> Scan:
    return scan(data, "made.mid")


@pytest.mark.parametrize(
    ("data", "byte", "number_", "reason"),
    [
        case(b"", None, None, "the file is empty", id="empty"),
        case(b"Dear diary, today", 0, None, "not a MIDI file", id="text"),
        case(b"MThd\0\0\0\6\0\1", 0, None, "header is cut short: 10 of 14", id="header cut"),
        case(b"MThd\0\0\0\4\0\1\0\1\1\xe0", 4, None, "header says it has 4 bytes", id="short header"),
        case(b"MThd\xff\xff\xff\xff\0\1\0\1\1\xe0", 4, None, "says it has 4,294,967,295", id="lying header"),
        case(midi(one_note(), kind=3), 8, None, "format 3", id="format"),
        case(midi(one_note(), division=0), 12, None, "a beat of 0 ticks", id="division 0"),
        case(midi(one_note(), division=0xE700), 12, None, "25 frames a second of 0", id="SMPTE, 0 ticks"),
        case(midi(one_note(), division=0x8064), 12, None, "128 frames a second", id="SMPTE, 128 frames"),
        case(midi(), 14, None, "no track in it", id="no tracks"),
        case(midi(chunk(b"XYZW", b"12")), 24, None, "no track in it", id="only an unknown chunk"),
        case(midi(one_note(), promised=2), 35, None, "promises 2 tracks, there are 1", id="too few tracks"),
        case(midi(one_note(), promised=2000), 10, None, "2,000 tracks", id="too many tracks"),
        case(midi(one_note())[:-6], 14, 0, "the track says 13 bytes, 7 are left", id="track cut short"),
        case(midi(one_note(), one_note()[:6]), 35, 1, "cut short", id="chunk header cut short"),
        case(midi(chunk(b"MTrk", on(60), 1 << 31)), 14, 0, "says 2,147,483,648 bytes", id="length lies"),
        case(midi(chunk(b"MTrk", b"\0" + on(60), 3)), FIRST + 3, 0, "inside an event", id="a byte short"),
        case(midi(chunk(b"MTrk", b"\0" + on(60), 0), promised=2), FIRST, None, "no chunk", id="length 0"),
        case(midi(track((0, b"\x90\x3c"), end=b"")), FIRST + 3, 0, "inside an event", id="event cut"),
        case(midi(track((0, bytes([0x90, 200, 64])))), FIRST + 2, 0, "number 200, above 127", id="pitch"),
        case(midi(track((0, bytes([0x90, 60, 128])))), FIRST + 3, 0, "velocity 128", id="velocity"),
        case(midi(track((0, bytes([0xB0, 64, 255])))), FIRST + 3, 0, "controller value 255", id="controller"),
        case(midi(track((0, bytes([0xC0, 129])))), FIRST + 2, 0, "program 129", id="program"),
        case(midi(track((0, b"\x3c\x40"))), FIRST + 1, 0, "data byte 60 without a status", id="no status"),
        case(midi(track((0, b"\xf8"))), FIRST + 1, 0, "status byte 0xf8", id="real-time byte"),
        case(midi(track((0, b"\xff\1\x7fab"))), FIRST + 3, 0, "says it has 127 bytes, 6 are left", id="meta"),
        case(midi(track((0, b"\xf0\x85\0"))), FIRST + 2, 0, "says it has 640 bytes, 4", id="exclusive"),
        case(midi(chunk(b"MTrk", b"\x81" * 5 + on(60))), FIRST, 0, "than four bytes", id="long gap"),
        case(midi(track((0, b"\xff\1" + b"\x81" * 5))), FIRST + 3, 0, "than four bytes", id="long length"),
        case(b"RIFF\0\0\0\0RMIDabcd\0\0\0\0", 20, None, "without a MIDI file in it", id="RIFF without data"),
    ],
)  # fmt: skip
def test_broken_file_is_refused_with_file_place_and_reason(
    data: bytes, byte: int | None, number_: int | None, reason: str
) -> None:
    with pytest.raises(MidiFileError) as refusal:
        _scan(data)
    error = refusal.value
    assert (error.file, error.byte, error.track) == ("made.mid", byte, number_)
    assert reason in error.reason
    assert str(error).startswith("made.mid: ")
    assert "\n" not in str(error)


def test_error_tells_its_place_in_words_and_crosses_to_another_process() -> None:
    error = MidiFileError("a.mid", "the reason", 22, 1)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) == "a.mid: byte 22, track 1: the reason"
    assert (again.file, again.reason, again.byte, again.track) == ("a.mid", "the reason", 22, 1)
    assert str(MidiFileError("a.mid", "the reason")) == "a.mid: the reason"


@pytest.mark.parametrize(
    ("data", "repair"),
    [
        (midi(one_note()) + b"junk", "4 bytes after the last track ignored"),
        (midi(one_note(), b"MTrk\0\0\xff\xff", promised=1), "8 bytes after the last track ignored"),
        (midi(one_note(), one_note(), promised=1), "the header says 1 tracks, 2 are there and read"),
        (midi(one_note(), one_note(), kind=0), "format 0 with 2 tracks, read as format 1"),
    ],
)
def test_what_can_be_read_one_way_only_is_read_and_recorded(data: bytes, repair: str) -> None:
    assert _scan(data).repairs == (repair,)


def test_ordinary_file_has_nothing_to_repair_and_nothing_doubtful() -> None:
    scanned = _scan(midi(track((0, tempo(500_000)), (0, meta(0x58, bytes([3, 2, 24, 8])))), one_note()))
    assert scanned.repairs == ()
    assert [track.repairs for track in scanned.tracks] == [[], []]
    assert [track.doubts for track in scanned.tracks] == [set(), set()]
    assert [dict(track.strikes) for track in scanned.tracks] == [{}, {0: 1}]
    assert [track.ticks for track in scanned.tracks] == [0, 480]
    assert [(sign.tick, sign.kind) for sign in scanned.tracks[0].signs] == [(0, 0x51), (0, 0x58)]


def test_longer_header_and_unknown_chunks_are_stepped_over() -> None:
    data = b"MThd\0\0\0\x08\0\1\0\1\1\xe0\xff\xff" + chunk(b"XFIH", b"MTrk") + one_note()
    assert len(_scan(data).tracks) == 1


def test_file_in_a_riff_wrapping_is_found() -> None:
    inner = midi(one_note())
    wrapped = b"RMID" + b"LIST\3\0\0\0abc\0" + b"data" + len(inner).to_bytes(4, "little") + inner
    data = b"RIFF" + len(wrapped).to_bytes(4, "little") + wrapped
    assert _scan(data).tracks[0].strikes == {0: 1}


@pytest.mark.parametrize(
    ("division", "ticks_per_s"), [(0xE250, 30 * 80), (0xE728, 25 * 40), (0xE364, 100 * 30000 / 1001)]
)
def test_division_in_frames_counts_ticks_a_second(division: int, ticks_per_s: float) -> None:
    scanned = _scan(midi(one_note(), division=division))
    assert (scanned.ticks_per_beat, scanned.ticks_per_s) == (0, pytest.approx(ticks_per_s))


def test_running_status_lasts_over_a_meta_event_but_not_over_the_end_of_the_track() -> None:
    over = _scan(midi(track((0, on(60)), (0, meta(1, b"text")), (9, b"\x3c\0")))).tracks[0]
    assert over.doubts == {"running status over another event"}
    assert (over.strikes, over.ticks) == ({0: 1}, 9)
    after = _scan(midi(track((0, on(60)), (9, off(60)), end=b"\0" + END_OF_TRACK + b"\0\x3c\x40"))).tracks[0]
    assert after.strikes == {0: 1}
    assert after.repairs == ["3 bytes after its end ignored"]


def test_events_after_the_end_of_a_track_are_read_where_they_are_events() -> None:
    scanned = _scan(midi(track((0, on(60)), end=b"\0" + END_OF_TRACK + b"\7" + off(60)))).tracks[0]
    assert scanned.ticks == 7
    assert scanned.repairs == ["events after its End of Track, read too"]


def test_track_without_an_end_is_read_and_recorded() -> None:
    scanned = _scan(midi(track((0, on(60)), (9, off(60)), end=b""))).tracks[0]
    assert scanned.repairs == ["no End of Track"]


@pytest.mark.parametrize(
    ("sign", "repair"),
    [
        (tempo(0), "a tempo of 0"),
        (meta(0x51, b"\1\2"), "meta event 0x51 with 2 bytes"),
        (meta(0x58, b"\0\2\x18\x08"), "a metre of 0/2^2"),
        (meta(0x58, b"\3\xff\x18\x08"), "a metre of 3/2^255"),
        (meta(0x59, b"\x08\0"), "a key signature of bytes 8 and 0"),
        (meta(0x59, b"\0\2"), "a key signature of bytes 0 and 2"),
    ],
)
def test_sign_without_a_meaning_is_ignored_and_recorded(sign: bytes, repair: str) -> None:
    scanned = _scan(midi(track((5, sign)))).tracks[0]
    assert scanned.signs == []
    assert scanned.repairs == [f"{repair} ignored"]


def test_signs_without_a_meaning_are_counted_not_listed() -> None:
    scanned = _scan(midi(track(*[(1, tempo(0))] * 3, (1, meta(0x59, b"\0\2"))))).tracks[0]
    assert scanned.repairs == ["a tempo of 0 ignored, 3 times", "a key signature of bytes 0 and 2 ignored"]


def test_pedal_is_down_from_64_on_and_up_when_controllers_are_reset() -> None:
    scanned = _scan(
        midi(track((0, pedal(63)), (1, pedal(64)), (1, pedal(0, 3)), (1, control(121, 0))))
    ).tracks[0]
    assert scanned.treads == [(0, 0, False), (1, 0, True), (2, 3, False), (3, 0, False)]


@given(right_events(st.integers(0, 15)))
def test_leaving_out_status_bytes_changes_nothing(pairs: list[TimedMessage]) -> None:
    plain, short = (
        _scan(midi(track(*given_pairs))).tracks[0] for given_pairs in (pairs, with_running_status(pairs))
    )
    assert (plain.strikes, plain.ticks, plain.treads, plain.signs, plain.programs) == (
        short.strikes,
        short.ticks,
        short.treads,
        short.signs,
        short.programs,
    )


@given(st.integers(0, (1 << 28) - 1))
def test_gap_of_any_size_is_counted(gap: int) -> None:
    assert _scan(midi(track((gap, on(60)), (gap, off(60))))).tracks[0].ticks == 2 * gap


@given(st.binary(max_size=60), st.integers(0, 80))
def test_bytes_without_a_meaning_are_read_or_refused_within_the_file(junk: bytes, at: int) -> None:
    right = midi(one_note(), one_note(62))
    data = right[:at] + junk + right[at:]
    try:
        scanned = _scan(data)
    except MidiFileError as error:
        assert error.byte is None or 0 <= error.byte <= len(data)  # noqa: PT017 - either outcome is right
    else:
        assert all(track.start <= track.end <= len(data) for track in scanned.tracks)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (events((0, on(60)), (1, b"\x3c\x40")) * (MOST_STRIKES // 2 + 1), "notes"),
        (events((1, meta(1)), (1, tempo(0))) * (MOST_SIGNS // 2 + 1), "tempo, metre, key and text events"),
        (events((0, b"\xb0\x40\x7f")) + events((1, b"\x40\0"), (1, b"\x40\x7f")) * 250_000, "pedal messages"),
        (bytes(MOST_BYTES), "bytes"),
    ],
    ids=["notes", "signs", "pedal", "bytes"],
)
def test_more_than_a_person_makes_is_refused_with_the_limit(content: bytes, what: str) -> None:
    with pytest.raises(MidiFileError, match=rf"[\d,]+ {what}"):
        _scan(midi(chunk(b"MTrk", content + b"\0" + END_OF_TRACK)))


def test_more_tracks_than_any_score_are_refused_even_where_the_header_is_silent() -> None:
    with pytest.raises(MidiFileError, match=f"more than {MOST_TRACKS:,} tracks"):
        _scan(midi(*[one_note()] * (MOST_TRACKS + 1), promised=1))


def test_number_of_bytes_that_says_less_than_it_holds_is_read_as_said() -> None:
    assert (
        _scan(midi(track((0, b"\xff\1" + b"\x80\x80\x80\2" + b"ab"), (3, on(60))))).tracks[0].signs[0].content
        == b"ab"
    )
    assert number(0x0FFFFFFF) == b"\xff\xff\xff\x7f"
