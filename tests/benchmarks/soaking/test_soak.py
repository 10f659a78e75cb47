"""The instrument is played over JACK while things go wrong; what must always hold, holds.

How much JACK loses isn't asserted: on a busy machine it loses a lot.

With the model that comes with Antiphon every fault comes once, one right after the other: some three minutes,
of which most is getting over the faults, so that spread over five minutes they would find nothing more. Who
answers changes little of that: without a network half a minute must do.
`ANTIPHON_SOAK_MINUTES` says how long it is played with the model, at the least.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.soaking import soak
from benchmarks.soaking.faults import FAULTS
from tests.support.command import ROOT

MINUTES = float(os.environ.get("ANTIPHON_SOAK_MINUTES", "0.1"))
WITHOUT_A_NETWORK_MINUTES = 0.5
AT_MOST_S = 900.0  # more than it is played: getting over all faults, on a machine that has hardly any time


def test_messages_are_read_from_what_the_listener_in_c_writes() -> None:
    text = "   0: 90 3c 50 note on  (channel  0): pitch  60, velocity  80\n 12: f8\n  7: b0 40 7f control\n"
    assert soak.heard_in(text) == [b"\x90\x3c\x50", b"\xf8", b"\xb0\x40\x7f"]


def test_memory_is_that_of_whoever_lived_longest() -> None:
    weighed = [(0.0, 1, "engine", 90.0), (60.0, 1, "engine", 91.0), (61.0, 2, "engine", 50.0)]
    assert soak.growth(weighed) == {"engine": {"from_mb": 90.0, "to_mb": 91.0, "minutes": 1.0}}


def soaked(folder: Path, minutes: float, *words: str) -> dict[str, Any]:
    """The figures of a soak in a group of processes of its own, which ends with it in any case."""
    words = ("--minutes", str(minutes), "--keep", str(folder), *words)
    with subprocess.Popen(
        [sys.executable, "antiphon.py", "bench", "soak", *words, "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=60 * minutes + AT_MOST_S)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0
    figures: dict[str, Any] = json.loads(said)
    return figures


@pytest.mark.jack
@pytest.mark.slow
@pytest.mark.timeout(60 * MINUTES + AT_MOST_S + 60)
def test_whatever_goes_wrong_nothing_hangs_nothing_is_lost_in_us_and_every_phrase_is_answered(
    tmp_path: Path,
) -> None:
    pytest.importorskip("onnxruntime")
    every_s = "0.1" if MINUTES < 1 else "15"
    figures = soaked(tmp_path / "soak", MINUTES, "--each-fault", "--fault-every", every_s)
    assert set(figures["faults"]) == set(FAULTS)
    _all_holds(figures)


@pytest.mark.jack
@pytest.mark.slow
@pytest.mark.timeout(60 * WITHOUT_A_NETWORK_MINUTES + AT_MOST_S + 60)
def test_nor_where_the_answer_comes_by_rule(tmp_path: Path) -> None:
    words = ("--fault-every", "2", "--model", "none")
    _all_holds(soaked(tmp_path / "soak", WITHOUT_A_NETWORK_MINUTES, *words))


def _all_holds(figures: dict[str, Any]) -> None:
    assert figures["answered"] > 0
    assert figures["never_answered"] == 0
    assert figures["left_sounding"] == []
    assert figures["sounding_after_faults"] == {}
    assert figures["notes_after_the_turn_was_lost"] == 0
    assert (figures["lost_by_the_instrument"], figures["put_out_of_order"]) == (0, 0)
    assert figures["takes"]["broken"] == 0
    assert figures["takes"]["files"] == figures["engines"]
    assert (figures["engines_that_died"], figures["exit_status"]) == (0, 0)
