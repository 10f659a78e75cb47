"""The end of a performance: the take is saved by whoever has it, and the last lines say so."""

from pathlib import Path

import pytest

from music.midi.files import read_phrase
from realtime.answerers.rule.imitation import Imitation
from realtime.choices import Choices
from realtime.ending import put_away
from realtime.engine.controls import Controls
from realtime.engine.desks.answering import PromptDesk
from realtime.engine.loop import Loop
from realtime.engine.outputs import Outputs
from realtime.journals.names import journal_of
from realtime.performer.rules import DEFAULT_RULES
from realtime.rows.take import TakeRecorder
from tests.support.clock import ManualClock, ManualInbox


@pytest.fixture
def loop() -> Loop:
    clock = ManualClock()
    inbox = ManualInbox(clock)
    return Loop(clock, inbox, Outputs(), PromptDesk(Imitation(1), clock, inbox.put), Controls())


def choices(take: Path | None) -> Choices:
    return Choices(Imitation(1), 7, DEFAULT_RULES, take=take)


def test_a_take_that_nobody_has_saved_is_saved_here(
    loop: Loop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, recorder = tmp_path / "take.mid", TakeRecorder()
    for at, velocity in ((1.0, 80), (1.5, 0)):
        recorder.take({"kind": "note", "who": "player", "at": at, "pitch": 60, "velocity": velocity})
    assert put_away(choices(path), loop, recorder) == 0
    assert [note.pitch for note in read_phrase(path).notes] == [60]
    assert capsys.readouterr().out == f"take saved: {path}\n"


def test_a_take_that_can_t_lie_where_it_should_is_put_elsewhere_and_saved_once(
    loop: Loop, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder, recorder = tmp_path / "folder", TakeRecorder()
    path = folder / "take.mid"
    path.mkdir(parents=True)  # something is in its way by now
    journal_of(path).write_text("all that was played")
    for at, velocity in ((1.0, 80), (1.5, 0)):
        recorder.take({"kind": "note", "who": "player", "at": at, "pitch": 60, "velocity": velocity})
    assert put_away(choices(path), loop, recorder) == 1
    why, where = capsys.readouterr().out.splitlines()
    assert why.startswith(f"the take can't lie in {folder}: ")
    assert [note.pitch for note in read_phrase(where.removeprefix("take saved: ")).notes] == [60]
    assert [entry.name for entry in folder.iterdir()] == ["take.mid"]


def test_what_the_page_process_has_saved_is_only_named(
    loop: Loop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_away(choices(tmp_path / "take.mid"), loop, "elsewhere.mid")
    assert capsys.readouterr().out == "take saved: elsewhere.mid\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("take", [None, TakeRecorder()])
def test_where_nothing_was_played_there_is_no_take(
    take: TakeRecorder | None, loop: Loop, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_away(choices(tmp_path / "take.mid"), loop, take)
    assert capsys.readouterr().out == "nothing was played: no take\n"


def test_echoes_and_a_failure_of_the_loop_are_said(
    loop: Loop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Loop, "echoes", 3)
    loop.failure = RuntimeError("a fault of our own")
    assert put_away(choices(None), loop, None) == 1
    assert capsys.readouterr().out.startswith("3 of our own messages came back")
