"""What is played lies on disk soon, all of it at the end, and wherever it can if not where it should."""

import asyncio
import errno
import json
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from music.midi.files import read_phrase, read_pieces
from realtime.rows.messages import RowLine
from realtime.rows.take import MODEL, PLAYER
from realtime.web.takes import recorder as recorder_module
from realtime.web.takes.recorder import Recorder
from realtime.web.takes.take import Take
from tests.support.page_process import begin, note, turn
from tests.support.waiting import PATIENCE_S


class Desk:
    """A recorder, and what it said."""

    def __init__(self, take: Path | None) -> None:
        self.lines: list[str] = []
        self.listed = 0
        self.recorder = Recorder(begin(0.0, take), self.lines.append, self._list)

    def _list(self) -> None:
        self.listed += 1

    def play(self, *rows: dict[str, Any]) -> None:
        for fields in rows:
            self.recorder.take(RowLine(fields["kind"], fields, json.dumps(fields)))

    def phrase(self, at: float, *, pitch: int = 60) -> None:
        self.play(note(at, pitch), note(at + 0.5, pitch, 0), turn(at + 1.0))


def with_desk(take: Path | None, play: Callable[[Desk], Awaitable[None]]) -> tuple[Desk, Path | None]:
    async def run() -> tuple[Desk, Path | None]:
        desk = Desk(take)
        await play(desk)
        return desk, await desk.recorder.close()

    return asyncio.run(run())


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            await asyncio.sleep(0.01)


async def until_nothing_is_given(desk: Desk, name: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await desk.recorder.file(name) is not None:
            await asyncio.sleep(0.01)


def test_player_and_model_are_saved_while_nobody_plays_and_again_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "take.mid"

    async def play(desk: Desk) -> None:
        desk.play(note(5.0, 60), note(5.5, 60, 0))
        assert not path.exists()
        desk.play(note(6.0, 67, 70, "model"), note(6.5, 67, 0, "model"), turn(7.0))
        await until(path.exists)
        assert [note.voice for note in read_phrase(path).notes] == [PLAYER, MODEL]
        desk.play(note(8.0, 62), note(8.5, 62, 0))

    desk, saved = with_desk(path, play)
    assert saved == path
    assert [note.pitch for note in read_phrase(path).notes] == [60, 67, 62]
    assert desk.lines == []
    assert [entry.name for entry in path.parent.iterdir()] == ["take.mid"]


def test_nothing_played_is_no_file(tmp_path: Path) -> None:
    async def play(desk: Desk) -> None:
        pedal = {"kind": "pedal", "at": 1.0, "depth": 127, "channel": 1, "source": 0}
        desk.play(pedal, turn(2.0, "calling"), turn(3.0))
        desk.recorder.new_take()
        assert desk.recorder.takes() == []

    desk, saved = with_desk(tmp_path / "take.mid", play)
    assert saved is None
    assert list(tmp_path.iterdir()) == []
    assert desk.listed == 0


def test_it_is_not_saved_at_every_turn_but_soon_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "SAVE_EVERY_S", 0.3)
    saves = _counted_saves(monkeypatch)
    path = tmp_path / "take.mid"

    async def play(desk: Desk) -> None:
        for count in range(50):
            desk.phrase(float(count))
            await asyncio.sleep(0)
        await until(lambda: path.exists() and len(read_phrase(path).notes) == 50)

    with_desk(path, play)
    assert 1 <= len(saves) < 10


def test_what_is_played_while_the_file_is_written_is_saved_without_another_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "SAVE_EVERY_S", 0.01)
    may_go_on = threading.Event()
    saves = _counted_saves(monkeypatch, lambda: may_go_on.wait(PATIENCE_S))
    path = tmp_path / "take.mid"

    async def play(desk: Desk) -> None:
        desk.phrase(0.0)
        await until(lambda: len(saves) == 1)
        desk.phrase(100.0)
        may_go_on.set()
        await until(lambda: path.exists() and len(read_phrase(path).notes) == 2)

    with_desk(path, play)
    assert len(saves) >= 2


def test_a_take_that_is_finished_while_it_is_written_is_saved_at_once_however_long_that_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "SAVE_EVERY_S", 10 * PATIENCE_S)
    may_go_on = threading.Event()
    saves = _counted_saves(monkeypatch, lambda: may_go_on.wait(PATIENCE_S))
    path = tmp_path / "take.mid"

    async def play(desk: Desk) -> None:
        desk.phrase(0.0)
        await until(lambda: len(saves) == 1)
        desk.play(note(100.0, 60), note(100.5, 60, 0))
        desk.recorder.new_take()
        may_go_on.set()
        await until(lambda: desk.recorder._takes[0].is_on_disk)
        assert len(read_phrase(path).notes) == 2

    with_desk(path, play)


