"""What the doctor reads of a machine, from files as Linux has them."""

import os
import platform
from pathlib import Path

import pytest

from realtime.health import machine
from realtime.health.finding import Finding, Verdict
from realtime.health.machine import machine_findings

CPUINFO = "processor\t: 0\nmodel name\t: Slow One\nflags\t\t: fpu avx2 avx512_vnni sse\n"
CARDS = " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n                      HDA Intel PCH at 0xf7\n"


def found(root: Path, **files: str) -> dict[str, Finding]:
    for name, text in files.items():
        path = (
            root
            / {
                "cpuinfo": "proc/cpuinfo",
                "cards": "proc/asound/cards",
                "governor": "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
            }[name]
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return {one.about: one for one in machine_findings(root)}


def test_the_processor_is_named_with_the_features_that_models_use(tmp_path: Path) -> None:
    processor = found(tmp_path, cpuinfo=CPUINFO)["processor"]
    assert processor.verdict is Verdict.FINE
    assert "Slow One" in processor.found
    assert processor.found.endswith("has avx2 avx512_vnni")


def test_a_system_that_saves_power_is_noted_and_one_that_does_not_is_fine(tmp_path: Path) -> None:
    saving = found(tmp_path, governor="powersave\n")["processor's speed"]
    assert saving.verdict is Verdict.NOTE
    assert "cpupower" in saving.remedy
    assert found(tmp_path, governor="performance\n")["processor's speed"].verdict is Verdict.FINE


@pytest.mark.skipif(platform.system() != "Linux", reason="read from Linux's files")
def test_sound_cards_are_listed_and_none_is_noted(tmp_path: Path) -> None:
    assert found(tmp_path)["sound"].verdict is Verdict.NOTE
    assert found(tmp_path, cards=CARDS)["sound"].found == "cards: HDA-Intel - HDA Intel PCH"


def test_where_nothing_can_be_read_the_processor_is_named_all_the_same(tmp_path: Path) -> None:
    assert "cores: " in found(tmp_path)["processor"].found


@pytest.mark.skipif(not hasattr(os, "sched_setscheduler"), reason="no priorities here")
def test_a_system_that_refuses_priority_is_noted_with_the_limits_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    priority = found(tmp_path)["priority"]
    assert priority.verdict is Verdict.NOTE
    assert "rtprio" in priority.remedy


@pytest.mark.skipif(platform.system() != "Linux", reason="only Linux has a timer slack")
@pytest.mark.parametrize(("slack_ns", "is_fine"), [(1, True), (50_000, False)])
def test_being_woken_late_to_save_power_is_noted_where_nothing_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slack_ns: int, is_fine: bool
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    monkeypatch.setattr(machine, "timer_slack_ns", lambda: slack_ns)
    waking = found(tmp_path)["waking"]
    assert (waking.verdict is Verdict.FINE) == is_fine
    assert is_fine or "50 µs late" in waking.found
