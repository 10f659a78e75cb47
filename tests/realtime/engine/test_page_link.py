"""Between the engine and a page process.

Rows of the take all arrive in order, wishes come back, and a process that dies is replaced.

The page process here is a script that writes down what it gets; the real one has its own tests.
"""

import json
import sys
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from realtime.engine import page_link
from realtime.engine.clock import SteadyClock
from realtime.engine.inbox import Incoming, Item
from realtime.engine.page_link import MOST_STARTS, PAGE_SOURCE, PageLink, items_of
from realtime.journals.names import journal_of
from realtime.performer.events import HandOverNow, InputLost, KeyDown, KeyUp, Panic, PedalMoved
from realtime.rows.turned import ControlMoved, LearnWished, ModelStands, ModelWished, Pressed, Turned
from tests.support.waiting import PATIENCE_S, wait_until

BEGIN = {"kind": "begin", "at": 0.0}

# Says that it is ready, writes each row to a file, obeys a few, and says at the end where it has "saved".
SCRIPT = """
import json, sys, time
out = open(sys.argv[1], "a")
def say(**line): print(json.dumps(line), flush=True)
say(kind="ready", url="http://here")
for line in sys.stdin:
    row = json.loads(line)
    out.write(line); out.flush()
    if row["kind"] == "die": sys.exit(3)
    if row["kind"] == "sleep": time.sleep(0.5)
    if row["kind"] == "wish": say(**row["wish"])
    if row["kind"] == "nonsense": print("{half a", flush=True); print("[1]", flush=True)
say(kind="saved", path=sys.argv[1])
"""


class Stand:
    """A link to the scripted process, and what came of it."""

    def __init__(self, tmp_path: Path, script: str = SCRIPT) -> None:
        self.path = tmp_path / "rows"
        self.items: SimpleQueue[Item] = SimpleQueue()
        self.said: list[str] = []
        command = [sys.executable, "-c", script, str(self.path)]
        self.link = PageLink(command, BEGIN, SteadyClock(), self.items.put, self.said.append)

    def rows(self) -> list[dict[str, Any]]:
        text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def has(self, kind: str) -> bool:
        return any(row["kind"] == kind for row in self.rows())


def note(at: float) -> dict[str, Any]:
    return {"kind": "note", "at": at, "who": "player", "pitch": 60, "velocity": 80}