def _counted_saves(
    monkeypatch: pytest.MonkeyPatch, before: Callable[[], object] = lambda: None
) -> list[Path]:
    """Where files are written from now on; `before` is called before each is."""
    saves: list[Path] = []
    write = Take.write

    def counted(take: Take, rows: Any, path: Path, about: Any) -> None:
        saves.append(path)
        before()
        write(take, rows, path, about)

    monkeypatch.setattr(Take, "write", counted)
    return saves


def test_another_take_begins_with_a_name_and_a_list_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "first.mid"

    async def play(desk: Desk) -> None:
        desk.play({"kind": "pedal", "at": 0.5, "depth": 127, "channel": 1, "source": 0})
        desk.phrase(1.0)
        desk.recorder.new_take()
        desk.recorder.new_take()  # nothing played in between: no third one
        await until(path.exists)
        assert [(take.name, take.now) for take in desk.recorder.takes()] == [("first.mid", False)]
        desk.phrase(10.0, pitch=72)
        desk.phrase(12.0, pitch=74)
        newest, oldest = desk.recorder.takes()
        assert (newest.player, newest.seconds, newest.now) == (2, 2.5, True)
        assert (oldest.name, oldest.player, oldest.now) == ("first.mid", 1, False)

    _, saved = with_desk(path, play)
    assert saved is not None
    assert saved != path
    assert saved.parent == tmp_path
    assert [note.pitch for note in read_phrase(path).notes] == [60]
    second = read_phrase(saved)
    assert [note.pitch for note in second.notes] == [72, 74]
    assert second.pedals[0].down  # it was down when the take began


def test_takes_begun_within_one_second_have_names_of_their_own(tmp_path: Path) -> None:
    async def play(desk: Desk) -> None:
        for count in range(5):
            desk.phrase(float(count))
            desk.recorder.new_take()

    with_desk(tmp_path / "take.mid", play)
    assert len(list(tmp_path.iterdir())) == 5


def test_a_finished_take_asked_for_while_it_is_being_saved_is_given_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, let_go, given = Take.feed, Recorder._let_go_of_finished, tmp_path / "given.mid"
    saving, is_asked, is_let_go = threading.Event(), threading.Event(), threading.Event()

    def letting_go(recorder: Recorder) -> None:
        let_go(recorder)
        if is_asked.is_set():
            is_let_go.set()

    def slowly(take: Take, rows: Any) -> Any:
        if saving.is_set():
            # for the file that is asked for: not before the loop has heard that the take is saved
            assert is_let_go.wait(PATIENCE_S)
        saving.set()
        assert is_asked.wait(PATIENCE_S)
        return feed(take, rows)

    async def play(desk: Desk) -> None:
        monkeypatch.setattr(Take, "feed", slowly)
        monkeypatch.setattr(Recorder, "_let_go_of_finished", letting_go)
        desk.phrase(1.0)
        desk.recorder.new_take()
        await until(saving.is_set)
        asked = asyncio.ensure_future(desk.recorder.file("take.mid"))
        await asyncio.sleep(0)  # it is asked now, behind what is being saved
        is_asked.set()
        content = await asked
        assert content is not None
        given.write_bytes(content)
        assert [note.pitch for note in read_phrase(given).notes] == [60]

    with_desk(tmp_path / "take.mid", play)


def test_a_take_is_given_as_it_is_now_also_a_finished_one_and_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "other.mid").write_bytes(b"not one of ours")
    given = tmp_path / "given.mid"

    async def notes_of(desk: Desk, name: str) -> list[int]:
        content = await desk.recorder.file(name)
        assert content is not None
        given.write_bytes(content)
        return [note.pitch for note in read_phrase(given).notes]

    async def play(desk: Desk) -> None:
        assert await desk.recorder.file("take.mid") is None  # nothing in it yet
        desk.play(note(1.0, 60), note(2.0, 60, 0))
        assert await notes_of(desk, "take.mid") == [60]
        desk.phrase(3.0, pitch=64)
        assert await notes_of(desk, "take.mid") == [60, 64]
        desk.recorder.new_take()
        await until((tmp_path / "take.mid").exists)
        assert await notes_of(desk, "take.mid") == [60, 64]
        for name in ("other.mid", "", "..", "../take.mid"):
            assert await desk.recorder.file(name) is None
        (tmp_path / "take.mid").unlink()
        await until_nothing_is_given(desk, "take.mid")

    with_desk(tmp_path / "take.mid", play)


