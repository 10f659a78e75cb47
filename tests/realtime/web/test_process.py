"""The page process from its start to its end: whatever ends it, what was played is saved."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from music.midi.files import read_phrase
from realtime.journals.names import journal_of
from tests.support.page_process import ROOT, PageProcess, note, page_process, received, turn
from tests.support.waiting import PATIENCE_S, wait_until

HEAVY = ("torch", "onnxruntime", "streamlit", "training", "export", "dashboard", "symusic", "rtmidi", "mido")


def played(page: PageProcess) -> None:
    page.tell(note(1.0, 60), note(1.5, 60, 0))


def saves(page: PageProcess, take: Path) -> None:
    assert page.said() == {"kind": "saved", "path": str(take)}
    assert page.ended() == 0
    assert [note.pitch for note in read_phrase(take).notes] == [60]


def test_after_the_last_row_the_take_is_saved_and_browsers_hear_the_end(tmp_path: Path) -> None:
    with page_process(take=tmp_path / "take.mid") as page:
        page.open()
        played(page)
        with page.browser() as browser:
            received(browser, "welcome")
            page.tell({"kind": "end", "at": 2.0})
            assert received(browser, "end")["at"] == 2.0
            with pytest.raises(ConnectionClosed):
                received(browser, "nothing more")
            assert browser.close_code == 1001
        saves(page, tmp_path / "take.mid")


@pytest.mark.slow
def test_an_engine_that_dies_leaves_a_saved_take_and_a_closed_page(tmp_path: Path) -> None:
    with page_process(take=tmp_path / "take.mid") as page:
        page.open()
        played(page)
        with page.browser() as browser:
            received(browser, "welcome")
            page.close_pipe()
            with pytest.raises(ConnectionClosed):
                received(browser, "end")  # there is none
        saves(page, tmp_path / "take.mid")


@pytest.mark.slow
def test_after_both_were_killed_the_next_performance_saves_the_take_that_was_being_played(
    tmp_path: Path,
) -> None:
    old, new = tmp_path / "old.mid", tmp_path / "new.mid"
    with page_process("--no-page", take=old) as page:
        played(page)
        wait_until(lambda: journal_of(old).exists() and journal_of(old).read_bytes().count(b"\n") == 3)
        page.process.kill()  # with the pipe open: nobody says that it is over
    assert not old.exists()
    with page_process("--no-page", take=new) as page:
        assert page.said("line")["text"] == f"a take that was broken off is saved: {old}"
        assert [note.pitch for note in read_phrase(old).notes] == [60]
        page.tell({"kind": "end", "at": 2.0})
        assert page.said() == {"kind": "saved", "path": None}
        assert page.ended() == 0
    assert [path.name for path in tmp_path.iterdir()] == ["old.mid"]


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_crash_says_where_it_was() -> None:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "realtime.web", "--port", "0"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"kind": "begin", "at": 0.0, "wall": 0.0, "take": None}).encode() + b"\n")
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(signal.SIGSEGV)
    _, errors = process.communicate(timeout=PATIENCE_S)
    assert b"Segmentation fault" in errors
    assert str(ROOT / "realtime").encode() in errors  # a line of ours, of whichever thread got the signal


@pytest.mark.slow
def test_a_browser_that_reads_nothing_does_not_delay_the_end(tmp_path: Path) -> None:
    with page_process(take=tmp_path / "take.mid") as page:
        page.open()
        with page.browser():  # which takes in a few rows by itself, and then no more
            played(page)
            page.tell(*(turn(2.0, "calling") | {"filling": "x" * 5000} for _ in range(1500)))
            page.tell({"kind": "end", "at": 3.0})
            saves(page, tmp_path / "take.mid")


def test_sigterm_saves_and_ctrl_c_is_the_engines(tmp_path: Path) -> None:
    with page_process(take=tmp_path / "take.mid") as page:
        page.open()
        with page.browser() as browser:
            played(page)
            page.process.send_signal(signal.SIGINT)
            page.tell(turn(2.0, "calling"))
            received(browser, "turn")
            assert page.process.poll() is None
            page.process.send_signal(signal.SIGTERM)
            saves(page, tmp_path / "take.mid")


def test_nobody_reading_what_it_says_does_not_keep_it_from_saving(tmp_path: Path) -> None:
    take = tmp_path / "take.mid"
    read_end, write_end = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "realtime.web", "--port", "0"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=write_end,
        stderr=subprocess.PIPE,
    )
    os.close(write_end)
    os.close(read_end)
    rows = [
        {"kind": "begin", "at": 0.0, "wall": 0.0, "take": str(take)},
        note(1.0, 60),
        note(1.5, 60, 0),
        {"kind": "end", "at": 2.0},
    ]
    _, errors = process.communicate(
        "".join(json.dumps(row) + "\n" for row in rows).encode(), timeout=PATIENCE_S
    )
    assert (process.returncode, errors) == (0, b"")
    assert [note.pitch for note in read_phrase(take).notes] == [60]


def test_nothing_played_is_nothing_saved(tmp_path: Path) -> None:
    with page_process(take=tmp_path / "take.mid") as page:
        page.open()
        page.tell(turn(1.0, "calling"), turn(2.0), {"kind": "end", "at": 3.0})
        assert page.said() == {"kind": "saved", "path": None}
        assert page.ended() == 0
    assert list(tmp_path.iterdir()) == []


def test_of_other_messages_browsers_get_the_left_pedal_alone(tmp_path: Path) -> None:
    with page_process(take=tmp_path / "take.mid") as page:
        page.open()
        with page.browser() as browser:
            received(browser, "welcome")
            for bytes_ in ("e00040", "b04011", "b14340"):
                page.tell({"kind": "message", "at": 1.0, "source": 0, "bytes": bytes_})
            assert received(browser, "message")["bytes"] == "b14340"


@pytest.mark.slow
def test_a_port_in_use_is_refused_with_the_remedy_and_takes_are_saved_all_the_same(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with page_process("--port", str(port), take=tmp_path / "take.mid") as page:
            reason = f"port {port} is in use: say --page-port N, or --page-port 0 for any free one"
            assert page.said() == {"kind": "refused", "reason": reason}
            played(page)
            page.tell({"kind": "end", "at": 2.0})
            saves(page, tmp_path / "take.mid")


def test_where_the_port_is_a_wish_another_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with page_process("--port", str(port), "--port-is-a-wish") as page:
            said = page.said("line")["text"]
            assert said.startswith(
                f"port {port} is in use, perhaps by another Antiphon: the page is on port "
            )
            assert page.open().port != port
            assert page.get("/nothing")[0].status == 404


def test_without_a_page_it_only_records(tmp_path: Path) -> None:
    with page_process("--no-page", take=tmp_path / "take.mid") as page:
        played(page)
        page.tell({"kind": "end", "at": 2.0})
        saves(page, tmp_path / "take.mid")


def test_a_pipe_that_closes_before_the_first_row_is_an_end() -> None:
    process = subprocess.run(
        [sys.executable, "-P", "-m", "realtime.web"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (process.returncode, process.stderr) == (0, b"")
    said = [json.loads(line) for line in process.stdout.splitlines()]
    assert said == [{"kind": "ending"}, {"kind": "saved", "path": None}]


def test_rows_that_cannot_be_do_not_stop_those_that_can(tmp_path: Path) -> None:
    with page_process(take=tmp_path / "take.mid") as page:
        page.open()
        page.tell({"kind": "alive", "at": 1.0}, {"kind": "begin", "at": 1.0, "wall": 1.0}, {"nothing": 1})
        played(page)
        page.tell({"kind": "end", "at": 2.0})
        saves(page, tmp_path / "take.mid")


def test_what_the_page_process_does_not_need_it_does_not_import() -> None:
    imports = "import sys, json, realtime.web.process, realtime.web.browsers.server"
    code = f"{imports}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    modules = json.loads(done.stdout)
    assert [name for name in modules if name.split(".")[0] in (*HEAVY, "numpy")] == []
