"""A take holds what sounded: the player's notes and pedal on one track, the answer on the other."""

import io
import os
import sys
from pathlib import Path
from typing import Any

import mido
import pytest

from music.midi.files import read_pieces, read_pieces_from
from music.notes import Note, Pedal
from music.phrase import Phrase, pedal_folded
from realtime.engine.clock import GRAINS_PER_S, SteadyClock
from realtime.rows import take
from realtime.rows.take import (
    BEAT_S,
    MODEL,
    PLAYER,
    Messages,
    TakeRecorder,
    fresh_path,
    refuse_unwritable,
    save_take,
)


def player(at: float, pitch: int, velocity: int) -> dict[str, Any]:
    return {"kind": "note", "at": at, "who": "player", "pitch": pitch, "velocity": velocity}


def phrase_of(recorder: TakeRecorder) -> Phrase:
    """What the file is read back as."""
    (piece,) = read_pieces_from(recorder.file([]), "take.mid")
    return piece.phrase


def messages_of(recorder: TakeRecorder, track: int = PLAYER) -> list[tuple[float, str]]:
    """The messages of a track as another program reads them, with their seconds."""
    at, read = 0.0, []
    file = mido.MidiFile(file=io.BytesIO(recorder.file([])))
    for message in file.tracks[track]:
        at += mido.tick2second(message.time, file.ticks_per_beat, 500_000)
        if not message.is_meta:
            read.append((round(at, 4), message.hex().lower()))
    return read


def recorded() -> TakeRecorder:
    recorder = TakeRecorder()
    rows: list[dict[str, Any]] = [
        {"kind": "turn", "at": 98.0, "phase": "waiting", "reason": "nothing"},
        {"kind": "pedal", "at": 99.0, "depth": 127},
        player(100.0, 60, 80),
        player(100.5, 60, 0),
        {"kind": "pedal", "at": 101.0, "depth": 0},
        {"kind": "note", "at": 102.0, "who": "model", "pitch": 67, "velocity": 70},
        {"kind": "pedal", "at": 102.1, "depth": 127},
        {"kind": "note", "at": 102.5, "who": "model", "pitch": 67, "velocity": 0},
    ]
    for row in rows:
        recorder.take(row)
    return recorder


def test_a_take_begins_with_its_first_note_and_keeps_player_and_model_apart() -> None:
    phrase = phrase_of(recorded())
    assert phrase.notes == (Note(0.0, 60, 80, 0.5, PLAYER), Note(2.0, 67, 70, 0.5, MODEL))
    assert phrase.pedals[0] == Pedal(0.0, True)


