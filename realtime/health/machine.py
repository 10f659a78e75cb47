"""The machine: what its processor can do, whether the system lets music go first, how fast it may run, and
whether there is anything that sounds.

Reads what Linux tells in files; elsewhere less is known, and less is said. Must not know ports or models.
"""

import os
import platform
from collections.abc import Iterator
from pathlib import Path

from realtime.health.finding import Finding, fine, noted
from realtime.priority import LEAST_SLACK_NS, timer_slack_ns, urgent

WORTH_KNOWING = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "asimd", "asimddp", "i8mm")
_RIGHT = (
    "echo '@audio - rtprio 95' | sudo tee /etc/security/limits.d/audio.conf; "
    "sudo usermod -aG audio $USER; log in again"
)


def machine_findings(root: Path = Path("/")) -> Iterator[Finding]:
    """What was found; `root` is where the system's files lie."""
    yield _processor(root / "proc/cpuinfo")
    governor = _governor(root / "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    if governor is not None:
        yield governor
    yield from _priority()
    yield from _sound_cards(root / "proc/asound/cards")


def _processor(cpuinfo: Path) -> Finding:
    name, features = platform.processor() or platform.machine() or "unknown", set[str]()
    for line in _lines(cpuinfo):
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            name = value.strip()
        elif key.strip() in ("flags", "Features"):
            features |= set(value.split())
    has = [word for word in WORTH_KNOWING if word in features]
    return fine("processor", f"{name}, cores: {os.cpu_count() or 0}{', has ' + ' '.join(has) if has else ''}")


def _governor(path: Path) -> Finding | None:
    mode = next(iter(_lines(path)), "").strip()
    if mode == "powersave":
        return noted(
            "processor's speed",
            "the system saves power (governor powersave)",
            "for the stage: sudo cpupower frequency-set -g performance",
        )
    return fine("processor's speed", f"governor {mode}") if mode else None


def _priority() -> Iterator[Finding]:
    if not hasattr(os, "sched_setscheduler"):
        return  # nothing is asked for here
    with urgent() as agreed:
        slack_ns = timer_slack_ns()
    if agreed:
        yield fine("priority", "music goes before ordinary programs")
    else:
        yield noted(
            "priority", "the system treats us like every program; a busy one can make notes late", _RIGHT
        )
    if agreed or slack_ns == LEAST_SLACK_NS:
        yield fine("waking", "whoever sleeps until a note is due is woken at its moment")
    elif slack_ns is not None:
        yield noted(
            "waking",
            f"the system wakes us up to {slack_ns / 1000:.0f} µs late, to save power, and won't do otherwise",
            f"what helps against a busy machine helps here too: {_RIGHT}",
        )


def _sound_cards(path: Path) -> Iterator[Finding]:
    if platform.system() != "Linux":
        return
    cards = [line.split("]:")[-1].strip() for line in _lines(path) if "]:" in line]
    if cards:
        yield fine("sound", f"cards: {', '.join(cards)}")
    else:
        yield noted(
            "sound", "this machine has no sound card", "plug an interface in, or let another machine sound"
        )


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
