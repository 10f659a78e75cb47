"""The figures of a live performance come out of its moments, and a real short performance gives them all.

How late anything is isn't asserted: machines are shared.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.instrument import audience, live, processes
from music.settings import SettingError
from tests.support.waiting import wait_until

STRUCK, ANSWERED, LET_GO = [0x90, 60, 80], [0x91, 67, 70], [0x81, 67, 64]


def turn(
    event: str, at: float, sent_at: float, phase: str, *due: float, changed: bool = False
) -> dict[str, Any]:
    return {
        "event": event,
        "at": at,
        "sent_at": sent_at,
        "phase": phase,
        "due": list(due),
        "changed": changed,
    }


def figures(**moments: Any) -> dict[str, Any]:
    return live.figures_of({"played": [], "heard": [], "turns": []} | moments)


def test_thru_is_from_a_note_in_to_the_same_note_out_on_the_player_s_channel() -> None:
    found = figures(
        played=[(1.0, STRUCK), (2.0, STRUCK)],
        heard=[(1.001, STRUCK), (1.5, ANSWERED), (2.003, STRUCK)],
    )
    assert found["thru_ms"]["n"] == 2
    assert found["thru_ms"]["p50"] == pytest.approx(2.0)
    assert found["thru_ms"]["max"] == pytest.approx(3.0)


def test_lateness_is_from_due_to_sent() -> None:
    found = figures(turns=[turn("Woke", 5.0, 5.004, "answering", 5.0, 5.001)])
    assert found["lateness_ms"]["max"] == pytest.approx(4.0)
    assert found["lateness_ms"]["n"] == 2


def test_a_handover_counts_where_the_first_note_was_due_when_the_answer_came() -> None:
    due_at_once = [
        turn("HandOverNow", 1.0, 1.0, "asking", changed=True),
        turn("AnswerCame", 1.002, 1.003, "answering", 1.0, changed=True),
    ]
    due_later = [
        turn("Woke", 3.0, 3.0, "asking", changed=True),
        turn("AnswerCame", 3.002, 3.002, "asking"),
        turn("Woke", 3.4, 3.401, "answering", 3.4, changed=True),
    ]
    found = figures(turns=due_at_once + due_later)
    assert found["handover_ms"]["n"] == 1
    assert found["handover_ms"]["p50"] == pytest.approx(3.0)


def test_a_cut_in_is_from_the_player_s_note_to_the_model_s_last_release() -> None:
    turns = [
        turn("Woke", 1.0, 1.0, "answering", 1.0, changed=True),
        turn("KeyDown", 2.0, 2.01, "calling", changed=True),
    ]
    found = figures(turns=turns, heard=[(2.001, LET_GO), (2.002, LET_GO), (2.003, STRUCK), (2.5, LET_GO)])
    assert found["cut_in_ms"]["n"] == 1
    assert found["cut_in_ms"]["max"] == pytest.approx(2.0)


def test_a_sketch_is_shown_where_one_came_before_the_next_note() -> None:
    played = [(1.0, STRUCK), (1.1, LET_GO), (2.0, STRUCK), (2.05, STRUCK)]
    found = figures(played=played, sketches=[1.06, 1.3, 2.11])
    assert found["shown_ms"]["n"] == 2
    assert found["shown_ms"]["max"] == pytest.approx(60.0)


def test_what_never_happened_has_no_figure() -> None:
    assert figures()["cut_in_ms"] == {"n": 0}


def test_a_note_that_never_comes_out_is_no_figure_and_one_more_out_than_in_is_left_over() -> None:
    found = figures(played=[(1.0, STRUCK), (2.0, [0x90, 61, 80])], heard=[(1.25, STRUCK), (9.0, STRUCK)])
    assert found["thru_ms"]["n"] == 1
    assert found["thru_ms"]["max"] == pytest.approx(250.0)


def test_a_cut_in_while_nothing_of_the_models_sounds_is_no_figure() -> None:
    turns = [
        turn("Woke", 1.0, 1.0, "answering", changed=True),
        turn("KeyDown", 2.0, 2.01, "calling", changed=True),
    ]
    assert figures(turns=turns, heard=[(2.001, STRUCK), (3.0, LET_GO)])["cut_in_ms"] == {"n": 0}


def test_a_turn_that_passes_otherwise_is_no_cut_in() -> None:
    turns = [
        turn("Woke", 1.0, 1.0, "answering", changed=True),
        turn("Woke", 2.0, 2.01, "waiting", changed=True),
        turn("KeyDown", 3.0, 3.01, "calling", changed=True),
    ]
    assert figures(turns=turns, heard=[(3.001, LET_GO)])["cut_in_ms"] == {"n": 0}


def instrument_that_says(*lines: str) -> Any:
    return SimpleNamespace(stdout=iter(line + "\n" for line in lines))


def test_the_page_is_where_the_instrument_says_that_it_is() -> None:
    said = instrument_that_says("model  one.onnx", "page  http://127.0.0.1:8100/  (open it)", "never read")
    assert live._url_of(said) == "http://127.0.0.1:8100/"
    assert list(said.stdout) == ["never read\n"]


def test_an_instrument_without_a_page_is_refused_with_what_it_said() -> None:
    with pytest.raises(SettingError, match="no page to measure with: page  none, no port is free"):
        live._url_of(instrument_that_says("page  none, no port is free"))


def test_an_instrument_that_ends_is_refused_with_the_remedy() -> None:
    with pytest.raises(SettingError, match="try it with antiphon play"):
        live._url_of(instrument_that_says("model  one.onnx"))


def test_a_page_that_can_not_be_connected_to_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience, "OPEN_WITHIN_S", 0.0)
    monkeypatch.setattr(audience, "Thread", lambda **_: SimpleNamespace(start=lambda: None))
    with (
        pytest.raises(SettingError, match="the page can't be connected to"),
        audience.page_open("http://nowhere/"),
    ):
        pass


def test_the_floor_is_how_late_sleepers_wake() -> None:
    with live._floor() as late:
        wait_until(lambda: len(late) > 2)
    gathered = len(late)
    assert all(moment > -0.001 for moment in late)
    assert len(late) == gathered  # nothing comes after


@pytest.mark.parametrize("wanted", [True, False])
def test_a_neighbour_is_there_only_where_one_is_wanted_and_gone_afterwards(
    wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    process = SimpleNamespace(kill=lambda: ended.append("killed"), wait=lambda: ended.append("waited for"))
    begun: list[list[str]] = []
    monkeypatch.setattr(live.subprocess, "Popen", lambda command: begun.append(command) or process)
    with live._neighbour(wanted=wanted):
        assert len(begun) == int(wanted)
        assert ended == []
    assert ended == (["killed", "waited for"] if wanted else [])


def test_costs_are_of_the_engine_and_its_children_together(monkeypatch: pytest.MonkeyPatch) -> None:
    used = {1: iter([1.0, 1.5]), 2: iter([3.0, 3.5])}
    now = iter([100.0, 110.0])
    monkeypatch.setattr(live, "children", lambda engine: [engine + 1])
    monkeypatch.setattr(live, "cpu_s", lambda process: next(used[process]))
    monkeypatch.setattr(live, "rss_mb", lambda process: 50.0 * process)
    monkeypatch.setattr(live.time, "perf_counter", lambda: next(now))
    monkeypatch.setattr(live.time, "sleep", lambda _: None)
    assert live._costs(1) == {"idle_cpu_percent": pytest.approx(10.0), "rss_mb": 150.0, "processes": 2.0}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_process_is_asked_for_its_time_its_memory_and_its_children() -> None:
    own = os.getpid()
    before = processes.cpu_s(own)
    assert before > 0
    assert processes.cpu_s(own) >= before
    assert processes.rss_mb(own) > 10
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in processes.children(own)
        child.communicate(b"\n")
    assert child.pid not in processes.children(own)


def test_the_figures_are_those_of_one_performance_with_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = {"played": [(1.0, STRUCK)], "heard": [(1.001, STRUCK)], "turns": []}
    asked: list[argparse.Namespace] = []

    def performed(args: argparse.Namespace, model: Path, folder: Path) -> Any:
        assert folder.is_dir()
        asked.append(args)
        return moments, {"ready_s": 2.0}

    monkeypatch.setattr(live, "_performed", performed)
    parser = argparse.ArgumentParser()
    live.add_arguments(parser)
    found = live.run(parser.parse_args(["--model", "mine.onnx", "--seconds", "3"]))
    assert (found["model"], found["seconds"], found["ready_s"]) == ("mine.onnx", 3.0, 2.0)
    assert found["thru_ms"]["n"] == 1
    assert (asked[0].seed, asked[0].alone) == (1, False)


@pytest.mark.slow
def test_a_short_real_performance_gives_every_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    monkeypatch.setattr(live, "IDLE_S", 0.5)
    parser = argparse.ArgumentParser()
    live.add_arguments(parser)
    found = live.run(parser.parse_args(["--seconds", "8", "--alone"]))
    assert found["thru_ms"]["n"] > 10
    assert found["lateness_ms"]["n"] > 0
    assert found["floor_ms"]["n"] > 100
    assert found["processes"] == 2
    assert found["rss_mb"] > 20
    assert found["ready_s"] > 0
    assert found["idle_cpu_percent"] >= 0