def test_rows_arrive_in_order_from_begin_to_end_and_the_saved_path_comes_back(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.link.start()
    for at in range(50):
        stand.link.tell(note(at))
    rows, saved, did_its_work = stand.link.close()
    assert did_its_work
    assert saved == str(stand.path)
    arrived = stand.rows()
    assert [row["kind"] for row in arrived] == ["begin", *["note"] * 50, "end"]
    assert [row["at"] for row in arrived[1:-1]] == list(range(50))
    assert list(rows) == arrived
    assert stand.said == ["page  http://here"]


def test_lines_that_come_at_one_moment_all_arrive(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.link.start()
    remarks = ("not on cuda: no card", "eight bits are slow on this processor")
    stand.link(Turned(ModelStands(1.0, "mine", "mine.onnx", "cpu", "/mine.onnx", remarks=remarks), (), 1.0))
    stand.link.close()
    assert [row["text"] for row in stand.rows() if row["kind"] == "line"] == list(remarks)


@pytest.mark.slow
def test_a_slow_reader_gets_every_row_of_the_take_and_only_the_newest_for_display(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.link.start()
    stand.link.tell({"kind": "sleep", "at": 0.0})
    for at in range(20_000):
        stand.link.tell(note(at))
        stand.link.tell({"kind": "quiet", "at": at, "since": at, "needed_s": 1.0})
    stand.link.close()
    arrived = stand.rows()
    assert [row["at"] for row in arrived if row["kind"] == "note"] == list(range(20_000))
    quiet = [row["at"] for row in arrived if row["kind"] == "quiet"]
    assert len(quiet) < 20_000
    assert quiet[-1] == 19_999


def test_wishes_come_back_as_what_the_loop_takes(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.link.start()
    wish = {"kind": "key", "pitch": 64, "velocity": 90}
    stand.link.tell({"kind": "nonsense", "at": 0.0})
    stand.link.tell({"kind": "wish", "at": 0.0, "wish": {"kind": "key", "pitch": "high"}})
    stand.link.tell({"kind": "wish", "at": 0.0, "wish": wish})
    item = stand.items.get(timeout=PATIENCE_S)
    assert isinstance(item, KeyDown)
    assert (item.pitch, item.velocity, item.source) == (64, 90, PAGE_SOURCE)
    stand.link.close()


@pytest.mark.parametrize(
    ("wish", "item"),
    [
        ({"kind": "key", "pitch": 60, "velocity": 0}, KeyUp(5.0, 60, source=PAGE_SOURCE)),
        ({"kind": "pedal", "depth": 127}, PedalMoved(5.0, 127, source=PAGE_SOURCE)),
        ({"kind": "left_pedal", "depth": 90}, Incoming(5.0, PAGE_SOURCE, bytes((0xB0, 67, 90)))),
        (
            {"kind": "control", "name": "temperature", "value": 0.5},
            ControlMoved(5.0, "temperature", 0.5),
        ),
        ({"kind": "hand_over"}, HandOverNow(5.0)),
        ({"kind": "press", "name": "freeze"}, Pressed(5.0, "freeze")),
        ({"kind": "learn", "name": "freeze"}, LearnWished(5.0, "freeze")),
        ({"kind": "panic"}, Panic(5.0)),
        ({"kind": "gone"}, InputLost(5.0, PAGE_SOURCE)),
        ({"kind": "model", "name": "mine"}, ModelWished(5.0, "mine")),
    ],
)
def test_each_wish_has_its_item(wish: dict[str, Any], item: Item) -> None:
    assert list(items_of(wish, 5.0)) == [item]


def test_a_wish_that_nobody_knows_is_let_pass() -> None:
    assert list(items_of({"kind": "sing"}, 5.0)) == []


def test_another_word_reaches_the_page_process_and_one_that_is_started_again(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.link.start()
    stand.link.change_word()
    stand.link.tell({"kind": "die", "at": 1.5})
    wait_until(lambda: [row["kind"] for row in stand.rows()].count("word") == 2)
    words = [row["token"] for row in stand.rows() if row["kind"] == "word"]
    assert words[0] == words[1]
    assert len(words[0]) == len("bcdf-ghjk-mnpq")
    stand.link.close()


def test_a_page_process_that_dies_is_started_again_and_gets_all_from_the_beginning(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    stand.link.start()
    stand.link.tell(note(1.0))
    stand.link.tell({"kind": "die", "at": 1.5})
    wait_until(lambda: [row["kind"] for row in stand.rows()].count("begin") == 2)
    stand.link.tell(note(2.0))
    _, saved, did_its_work = stand.link.close()
    assert (saved, did_its_work) == (str(stand.path), True)
    after = stand.rows()[stand.rows().index({"kind": "die", "at": 1.5}) + 1 :]
    assert [row["kind"] for row in after] == ["begin", "note", "note", "end"]
    assert "started again" in stand.said[1]


def test_started_again_the_page_is_where_it_was(tmp_path: Path) -> None:
    stand = Stand(tmp_path, SCRIPT.replace("http://here", "http://127.0.0.1:4567/"))
    stand.link.start()
    stand.link.tell({"kind": "die", "at": 1.5})
    wait_until(lambda: [row["kind"] for row in stand.rows()].count("begin") == 2)
    process = stand.link._process
    assert process is not None
    assert list(process.args)[-3:] == ["--port", "4567", "--port-is-a-wish"]  # type: ignore[arg-type]
    stand.link.close()


def test_where_it_keeps_dying_the_rows_are_still_there_at_the_end(tmp_path: Path) -> None:
    stand = Stand(tmp_path, "import sys; sys.stdin.readline(); open(sys.argv[1], 'a').write('{}\\n')")
    stand.link.start()
    stand.link.tell(note(1.0))
    wait_until(lambda: any("keeps failing" in line for line in stand.said))
    stand.link.tell(note(2.0))
    rows, saved, did_its_work = stand.link.close()
    assert (saved, did_its_work) == (None, False)
    assert [row["at"] for row in rows if row["kind"] == "note"] == [1.0, 2.0]
    assert len(stand.path.read_text().splitlines()) <= MOST_STARTS


def test_where_it_keeps_dying_what_is_played_is_in_a_journal_as_it_comes_until_the_take_is_saved(
    tmp_path: Path,
) -> None:
    stand = Stand(tmp_path, "import sys; sys.stdin.readline()")
    take = tmp_path / "take.mid"
    stand.link.begin = {**BEGIN, "take": str(take)}
    stand.link.start()
    stand.link.tell(note(1.0))
    wait_until(lambda: any("keeps failing" in line for line in stand.said))
    stand.link.tell(note(2.0))
    stand.link.tell({"kind": "line", "at": 2.5, "text": "no music"})

    def journaled() -> list[tuple[str, float]]:
        text = journal_of(take).read_text() if journal_of(take).exists() else ""
        return [(row["kind"], row["at"]) for row in map(json.loads, text.splitlines())]

    wait_until(lambda: journaled() == [("begin", 0.0), ("note", 1.0), ("note", 2.0)])
    stand.link.close()
    assert journaled() == [("begin", 0.0), ("note", 1.0), ("note", 2.0)]  # until the take is saved


def test_why_there_is_no_page_is_said(tmp_path: Path) -> None:
    script = SCRIPT.replace('say(kind="ready", url="http://here")', 'say(kind="refused", reason="busy")')
    stand = Stand(tmp_path, script)
    stand.link.start()
    wait_until(lambda: stand.said == ["page  none: busy"])
    stand.link.close()


def test_starting_waits_for_no_page(tmp_path: Path) -> None:
    stand = Stand(tmp_path, SCRIPT.replace('say(kind="ready", url="http://here")', ""))
    stand.link.start()  # one that says nothing, as a recorder without a page
    stand.link.tell(note(1.0))
    _, saved, did_its_work = stand.link.close()
    assert (saved, did_its_work) == (str(stand.path), True)
    assert stand.said == []


def test_a_process_that_is_frozen_is_ended_and_leaves_the_take_to_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_link, "ANSWERS_WITHIN_S", 0.1)
    for frozen_after in (
        "import time; time.sleep(1000)",
        "import sys, time; sys.stdin.read(); time.sleep(1000)",
    ):
        stand = Stand(tmp_path, frozen_after)
        stand.link.start()
        for at in range(2000):  # more than a pipe holds
            stand.link.tell(note(at) | {"filling": "x" * 100})
        rows, saved, did_its_work = stand.link.close()
        assert (saved, did_its_work, stand.link.hangs) == (None, False, True)
        assert [row["at"] for row in rows if row["kind"] == "note"] == list(range(2000))
