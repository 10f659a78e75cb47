"""The figures of a live performance come out of its moments, and a real short performance gives them all.

How late anything is isn't asserted: machines are shared.
"""

import argparse
from typing import Any

import pytest

from benchmarks.instrument import live

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


def test_what_never_happened_has_no_figure() -> None:
    assert figures()["cut_in_ms"] == {"n": 0}


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
