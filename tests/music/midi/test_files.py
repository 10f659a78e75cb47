"""Reading files: the rules of docs/midi-reading.md one by one, and batches that go on without a broken file.

What these do not prove: which note-off ends which note (test_midi_slow, test_midi_routes), and each reason
for which a file is refused (test_midi_scan).
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from music.beats import STEADY_120, TempoMap
from music.midi.files import (
    LONGEST_S,
    MOST_BYTES,
    MidiFileError,
    Piece,
    midi_bytes,
    read_many,
    read_phrase,
    read_pieces,
    read_pieces_from,
    write_midi,
)
from music.notes import Note, Pedal
from music.phrase import Phrase, pedal_folded
from music.piece import Part
from tests.support.command import ROOT
from tests.support.midi_bytes import (
    TimedMessage,
    meta,
    midi,
    off,
    on,
    one_note,
    pedal,
    right_events,
    tempo,
    track,
)
from tests.support.phrases import improvised, phrases
from tests.support.waiting import PATIENCE_S


def _pieces(data: bytes, **options: object) -> tuple[Piece, ...]:
    return read_pieces_from(data, "made.mid", **options)  # type: ignore[arg-type]


def _piece(data: bytes, **options: object) -> Piece:
    (piece,) = _pieces(data, **options)
    return piece


# --- time


def test_ticks_become_seconds_by_the_tempo_of_whatever_track() -> None:
    conductor = track((0, tempo(1_000_000)), (480, tempo(250_000)))
    piece = _piece(
        midi(
            conductor, track((0, on(60)), (480, off(60)), (480, on(62)), (0, tempo(500_000)), (480, off(62)))
        )
    )
    assert piece.phrase.tempo == TempoMap(((0.0, 1.0), (1.0, 0.25), (2.0, 0.5)))
    assert piece.phrase.notes == (Note(0, 60, 64, 1.0, 1), Note(1.25, 62, 64, 0.5, 1))


def test_without_a_tempo_a_beat_is_half_a_second() -> None:
    assert _piece(midi(one_note(ticks=96), division=96)).phrase == Phrase(
        (Note(0, 60, 64, 0.5),), (), STEADY_120
    )


def test_tempo_of_0_is_ignored_and_recorded() -> None:
    piece = _piece(midi(track((0, tempo(1_000_000)), (0, tempo(0)), (0, on(60)), (480, off(60)))))
    assert piece.phrase.notes == (Note(0, 60, 64, 1.0),)
    assert piece.repairs == ("track 0: a tempo of 0 ignored",)


def test_ticks_in_frames_ignore_the_tempo() -> None:
    piece = _piece(midi(track((0, tempo(1_000_000)), (0, on(60)), (1000, off(60))), division=0xE728))
    assert piece.phrase.notes == (Note(0, 60, 64, 1.0),)
    assert (piece.phrase.tempo, piece.ticks_per_beat) == (STEADY_120, 500)


def test_note_that_ends_after_a_day_is_refused() -> None:
    day = round(LONGEST_S / 0.5)
    assert _piece(midi(one_note(ticks=day), division=1)).phrase.until == LONGEST_S
    with pytest.raises(MidiFileError, match=r"made\.mid: it lasts 24\.\d hours; more than 24 are not read"):
        _piece(midi(one_note(ticks=day + 200), division=1))
    with pytest.raises(MidiFileError, match="hours"):
        _piece(midi(track((0, on(60)), (1, off(60)), (day + 200, pedal(127))), division=1))


def test_end_of_a_track_long_after_its_last_note_does_not_matter() -> None:
    late = (0x0FFFFFFF, meta(1, b"nothing"))
    assert _piece(midi(track((0, on(60)), (1, off(60)), late, late, late), division=1)).phrase.until == 0.5


# --- formats and voices


def test_voice_is_the_number_of_the_track() -> None:
    piece = _piece(midi(track(), one_note(60), track((0, meta(3, b"silent"))), one_note(64)))
    assert [(note.pitch, note.voice) for note in piece.phrase.notes] == [(60, 1), (64, 3)]
    assert piece.parts == (Part(1), Part(2, "silent"), Part(3))


def test_voice_is_the_channel_where_one_track_plays_on_several() -> None:
    both = track(
        (0, meta(3, b"hands")),
        (0, bytes([0xC4, 7])),
        (0, on(60, channel=2)),
        (0, on(48, channel=4)),
        (9, off(60, 2)),
        (0, off(48, 4)),
    )
    for kind in (0, 1, 2):
        piece = _piece(midi(both, kind=kind))
        assert [(note.pitch, note.voice) for note in piece.phrase.notes] == [(48, 4), (60, 2)]
        assert piece.parts == (Part(2, "hands", 2), Part(4, "hands", 4, 7))


def test_tracks_of_format_2_are_pieces_each_with_its_own_tempo() -> None:
    data = midi(track((0, tempo(1_000_000)), (0, on(60)), (480, off(60))), one_note(62), kind=2)
    first, second = _pieces(data)
    assert (first.name, second.name) == ("made.mid#0", "made.mid#1")
    assert first.phrase.notes == (Note(0, 60, 64, 1.0),)
    assert second.phrase.notes == (Note(0, 62, 64, 0.5),)


def test_one_phrase_is_refused_where_a_file_holds_several(tmp_path: Path) -> None:
    path = tmp_path / "suite.mid"
    path.write_bytes(midi(one_note(), one_note(), one_note(), kind=2))
    with pytest.raises(MidiFileError, match=r"suite\.mid: it holds 3 pieces, one a track"):
        read_phrase(path)


def test_channel_10_is_left_out_unless_asked_for() -> None:
    data = midi(
        one_note(60),
        one_note(38, channel=9),
        track((0, on(62)), (0, on(40, channel=9)), (9, off(62)), (0, off(40, 9))),
    )
    assert [note.pitch for note in _piece(data).phrase.notes] == [60, 62]
    assert [note.pitch for note in _piece(data, drums=True).phrase.notes] == [38, 40, 60, 62]


def test_every_other_channel_and_pitch_is_kept() -> None:
    tracks = [one_note(pitch, channel=pitch % 16) for pitch in range(128) if pitch % 16 != 9]
    assert len(_piece(midi(*tracks)).phrase.notes) == 120


def test_notes_are_in_the_order_of_a_phrase_whatever_the_order_of_tracks() -> None:
    data = midi(track((5, on(60)), (5, off(60))), track((0, on(60)), (5, on(58)), (9, off(58)), (0, off(60))))
    notes = _piece(data).phrase.notes
    assert list(notes) == list(Phrase.of(notes).notes)
    assert [(note.pitch, note.voice) for note in notes] == [(60, 1), (58, 1), (60, 0)]


@given(st.lists(right_events(st.integers(0, 15)), max_size=4), st.sampled_from(["keep", "fold", "drop"]))
def test_whatever_was_struck_makes_a_phrase_in_order(tracks: list[list[TimedMessage]], choice: str) -> None:
    phrase = _piece(midi(*[track(*pairs) for pairs in tracks], track()), pedal=choice, drums=True).phrase
    assert phrase == Phrase.of(phrase.notes, phrase.pedals, phrase.tempo)
    assert all(note.at >= 0 and note.length_s >= 0 for note in phrase.notes)


# --- what was repaired


def test_missing_note_off_is_recorded_with_its_track() -> None:
    piece = _piece(midi(track(), track((0, on(60)), (480, on(62)), (480, off(62)))))
    assert piece.phrase.notes == (Note(0, 60, 64, 1.0, 1), Note(0.5, 62, 64, 0.5, 1))
    assert piece.repairs == ("track 1: missing note-offs: 1",)


def test_broken_text_is_read_as_latin_1() -> None:
    piece = _piece(midi(track((0, meta(3, "Für Elise".encode("latin-1"))), (0, meta(1, "Für".encode())))))
    assert (piece.title, [said.text for said in piece.words]) == ("Für Elise", ["Für"])


def test_signs_that_several_tracks_repeat_are_kept_once() -> None:
    signs = ((0, meta(0x58, bytes([3, 2, 24, 8]))), (0, meta(0x59, bytes([253, 1]))))
    piece = _piece(midi(track(*signs), track(*signs)))
    assert [(metre.count, metre.unit) for metre in piece.metres] == [(3, 4)]
    assert [(key.sharps, key.is_minor) for key in piece.keys] == [(-3, True)]


# --- the pedal


HELD = (0, pedal(127)), (0, on(60)), (480, off(60)), (480, pedal(0))


def test_pedal_is_kept_beside_the_notes_folded_into_them_or_dropped() -> None:
    data = midi(track(*HELD))
    assert _piece(data).phrase == Phrase((Note(0, 60, 64, 0.5),), (Pedal(0, True), Pedal(1.0, False)))
    assert _piece(data, pedal="fold").phrase == Phrase((Note(0, 60, 64, 1.0),))
    assert _piece(data, pedal="drop").phrase == Phrase((Note(0, 60, 64, 0.5),))


def test_half_pedal_repeats_and_lifts_of_a_pedal_that_is_up_make_no_change() -> None:
    moves = [(10, pedal(value)) for value in (0, 63, 64, 90, 127, 64, 63, 20, 0, 80)]
    pedals = _piece(midi(track(*moves, (0, on(60)), (9, off(60))), division=10)).phrase.pedals
    assert [(each.at, each.down) for each in pedals] == [(1.5, True), (3.5, False), (5.0, True)]


def test_pedal_of_a_channel_counts_from_whatever_track_it_comes() -> None:
    piece = _piece(midi(track((0, pedal(127)), (960, pedal(0))), one_note()), pedal="fold")
    assert piece.phrase.notes == (Note(0, 60, 64, 1.0, 1),)


def test_pedal_of_a_channel_that_plays_nothing_is_left_out() -> None:
    assert _piece(midi(track((0, pedal(127, 5)), (0, on(60)), (9, off(60))))).phrase.pedals == ()
    assert (
        _piece(
            midi(one_note(), track((0, on(38, channel=9)), (0, pedal(127, 9)), (9, off(38, 9))))
        ).phrase.pedals
        == ()
    )


def test_the_same_pedal_on_two_channels_is_one() -> None:
    right, left = (
        track((0, on(60, channel=ch)), (0, pedal(127, ch)), (480, off(60, ch)), (480, pedal(0, ch)))
        for ch in (0, 1)
    )
    piece = _piece(midi(right, left))
    assert piece.phrase.pedals == (Pedal(0, True), Pedal(1.0, False))
    assert piece.repairs == ()


def test_different_pedals_are_joined_when_kept_and_each_its_own_when_folded() -> None:
    right = track((0, on(72)), (0, pedal(127)), (480, off(72)), (480, pedal(0)))
    left = track((0, on(48, channel=1)), (480, off(48, 1)), (240, pedal(127, 1)), (480, pedal(0, 1)))
    kept = _piece(midi(right, left))
    assert kept.phrase.pedals == (Pedal(0, True), Pedal(1.25, False))
    assert kept.repairs == ("the pedals of its channels differ: joined into one",)
    folded = _piece(midi(right, left), pedal="fold")
    assert [(note.pitch, note.length_s) for note in folded.phrase.notes] == [(48, 0.5), (72, 1.0)]
    assert (folded.phrase.pedals, folded.repairs) == ((), ())


def test_folding_keeps_voices_and_lets_two_of_them_hold_one_key() -> None:
    data = midi(one_note(60), track((240, on(60)), (480, off(60))))
    notes = _piece(data, pedal="fold").phrase.notes
    assert notes == (Note(0, 60, 64, 0.5, 0), Note(0.25, 60, 64, 0.5, 1))


@given(phrases(pedal=True))
def test_folding_a_file_of_one_voice_is_folding_its_phrase(phrase: Phrase) -> None:
    data = midi_bytes(phrase)
    assert _piece(data, pedal="fold").phrase == pedal_folded(_piece(data).phrase)


def test_unknown_way_to_treat_the_pedal_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="'half'; there are: keep, fold, drop"):
        _pieces(midi(one_note()), pedal="half")


# --- files and batches


def test_path_that_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mid")
    for name, reason in (("absent.mid", "no such file"), ("pipe.mid", "not a file"), (".", "not a file")):
        with pytest.raises(MidiFileError, match=reason) as refusal:
            read_pieces(tmp_path / name)
        assert str(tmp_path) in str(refusal.value)


def test_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.mid"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(MidiFileError, match=f"1,099,511,627,776 bytes; more than {MOST_BYTES:,}"):
        read_pieces(path)


def _folder(tmp_path: Path) -> list[Path]:
    for seed in range(4):
        write_midi(improvised(seed), tmp_path / f"{seed}.mid")
    (tmp_path / "2.mid").write_bytes(b"MThd")
    (tmp_path / "3.mid").write_bytes(midi(one_note(60), one_note(62), kind=2))
    return [tmp_path / name for name in ("0.mid", "2.mid", "absent.mid", "3.mid", "1.mid")]


def _outcomes(readings: object) -> list[tuple[str, object]]:
    return [
        (
            path.name,
            str(reading) if isinstance(reading, MidiFileError) else [piece.phrase for piece in reading],
        )
        for path, reading in readings  # type: ignore[attr-defined]
    ]


def test_batch_goes_on_without_broken_files_and_reports_them_in_order(tmp_path: Path) -> None:
    readings = list(read_many(_folder(tmp_path), workers=1))
    assert [path.name for path, _ in readings] == ["0.mid", "2.mid", "absent.mid", "3.mid", "1.mid"]
    assert [type(reading).__name__ for _, reading in readings] == [
        "tuple",
        "MidiFileError",
        "MidiFileError",
        "tuple",
        "tuple",
    ]
    assert len(readings[3][1]) == 2  # type: ignore[arg-type]
    assert "header is cut short" in str(readings[1][1])


READING = """
import sys
from music.midi.files import read_many