def test_a_take_that_lay_on_disk_before_the_next_began_is_not_kept_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"

    async def play(desk: Desk) -> None:
        desk.phrase(1.0)
        await until(lambda: path.exists() and len(read_phrase(path).notes) == 1)
        await until(lambda: bool(desk.recorder._saving and desk.recorder._saving.done()))
        desk.recorder.new_take()
        path.unlink()
        assert await desk.recorder.file("take.mid") is None

    with_desk(path, play)


def test_without_saving_a_take_can_still_be_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def play(desk: Desk) -> None:
        desk.phrase(1.0)
        (take,) = desk.recorder.takes()
        content = await desk.recorder.file(take.name)
        assert content is not None
        assert content.startswith(b"MThd")

    desk, saved = with_desk(None, play)
    assert saved is None
    assert desk.lines == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said_once_tried_again_and_the_take_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "SAVE_EVERY_S", 0.0)
    folder = tmp_path / "folder"
    folder.write_text("in the way")
    path = folder / "take.mid"

    async def play(desk: Desk) -> None:
        for count in range(3):
            desk.phrase(float(count))
            await until(lambda: desk.recorder._saving is not None and desk.recorder._saving.done())
        assert len(desk.lines) == 1
        assert desk.lines[0].startswith("the take can't be saved: ")
        folder.unlink()
        desk.phrase(10.0)
        await until(path.exists)
        await until(lambda: len(desk.lines) == 2)
        assert desk.lines[1] == f"the take is saved: {path}"

    _, saved = with_desk(path, play)
    assert saved == path
    assert len(read_phrase(path).notes) == 4


def test_a_disk_that_is_full_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def play(desk: Desk) -> None:
        with monkeypatch.context() as disk:
            disk.setattr(Take, "write", full)
            desk.phrase(1.0)
            await until(lambda: len(desk.lines) == 1)
        why = "No space left on device; make room on that disk: it is tried again"
        assert desk.lines[0].startswith(f"the take can't be saved: {why}")

    with_desk(tmp_path / "take.mid", play)


def test_at_the_end_a_take_that_cannot_lie_where_it_should_is_put_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "folder").write_text("in the way")

    async def play(desk: Desk) -> None:
        desk.phrase(1.0)

    desk, saved = with_desk(tmp_path / "folder" / "take.mid", play)
    assert saved is not None
    assert [note.pitch for note in read_phrase(saved).notes] == [60]
    assert [line.partition(":")[0] for line in desk.lines[:-1]] == ["the take can't be saved"]
    assert desk.lines[-1].startswith(f"the take lies in {saved}, as ")


def test_a_long_phrase_without_a_turn_is_all_there(tmp_path: Path) -> None:
    async def play(desk: Desk) -> None:
        for place in range(3000):
            desk.play(note(place * 0.1, 60 + place % 12), note(place * 0.1 + 0.05, 60 + place % 12, 0))
            assert len(desk.recorder._takes[-1].rows) <= recorder_module.MOST_ROWS_KEPT

    with_desk(tmp_path / "take.mid", play)
    assert len(read_phrase(tmp_path / "take.mid").notes) == 3000


def test_a_take_after_a_change_of_model_says_who_answers_in_it(tmp_path: Path) -> None:
    def texts(path: Path) -> list[str]:
        (piece,) = read_pieces(path)
        return [words.text for words in piece.words if words.kind == "text"]

    async def play(desk: Desk) -> None:
        desk.phrase(1.0)
        desk.play({"kind": "model", "at": 3.0, "name": "mine", "model": "mine.onnx", "device": "cpu"})
        desk.phrase(4.0)
        desk.recorder.new_take()
        desk.phrase(20.0)

    _, second = with_desk(tmp_path / "first.mid", play)
    assert second is not None
    assert texts(tmp_path / "first.mid") == [
        "answerer: none",
        "answerer: mine.onnx, from 2.0 s on",
        "seed: 5",
    ]
    assert texts(second) == ["answerer: mine.onnx", "seed: 5"]


def asking(at: float) -> dict[str, Any]:
    return {**turn(at), "phase": "asking", "turn": 1, "attempt": 0}


def test_a_star_is_the_newest_answer_s_and_lies_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"
    found: list[dict[str, Any]] = []

    async def play(desk: Desk) -> None:
        desk.play({"kind": "starred", "at": 4.0})
        desk.play(note(5.0, 60), note(5.5, 60, 0), asking(6.0), note(6.25, 67, 70, "model"))
        desk.play({"kind": "starred", "at": 6.5}, note(7.0, 67, 0, "model"), turn(7.5))
        assert [take.starred for take in desk.recorder.takes()] == [1]
        found.append(json.loads(await desk.recorder.heard("take.mid") or b"{}"))

    desk, _ = with_desk(path, play)
    assert desk.lines == ["no star: there is no answer yet", "the answer has a star"]
    assert "starred" in [words.text for words in read_pieces(path)[0].words]
    (heard,) = found
    assert heard["starred"] == [1.0]
    assert heard["seconds"] == 2.0
    assert [(row["at"], row["who"], row["pitch"], row["velocity"]) for row in heard["rows"]] == [
        (0.0, "player", 60, 80),
        (0.5, "player", 60, 0),
        (1.25, "model", 67, 70),
        (2.0, "model", 67, 0),
    ]


