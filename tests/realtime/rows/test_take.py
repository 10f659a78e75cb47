"""A take holds what sounded: the player's notes and pedal on one track, the answer on the other."""

import os
from pathlib import Path
from typing import Any

import pytest

from music.midi.files import read_pieces
from music.notes import Note, Pedal
from music.phrase import pedal_folded
from realtime.rows import take
from realtime.rows.take import MODEL, PLAYER, TakeRecorder, fresh_path, refuse_unwritable, save


def player(at: float, pitch: int, velocity: int) -> dict[str, Any]:
    return {"kind": "note", "at": at, "who": "player", "pitch": pitch, "velocity": velocity}


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
    phrase = recorded().phrase()
    assert phrase.notes == (Note(0.0, 60, 80, 0.5, PLAYER), Note(2.0, 67, 70, 0.5, MODEL))
    assert phrase.pedals[0] == Pedal(0.0, True)


def test_a_saved_take_reads_back_with_names_seed_and_only_the_player_pedalling(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "take.mid"
    save(recorded().phrase(), path, ["answerer: scripted", "seed: 5"])
    (piece,) = read_pieces(path)
    assert [part.name for part in piece.parts] == ["Player", "Antiphon"]
    assert [words.text for words in piece.words if words.kind == "text"] == ["answerer: scripted", "seed: 5"]
    assert [(note.pitch, note.voice) for note in piece.phrase.notes] == [(60, PLAYER), (67, MODEL)]
    (folded,) = read_pieces(path, pedal="fold")
    lengths = [note.length_s for note in folded.phrase.notes]
    assert lengths == pytest.approx([1.0, 0.5], abs=0.001)  # the second pedal does not hold the answer's note
    assert pedal_folded(piece.phrase).notes  # what the player's pedal did is in the file
    assert list(path.parent.iterdir()) == [path]  # nothing unfinished is left beside it


def test_a_take_of_nothing_has_no_notes() -> None:
    assert not TakeRecorder().phrase().notes


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
    assert recorder.phrase().pedals == (Pedal(0.5, down),)


def test_a_key_struck_again_and_one_never_let_go_are_notes() -> None:
    recorder = TakeRecorder()
    for row in (player(5.0, 60, 80), player(5.5, 60, 90), player(6.0, 62, 70), player(7.0, 60, 0)):
        recorder.take(row)
    assert [(note.at, note.pitch, note.length_s) for note in recorder.phrase().notes] == [
        (0.0, 60, 0.5),
        (0.5, 60, 1.5),
        (1.0, 62, 1.0),  # as far as the take goes
    ]


def test_a_pedal_alone_is_no_take() -> None:
    recorder = TakeRecorder()
    recorder.take({"kind": "pedal", "at": 1.0, "depth": 127})
    assert recorder.phrase() == TakeRecorder().phrase()


def test_a_take_that_cannot_be_written_leaves_the_file_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object, path: Path, **__: object) -> None:
        path.write_bytes(b"MThd")
        raise OSError(28, "No space left on device")

    path = tmp_path / "take.mid"
    path.write_bytes(b"before")
    monkeypatch.setattr(take, "write_midi", full)
    with pytest.raises(OSError, match="No space"):
        save(recorded().phrase(), path, [])
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
    with pytest.raises(PermissionError, match="no folder that may be written to"):
        refuse_unwritable(tmp_path / "take.mid")
    assert list(tmp_path.iterdir()) == []  # it only looked