if __name__ == "__main__":
    print("begun", flush=True)
    try:
        for _ in read_many([sys.argv[1]] * 100_000, workers=2):
            print("read", flush=True)
    except KeyboardInterrupt:
        print("stopped", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs groups of processes")
@pytest.mark.parametrize("since", ["begun", "read"])
def test_ctrl_c_which_a_terminal_sends_to_every_process_is_heard_by_one(tmp_path: Path, since: str) -> None:
    script = tmp_path / "reading.py"
    script.write_text(READING)
    write_midi(improvised(1), tmp_path / "one.mid")
    with subprocess.Popen(
        [sys.executable, script, tmp_path / "one.mid"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            while process.stdout.readline() != f"{since}\n":
                assert process.poll() is None
            while not _children_of(process.pid):
                assert process.poll() is None
            os.killpg(process.pid, signal.SIGINT)
            said, error = process.communicate(timeout=PATIENCE_S)
        finally:
            process.kill()
    assert said.endswith("stopped\n")
    assert error == ""


def _children_of(pid: int) -> str:
    return subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout


@pytest.mark.slow
def test_batch_by_two_processes_is_the_batch_by_one(tmp_path: Path) -> None:
    """More files than are read ahead, so that the queue turns over."""
    paths = _folder(tmp_path) * 5
    assert _outcomes(read_many(paths, workers=2, pedal="fold")) == _outcomes(
        read_many(paths, workers=1, pedal="fold")
    )


def test_batch_of_nothing_is_nothing() -> None:
    assert list(read_many([])) == []


@settings(max_examples=50)
@given(st.integers(0, 1000))
def test_reading_changes_nothing_that_was_played(seed: int) -> None:
    phrase = improvised(seed, notes=20)
    assume(min(note.length_s for note in phrase.notes) > 1e-3)  # what is shorter than a tick can't be written
    again = _piece(midi_bytes(phrase, ticks_per_beat=9600)).phrase
    assert [note.pitch for note in sorted(again.notes, key=lambda note: (note.pitch, note.at))] == [
        note.pitch for note in sorted(phrase.notes, key=lambda note: (note.pitch, note.at))
    ]
