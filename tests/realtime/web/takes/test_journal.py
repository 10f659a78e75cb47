"""What is played lies in a journal as it comes, and a journal that was left behind becomes a take."""

import asyncio
import errno
import json
import os
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from music.midi.files import read_pieces
from realtime.journals import writing
from realtime.journals.names import JOURNALS, journal_of
from realtime.journals.writing import Journals
from realtime.rows.messages import RowLine
from realtime.web.takes.recorder import Recorder, recover_left_behind
from tests.support.page_process import begin, note, turn
from tests.support.waiting import PATIENCE_S, wait_until


def journals(take: Path, said: SimpleQueue[str] | None = None, at: float = 0.0) -> Journals:
    first = begin(at, take)
    return Journals(first, partial(recover_left_behind, take, first, (said or SimpleQueue()).put))


def rows_in(take: Path) -> list[dict[str, Any]]:
    path = journal_of(take)
    return [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def left_behind(take: Path, *rows: dict[str, Any]) -> None:
    """As a process that was killed leaves it."""
    broken_off = journals(take)
    for row in rows:
        broken_off.add(take, row)
    broken_off.close()


PHRASE = (note(1.0, 60), note(1.5, 60, 0), note(2.0, 64), note(2.5, 64, 0))

FROM_ELSEWHERE = (
    {"kind": "note", "at": "later"},
    {"kind": "note", "at": "later", "who": "player", "pitch": 61, "velocity": 80},
    {"kind": "note", "at": 2.7, "who": "player", "pitch": 999, "velocity": 80},
    {"kind": "bend", "at": 3.0},
)


def pitches(path: Path) -> list[int]:
    return [note.pitch for note in read_pieces(path)[0].phrase.notes]


def test_rows_are_on_disk_as_they_come_and_nobody_else_may_read_them(tmp_path: Path) -> None:
    take = tmp_path / "take.mid"
    kept = journals(take)
    for count, row in enumerate(PHRASE, 1):
        kept.add(take, row)
        wait_until(lambda count=count: len(rows_in(take)) == count + 1)  # type: ignore[misc]
    assert rows_in(take)[0]["kind"] == "begin"
    assert rows_in(take)[1:] == list(PHRASE)
    if os.name == "posix":
        assert journal_of(take).stat().st_mode & 0o077 == 0
    kept.drop(take)
    kept.close()
    assert list(tmp_path.iterdir()) == []


def test_what_is_written_is_synced_though_nothing_more_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: SimpleQueue[int] = SimpleQueue()
    monkeypatch.setattr(writing.os, "fsync", synced.put)
    take = tmp_path / "take.mid"
    kept = journals(take)
    kept.add(take, PHRASE[0])
    synced.get(timeout=PATIENCE_S)  # of the folder
    synced.get(timeout=PATIENCE_S)
    kept.add(take, PHRASE[1])
    synced.get(timeout=PATIENCE_S)
    kept.close()


def test_a_journal_left_behind_becomes_a_take_at_the_next_start(tmp_path: Path) -> None:
    old, said = tmp_path / "old.mid", SimpleQueue[str]()
    left_behind(old, *PHRASE)
    journals(tmp_path / "new.mid", said, at=100.0).close()
    assert said.get(timeout=PATIENCE_S) == f"a take that was broken off is saved: {old}"
    assert pitches(old) == [60, 64]
    assert [path.name for path in tmp_path.iterdir()] == ["old.mid"]


def test_a_take_that_is_recovered_says_who_answered_in_it(tmp_path: Path) -> None:
    old = tmp_path / "old.mid"
    change = {"kind": "model", "at": 1.5, "name": "mine", "model": "mine.onnx", "device": "cpu"}
    left_behind(old, *PHRASE[:2], change, *PHRASE[2:])
    journals(tmp_path / "new.mid", at=100.0).close()
    assert "answerer: mine.onnx, from 0.5 s on" in [words.text for words in read_pieces(old)[0].words]


def test_half_a_line_at_its_end_and_rows_of_other_versions_are_let_pass(tmp_path: Path) -> None:
    old = tmp_path / "old.mid"
    left_behind(old, *PHRASE, *FROM_ELSEWHERE)
    with journal_of(old).open("ab") as file:
        file.write(b'{"kind":"note","at":3.0,"who":"pla')
    journals(tmp_path / "new.mid", at=100.0).close()
    assert pitches(old) == [60, 64]


def test_no_file_is_written_over_by_what_is_recovered(tmp_path: Path) -> None:
    old = tmp_path / "old.mid"
    left_behind(old, *PHRASE)
    old.write_bytes(b"saved after the first phrase")
    journals(tmp_path / "new.mid", at=100.0).close()
    assert old.read_bytes() == b"saved after the first phrase"
    assert pitches(tmp_path / "old (recovered).mid") == [60, 64]
    left_behind(tmp_path / "new.mid", *PHRASE)
    journals(tmp_path / "new.mid", at=200.0).close()  # a take of the same name is being played
    assert pitches(tmp_path / "new (recovered).mid") == [60, 64]


def test_what_its_file_has_all_of_is_not_saved_again(tmp_path: Path) -> None:
    async def play() -> bytes:
        recorder = Recorder(begin(0.0, old), pytest.fail)
        for row in (*PHRASE, turn(3.0)):
            recorder.take(RowLine(row["kind"], row, json.dumps(row)))
        async with asyncio.timeout(PATIENCE_S):
            while not (old.exists() and len(rows_in(old)) == 6):
                await asyncio.sleep(0.01)
        kept = journal_of(old).read_bytes()  # as it would be left by a power cut
        await recorder.close()
        return kept

    old = tmp_path / "old.mid"
    journal_of(old).write_bytes(asyncio.run(play()))
    journals(tmp_path / "new.mid", at=100.0).close()
    assert [path.name for path in tmp_path.iterdir()] == ["old.mid"]
    left_behind(old, *PHRASE, note(3.5, 67), note(4.0, 67, 0))
    journals(tmp_path / "new.mid", at=100.0).close()
    assert pitches(tmp_path / "old (recovered).mid") == [60, 64, 67]


def test_a_take_whose_journal_can_t_be_deleted_is_saved_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = tmp_path / "take.mid"
    kept = journals(take)
    for row in PHRASE:
        kept.add(take, row)
    wait_until(lambda: len(rows_in(take)) == 5)
    with monkeypatch.context() as folder:
        folder.setattr(Path, "unlink", _in_a_folder_that_is_read_only)
        kept.drop(take)
        kept.close()
    assert journal_of(take).exists()
    journals(tmp_path / "new.mid", at=100.0).close()
    assert list(tmp_path.iterdir()) == []


def _in_a_folder_that_is_read_only(path: Path, **_: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied", str(path))


def test_a_page_process_that_is_started_again_begins_its_journal_anew(tmp_path: Path) -> None:
    take, first = tmp_path / "take.mid", begin(0.0, tmp_path / "take.mid")
    for _ in range(2):
        kept = Journals(first, partial(recover_left_behind, take, first, pytest.fail))
        kept.add(take, PHRASE[0])
        kept.close()
    assert [row["kind"] for row in rows_in(take)] == ["begin", "note"]


def test_what_it_left_of_the_takes_after_the_first_is_not_saved_apart_at_the_next_start(
    tmp_path: Path,
) -> None:
    take, second = tmp_path / "take.mid", tmp_path / "second.mid"
    first = begin(0.0, take)
    died = Journals(first)
    died.add(second, PHRASE[0])
    died.close()
    again = Journals(first, partial(recover_left_behind, take, first, pytest.fail))
    again.add(take, PHRASE[0])  # all rows come again
    again.drop(take)
    again.close()
    journals(tmp_path / "new.mid", at=100.0).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="a lock of POSIX")
def test_a_journal_of_an_instrument_that_still_plays_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "other.mid"
    playing = journals(other)
    playing.add(other, PHRASE[0])
    wait_until(lambda: len(rows_in(other)) == 2)
    journals(tmp_path / "mine.mid", at=100.0).close()
    playing.add(other, PHRASE[1])
    playing.close()
    assert len(rows_in(other)) == 3
    assert [path.name for path in tmp_path.iterdir()] == [".other.mid.journal"]


def test_a_journal_in_which_nothing_sounds_is_cleared_away(tmp_path: Path) -> None:
    left_behind(tmp_path / "old.mid", {"kind": "pedal", "at": 1.0, "depth": 127})
    journals(tmp_path / "new.mid", at=100.0).close()
    assert list(tmp_path.glob(JOURNALS)) == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_comes_back_gets_all_that_was_played(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.write_bytes(b"in the way")
    take = folder / "take.mid"
    kept = journals(take)
    for row in PHRASE:
        kept.add(take, row)
    folder.unlink()
    wait_until(lambda: rows_in(take)[1:] == list(PHRASE))
    kept.close()