def test_the_pedal_is_heard_again_too() -> None:
    found: list[dict[str, Any]] = []

    async def play(desk: Desk) -> None:
        desk.play(note(5.0, 60), {**PEDAL, "at": 5.25, "depth": 90}, note(5.5, 60, 0), {**PEDAL, "at": 6.0})
        found.append(json.loads(await desk.recorder.heard("take.mid") or b"{}"))

    with_desk(None, play)
    pedals = [(row["at"], row["depth"]) for row in found[0]["rows"] if row["kind"] == "pedal"]
    assert pedals == [(0.25, 90), (1.0, 0)]


def test_a_take_that_begins_under_the_left_pedal_is_heard_again_under_it() -> None:
    found: list[dict[str, Any]] = []
    left = {"kind": "message", "bytes": "b0437f", "source": 2}

    async def play(desk: Desk) -> None:
        desk.play({**left, "at": 0.5})
        desk.phrase(1.0)
        desk.recorder.new_take()
        desk.phrase(11.0)
        desk.play({**left, "at": 12.0, "bytes": "b04300"})
        (newest, *_) = desk.recorder.takes()
        found.append(json.loads(await desk.recorder.heard(newest.name) or b"{}"))

    with_desk(None, play)
    moved = [row["bytes"] for row in found[0]["rows"] if row["kind"] == "message"]
    assert moved == ["b0437f", "b04300"]


PEDAL: dict[str, Any] = {"kind": "pedal", "at": 0.0, "depth": 0, "channel": 1, "source": 2}


def test_what_is_no_take_is_not_heard() -> None:
    async def play(desk: Desk) -> None:
        desk.phrase(1.0)
        assert await desk.recorder.heard("another.mid") is None
        await desk.recorder.rename("another.mid", "a name")

    desk, _ = with_desk(None, play)
    assert desk.lines == []


def test_a_finished_take_is_renamed_and_one_that_is_played_is_not(tmp_path: Path) -> None:
    path = tmp_path / "take.mid"

    async def play(desk: Desk) -> None:
        desk.phrase(1.0)
        await desk.recorder.rename("take.mid", "too soon")
        desk.recorder.new_take()
        await until(lambda: desk.recorder._takes[0].is_on_disk)
        (tmp_path / "there.mid").touch()
        await desk.recorder.rename("take.mid", "there")
        await desk.recorder.rename("take.mid", "a fine evening")
        assert [take.name for take in desk.recorder.takes()] == ["a fine evening.mid"]
        assert await desk.recorder.heard("a fine evening.mid") is not None

    desk, saved = with_desk(path, play)
    first, second = desk.lines
    assert first.startswith("take.mid is still being played")
    assert second.startswith("take.mid keeps its name: ")
    assert "is there already" in second
    assert saved == tmp_path / "a fine evening.mid"
    assert [note.pitch for note in read_phrase(saved).notes] == [60]


def test_a_finished_take_that_is_still_being_saved_is_renamed_as_soon_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()
    saves = _counted_saves(monkeypatch, lambda: may_go_on.wait(PATIENCE_S))

    async def play(desk: Desk) -> None:
        desk.phrase(1.0)
        desk.recorder.new_take()
        await until(lambda: len(saves) == 1)
        renaming = asyncio.ensure_future(desk.recorder.rename("take.mid", "a fine evening"))
        await asyncio.sleep(0)  # it is asked for now, while the file is written
        may_go_on.set()
        await renaming
        assert [take.name for take in desk.recorder.takes()] == ["a fine evening.mid"]

    desk, _ = with_desk(tmp_path / "take.mid", play)
    assert desk.lines == []
    assert [len(read_phrase(path).notes) for path in tmp_path.iterdir()] == [1]
    assert [path.name for path in tmp_path.iterdir()] == ["a fine evening.mid"]


def test_a_finished_take_that_cannot_be_saved_keeps_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.write_text("in the way")

    async def play(desk: Desk) -> None:
        desk.phrase(1.0)
        desk.recorder.new_take()
        await desk.recorder.rename("take.mid", "a fine evening")
        assert [take.name for take in desk.recorder.takes()] == ["take.mid"]
        assert desk.lines[-1] == "take.mid keeps its name: it can't be saved yet"
        folder.unlink()

    with_desk(folder / "take.mid", play)