def test_a_saved_take_reads_back_with_names_seed_and_only_the_player_pedalling(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "take.mid"
    save_take(recorded(), path, ["answerer: scripted", "seed: 5"])
    (piece,) = read_pieces(path)
    assert [part.name for part in piece.parts] == ["Player", "Antiphon"]
    assert [words.text for words in piece.words if words.kind == "text"] == ["answerer: scripted", "seed: 5"]
    assert [(note.pitch, note.voice) for note in piece.phrase.notes] == [(60, PLAYER), (67, MODEL)]
    (folded,) = read_pieces(path, pedal="fold")
    lengths = [note.length_s for note in folded.phrase.notes]
    assert lengths == pytest.approx([1.0, 0.5], abs=0.001)  # the second pedal does not hold the answer's note
    assert pedal_folded(piece.phrase).notes  # what the player's pedal did is in the file
    assert list(path.parent.iterdir()) == [path]  # nothing unfinished is left beside it


def test_a_take_of_nothing_is_empty() -> None:
    assert TakeRecorder().is_empty
    assert not recorded().is_empty


def test_a_fresh_name_is_one_that_no_take_has(tmp_path: Path) -> None:
    first = fresh_path(tmp_path)
    for count in range(4):
        path = fresh_path(tmp_path)
        assert not path.exists(), count
        path.touch()
    assert first.suffix == ".mid"


def test_where_no_take_could_be_saved_is_refused_before_the_performance(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refuse_unwritable(tmp_path / "new" / "folder" / "take.mid")
    with pytest.raises(PermissionError, match="no take can be saved"):
        refuse_unwritable(tmp_path / "file" / "take.mid")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        refuse_unwritable(tmp_path)


@pytest.mark.parametrize(("depth", "down"), [(0, False), (63, False), (64, True), (127, True)])
def test_a_half_pedal_is_down_from_the_switch_point_on(depth: int, down: bool) -> None:
    recorder = TakeRecorder()
    for row in (player(1.0, 60, 80), {"kind": "pedal", "at": 1.5, "depth": depth}, player(2.0, 60, 0)):
        recorder.take(row)
    assert phrase_of(recorder).pedals == ((Pedal(0.5, True),) if down else ())
    assert (0.5, f"b0 40 {depth:02x}") in messages_of(recorder)  # as deep as it stood


def test_a_key_struck_again_and_one_never_let_go_are_notes() -> None:
    recorder = TakeRecorder()
    for row in (player(5.0, 60, 80), player(5.5, 60, 90), player(6.0, 62, 70), player(7.0, 60, 0)):
        recorder.take(row)
    assert [(note.at, note.pitch, note.length_s) for note in phrase_of(recorder).notes] == [
        (0.0, 60, 0.5),
        (0.5, 60, 1.5),
        (1.0, 62, 1.0),  # as far as the take goes
    ]


def test_a_pedal_alone_is_no_take() -> None:
    recorder = TakeRecorder()
    recorder.take({"kind": "pedal", "at": 1.0, "depth": 127})
    assert recorder.is_empty


def test_a_take_that_cannot_be_written_leaves_the_file_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> bytes:
        raise OSError(28, "No space left on device")

    path = tmp_path / "take.mid"
    path.write_bytes(b"before")
    monkeypatch.setattr(take, "played_bytes", full)
    with pytest.raises(OSError, match="No space"):
        save_take(recorded(), path, [])
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_takes_of_one_second_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(take, "localtime", lambda: (2025, 2, 3, 4, 5, 6, 0, 34, 0))
    names = []
    for _ in range(3):
        path = fresh_path(tmp_path)
        names.append(path.name)
        path.touch()
    assert names == ["2025-02-03 04.05.06.mid", "2025-02-03 04.05.06 (2).mid", "2025-02-03 04.05.06 (3).mid"]


def test_a_folder_that_may_not_be_written_to_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match=r"no folder that may be written to; name another with --takes"):
        refuse_unwritable(tmp_path / "take.mid")
    assert list(tmp_path.iterdir()) == []  # it only looked


def test_what_was_done_is_marked_at_its_second_of_the_take() -> None:
    recorder = recorded()
    asked = {"kind": "turn", "phase": "asking", "reason": "the phrase is over"}
    for row in (
        {"kind": "moved", "at": 90.0, "name": "temperature", "value": 0.5},
        asked | {"at": 101.5, "turn": 3, "attempt": 1},
        {"kind": "turn", "at": 102.25, "phase": "waiting", "reason": "silenced by hand"},
        {"kind": "turn", "at": 103.0, "phase": "closed", "reason": "the instrument stops"},
    ):
        recorder.take(row)
    assert recorder.marks() == [
        (0.0, "control: temperature 0.5"),
        (1.5, "asked: turn 3, attempt 1"),
        (2.25, "silenced"),
        (3.0, "stopped"),
    ]


def answered(at: float, late_s: float) -> dict[str, Any]:
    return {"kind": "note", "at": at, "who": "model", "pitch": 67, "velocity": 70, "late_s": late_s}


def test_how_late_the_notes_of_an_answer_were_is_one_mark_at_the_last_of_them() -> None:
    recorder = recorded()
    over = {"kind": "turn", "phase": "waiting", "reason": "the answer is over"}
    rows = [answered(103.0, 0.00021), answered(104.0, 0.0123), over | {"at": 105.0}]
    still = [answered(106.0, 0.0), answered(106.5, 0.0), over | {"at": 107.0}]
    for row in (*rows, *still, answered(108.0, 0.0005)):
        recorder.take(row)
    assert recorder.marks() == [(4.0, "late: 2 123"), (8.0, "late: 5")]  # the last is still being played


def test_moments_of_the_engines_clock_are_read_back_as_they_were(tmp_path: Path) -> None:
    moments = sorted({SteadyClock().now() + number for number in range(50)})
    recorder = TakeRecorder()
    for at in moments:
        recorder.take(player(at, 60, 80))
        recorder.take(player(at + 1 / GRAINS_PER_S, 60, 0))
    recorder.take({"kind": "turn", "at": moments[7], "phase": "waiting", "reason": "silenced by hand"})
    save_take(recorder, tmp_path / "take.mid", [])
    (piece,) = read_pieces(tmp_path / "take.mid")
    first = moments[0]
    assert [note.at for note in piece.phrase.notes] == [at - first for at in moments]
    assert piece.words[0].beat * BEAT_S == moments[7] - first


def test_everything_that_was_sent_is_in_the_file_as_it_was_sent() -> None:
    recorder = TakeRecorder()
    rows: list[dict[str, Any]] = [
        {"kind": "message", "at": 9.0, "source": 1, "bytes": "c205"},  # before the first note
        player(10.0, 60, 80) | {"channel": 3},
        {"kind": "pedal", "at": 10.1, "depth": 50, "channel": 3},
        {"kind": "message", "at": 10.2, "source": 1, "bytes": "e20050"},
        {"kind": "messages", "at": 10.3, "of": [[10.3, 1, "a23c10"], [10.4, 1, "b20b40"]]},
        {"kind": "message", "at": 10.5, "source": 1, "bytes": "f07e7f0601f7"},
        player(10.6, 60, 0) | {"channel": 3, "release_velocity": 9},
    ]
    for row in rows:
        recorder.take(row)
    assert messages_of(recorder) == [
        (0.0, "c2 05"),
        (0.0, "92 3c 50"),
        (0.1, "b2 40 32"),
        (0.2, "e2 00 50"),
        (0.3, "a2 3c 10"),
        (0.4, "b2 0b 40"),
        (0.5, "f0 7e 7f 06 01 f7"),
        (0.6, "82 3c 09"),
    ]


def test_the_answer_is_in_its_own_track_on_its_own_channel() -> None:
    recorder = TakeRecorder()
    recorder.take(player(1.0, 60, 80))
    recorder.take({"kind": "note", "at": 2.0, "who": "model", "pitch": 67, "velocity": 70, "channel": 6})
    assert messages_of(recorder, MODEL) == [(1.0, "95 43 46"), (1.0, "85 43 40")]


def test_each_strike_has_one_release_and_what_was_kept_back_is_none() -> None:
    recorder = TakeRecorder()
    recorder.take(player(1.0, 60, 80) | {"source": 1})
    recorder.take(player(1.5, 60, 70) | {"source": 2})
    recorder.take(player(2.0, 60, 0) | {"source": 1, "kept_back": True})
    recorder.take(player(3.0, 60, 0) | {"source": 2})
    recorder.take(player(3.5, 60, 0) | {"source": 2})
    assert [row[1][:2] for row in messages_of(recorder)] == ["90", "80", "90", "80"]
    assert messages_of(recorder)[-1][0] == 2.0


def test_an_evening_is_kept_in_a_few_bytes_a_message() -> None:
    messages = Messages()
    for number in range(10_000):
        messages.add(number / 10, b"\x90\x3c\x50")
    kept = sum(sys.getsizeof(each) for each in (messages._at, messages._ends, messages._bytes))
    assert kept < 25 * 10_000
    assert list(messages)[-1] == (999.9, b"\x90\x3c\x50")


def answers(at: float, model: str) -> dict[str, Any]:
    return {"kind": "model", "at": at, "name": model, "model": model, "device": "cpu", "file": f"/{model}"}


def test_a_take_names_the_file_of_who_answered_when_it_began() -> None:
    recorder = recorded()
    recorder.take(answers(99.0, "mine.onnx"))
    assert recorder.about(["answerer: first", "seed: 5", "model: none"]) == [
        "answerer: mine.onnx",
        "seed: 5",
        "model: /mine.onnx",
    ]


def test_a_take_says_who_answered_from_when_on() -> None:
    begun_with = ["answerer: first", "seed: 5"]
    recorder = recorded()
    assert recorder.about(begun_with) == begun_with
    for row in (answers(99.0, "before it"), answers(101.5, "before it"), answers(103.0, "later")):
        recorder.take(row)
    assert recorder.about(begun_with) == ["answerer: before it", "answerer: later, from 3.0 s on", "seed: 5"]


def test_a_model_that_was_refused_is_not_in_the_take() -> None:
    recorder = recorded()
    for at in (101.0, 102.0):
        recorder.take(answers(at, "first"))
    assert recorder.about(["answerer: first"]) == ["answerer: first"]
    for at, model in ((104.0, "second"), (105.0, "second"), (106.0, "first")):
        recorder.take(answers(at, model))
    lines = recorder.about(["answerer: first"])
    assert lines == ["answerer: first", "answerer: second, from 4.0 s on", "answerer: first, from 6.0 s on"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_nobody_else_may_read_a_take(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    save_take(recorded(), path, [])
    assert path.stat().st_mode & 0o777 == 0o600
