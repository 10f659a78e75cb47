"""The benchmark of a model file measures what it says, with its circumstances; no figure is asserted."""

import argparse
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest

from benchmarks.instrument import model as benchmark
from realtime.inference.bundle import ModelFileError, read_bundle
from tests.support.command import ROOT

GOLDEN = ROOT / "tests" / "golden"
KEPT = read_bundle(GOLDEN / "format-2-int8.onnx")


def figures(*words: str) -> dict[str, object]:
    parser = argparse.ArgumentParser()
    benchmark.add_arguments(parser)
    return benchmark.run(parser.parse_args(words))


@pytest.mark.slow
@pytest.mark.xdist_group("exported")
def test_an_event_a_feed_and_a_bare_step_are_measured_in_the_same_run(small_files: Path) -> None:
    measured = figures(str(small_files / "small-int8.onnx"), "--calls", "200")
    for name in ("event_ms", "feed_ms", "bare_step_ms"):
        row = measured[name]
        assert isinstance(row, dict)
        assert 0 < row["p50"] <= row["p99"] <= row["max"]
        assert row["n"] == 200
    assert "'small', 2 x 32, int8" in str(measured["model"])


def test_of_a_model_of_rows_a_row_and_a_feed_are_measured() -> None:
    measured = figures(str(GOLDEN / "families" / "format-3-character-int8.onnx"), "--calls", "200")
    assert {"row_ms", "feed_ms"} <= measured.keys()
    assert "bare_step_ms" not in measured
    for name in ("row_ms", "feed_ms"):
        row = measured[name]
        assert isinstance(row, dict)
        assert 0 < row["p50"] <= row["p99"] <= row["max"]


def test_a_peers_architecture_takes_its_turns_in_the_same_run() -> None:
    measured = figures(str(GOLDEN / "families" / "format-3-character-int8.onnx"), "--calls", "200", "--peer")
    row = measured["peer_event_ms"]
    assert isinstance(row, dict)
    assert 0 < row["p50"] <= row["p99"]
    assert measured["peer_weights"] == pytest.approx(17.7e6, rel=0.02)
    assert isinstance(measured["peer_over_row"], float)


def test_the_processors_time_is_taken_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(benchmark, "read_bundle", lambda path: MagicMock())
    monkeypatch.setattr(benchmark, "measure", lambda *given, **_: asked.append(given[3]) or {})
    said = [figures("mine.onnx", *words)["time"] for words in ((), ("--processor-time",))]
    assert asked == [time.perf_counter, time.process_time]
    assert said == ["wall", "processor"]


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no such model file"):
        figures(str(tmp_path / "none.onnx"))


class CountingSession:
    """A model whose state counts the events that it heard, and whose events count themselves."""

    begin = 0

    def __init__(self) -> None:
        self.fed: list[tuple[int, int]] = []

    def silent_state(self) -> int:
        return 0

    def step(self, inputs: Any, state: int) -> tuple[Any, int]:
        return SimpleNamespace(event=inputs.event + 1), state + 1

    def feed(self, event: int, state: int) -> int:
        self.fed.append((event, state))
        return state + 1


@pytest.fixture
def _two_kinds_of_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event takes 4 ms, a feed 2 ms, a bare step 1 ms, whatever the clock says."""
    calls = {"event_ms": lambda: 0.004, "feed_ms": lambda: 0.002}
    monkeypatch.setattr(benchmark, "ModelSession", lambda bundle, device, scores: None)
    monkeypatch.setattr(benchmark, "_playing", lambda session, clock: calls)
    monkeypatch.setattr(benchmark, "_bare", lambda bundle, clock: lambda: 0.001)


@pytest.mark.usefixtures("_two_kinds_of_call")
def test_each_kind_of_call_has_its_spread_and_the_event_is_set_against_the_bare_step() -> None:
    measured = benchmark.measure(KEPT, "cpu", 300)
    assert {name: measured[name]["n"] for name in ("event_ms", "feed_ms", "bare_step_ms")} == dict.fromkeys(
        ("event_ms", "feed_ms", "bare_step_ms"), 300
    )
    assert measured["event_ms"]["p50"] == pytest.approx(4.0)
    assert measured["event_over_bare"] == pytest.approx(4.0)


@pytest.mark.usefixtures("_two_kinds_of_call")
def test_fewer_calls_than_make_a_percentile_are_not_taken() -> None:
    assert benchmark.measure(KEPT, "cpu", 1)["event_ms"]["n"] == benchmark._FEWEST_CALLS


def test_the_kinds_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[str] = []
    monkeypatch.setattr(benchmark, "ModelSession", lambda bundle, device, scores: None)
    monkeypatch.setattr(
        benchmark, "_playing", lambda session, clock: {"event_ms": lambda: turns.append("event") or 1.0}
    )
    monkeypatch.setattr(benchmark, "_bare", lambda bundle, clock: lambda: turns.append("bare") or 1.0)
    benchmark.measure(KEPT, "cpu", 200)
    warm = 2 * benchmark._FEWEST_CALLS
    rounds = [turns[at : at + benchmark._ROUND] for at in range(warm, len(turns), benchmark._ROUND)]
    assert [set(kind) for kind in rounds] == [{"event"}, {"bare"}] * 4


def test_an_answer_goes_on_and_its_last_event_is_fed() -> None:
    session = CountingSession()
    calls = benchmark._playing(session, time.perf_counter)
    assert all(calls["event_ms"]() >= 0 for _ in range(3))
    assert all(calls["feed_ms"]() >= 0 for _ in range(2))
    assert session.fed == [(3, 0), (3, 1)]  # the third event, heard by a state of its own


def test_the_device_that_is_asked_for_is_the_one_that_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []
    bundle = MagicMock()
    monkeypatch.setattr(benchmark, "read_bundle", lambda path: bundle)
    monkeypatch.setattr(
        benchmark,
        "measure",
        lambda bundle, device, calls, clock, **_: asked.append((device, calls)) or {"event_ms": 1},
    )
    measured = figures("mine.onnx", "--device", "cuda", "--calls", "7")
    assert asked == [("cuda", 7)]
    assert (measured["device"], measured["event_ms"]) == ("cuda", 1)
