"""A take holds what sounded: the player's notes and pedal on one track, the answer on the other."""

from pathlib import Path

import pytest

from music.midi_files import read_pieces
from music.notes import Note, Pedal
from music.phrase import pedal_folded
from realtime.engine.clock import SetClock
from realtime.engine.loop import Turned
from realtime.engine.take import MODEL, PLAYER, TakeFile, TakeRecorder, fresh_path, refuse_unwritable
from realtime.performer.actions import PassOn, PlayNote, StopNote
from realtime.performer.events import KeyDown, KeyUp, PedalMoved, Woke
from realtime.performer.phases import Phase


def recorded() -> TakeRecorder:
    recorder = TakeRecorder()
    events = (
        PedalMoved(99.0, 127),
        KeyDown(100.0, 60, 80),
        KeyUp(100.5, 60),
        PedalMoved(101.0, 0),
        PedalMoved(102.1, 127),
    )
    for event in events:
        recorder(Turned(event, (PassOn(event.at, event),), event.at))
    recorder(Turned(Woke(102.0), (PlayNote(102.0, 1, 67, 70, 1, 102.0),), 102.0))
    recorder(Turned(Woke(102.5), (StopNote(102.5, 1, 67, 1),), 102.5))
    return recorder


def test_a_take_begins_with_its_first_note_and_keeps_player_and_model_apart() -> None:
    phrase = recorded().phrase()
    assert phrase.notes == (Note(0.0, 60, 80, 0.5, PLAYER), Note(2.0, 67, 70, 0.5, MODEL))
    assert phrase.pedals[0] == Pedal(0.0, True)


def test_a_saved_take_reads_back_with_names_seed_and_only_the_player_pedalling(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "take.mid"
    assert TakeFile(recorded(), path, ["answerer: scripted", "seed: 5"], SetClock()).save()
    (piece,) = read_pieces(path)
    assert [part.name for part in piece.parts] == ["Player", "Antiphon"]
    assert [words.text for words in piece.words if words.kind == "text"] == ["answerer: scripted", "seed: 5"]
    assert [(note.pitch, note.voice) for note in piece.phrase.notes] == [(60, PLAYER), (67, MODEL)]
    (folded,) = read_pieces(path, pedal="fold")
    lengths = [note.length_s for note in folded.phrase.notes]
    assert lengths == pytest.approx([1.0, 0.5], abs=0.001)  # the second pedal does not hold the answer's note
    assert pedal_folded(piece.phrase).notes  # what the player's pedal did is in the file
    assert list(path.parent.iterdir()) == [path]  # nothing unfinished is left beside it


def test_a_take_without_notes_is_not_saved(tmp_path: Path) -> None:
    take = TakeFile(TakeRecorder(), tmp_path / "take.mid", [], SetClock())
    assert not take.save()
    assert list(tmp_path.iterdir()) == []


def test_a_take_is_saved_now_and_then_but_only_while_nobody_plays(tmp_path: Path) -> None:
    clock = SetClock()
    said: list[str] = []
    take = TakeFile(recorded(), tmp_path / "take.mid", [], clock)
    take.save_now_and_then(Phase.WAITING, said.append)
    assert not take.path.exists()  # too soon
    clock.set(60.0)
    take.save_now_and_then(Phase.ANSWERING, said.append)
    assert not take.path.exists()
    take.save_now_and_then(Phase.WAITING, said.append)
    assert take.path.exists()


def test_a_fresh_name_is_one_that_no_take_has(tmp_path: Path) -> None:
    first = fresh_path(tmp_path)
    for count in range(4):
        path = fresh_path(tmp_path)
        assert not path.exists(), count
        path.touch()
    assert first.suffix == ".mid"


def test_a_take_that_cannot_be_saved_is_said_and_the_music_goes_on(tmp_path: Path) -> None:
    clock = SetClock()
    (tmp_path / "file").write_text("in the way")
    said: list[str] = []
    take = TakeFile(recorded(), tmp_path / "file" / "take.mid", [], clock)
    clock.set(60.0)
    take.save_now_and_then(Phase.WAITING, said.append)
    assert len(said) == 1
    assert said[0].startswith("the take can't be saved")


def test_where_no_take_could_be_saved_is_told_before_the_performance(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refuse_unwritable(tmp_path / "new" / "folder" / "take.mid")
    with pytest.raises(PermissionError, match="no take can be saved"):
        refuse_unwritable(tmp_path / "file" / "take.mid")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        refuse_unwritable(tmp_path)
