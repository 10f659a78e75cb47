"""The whole instrument while it is played, with a page connected and a neighbour who uses one core.

`thru_ms`: the player's note in to the same note out. `lateness_ms`: the model's notes, due to sent.
`handover_ms`: turn decided to first note of the answer sent, where it was due at once. `cut_in_ms`: the
player's note in to the last note of the answer released. `shown_ms`: the player's note in to the sketch of an
answer on the page, where one came before the next note. `floor_ms`: how late the machine itself wakes a
sleeper, while all that went on. Memory and idle time are the engine's and the page process's together.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Any

import benchmarks
from benchmarks.instrument.audience import page_open
from benchmarks.instrument.live_instrument import due_at_once
from benchmarks.instrument.processes import children, cpu_s, rss_mb
from benchmarks.spread import spread
from music.settings import SettingError
from realtime.inference.default_model import default_model

NOTE_ON, NOTE_OFF = 0x90, 0x80
PLAYER_CHANNEL, MODEL_CHANNEL = 0, 1
FLOOR_SLEEP_S = 0.01
IDLE_S = 10.0
READY_WITHIN_S = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--model", type=Path, metavar="FILE", help="a model file (default: the one that comes with Antiphon)"
    )
    parser.add_argument(
        "--seconds", type=float, default=120.0, metavar="S", help="how long it is played (default: 120)"
    )
    parser.add_argument(
        "--handovers",
        type=int,
        default=0,
        metavar="N",
        help="only short phrases, each handed over by hand, until N answers were due at once, within "
        "--seconds at the most: 200 take about five minutes",
    )
    parser.add_argument(
        "--flood",
        action="store_true",
        help="instead of music, 5,000 messages a second of a controller that moves a knob, then of one that "
        "is passed on, each for --seconds: the share of a core that they cost",
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="(default: %(default)s)")
    parser.add_argument(
        "--alone", action="store_true", help="without the neighbour who uses one core all the time"
    )
    parser.add_argument(
        "--unwatched", action="store_true", help="the page doesn't ask to see what is thought of"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    model = args.model or default_model()
    with tempfile.TemporaryDirectory() as folder:
        moments, costs = _performed(args, model, Path(folder))
    figures = {"flood": moments["flood"]} if args.flood else figures_of(moments)
    return {"model": str(model), "seconds": args.seconds} | costs | figures


def _performed(args: argparse.Namespace, model: Path, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    options = {
        "model": str(model),
        "seed": args.seed,
        "seconds": args.seconds,
        "handovers": args.handovers,
        "flood": args.flood,
        "take": str(folder / "take.mid"),
        "moments": str(folder / "moments.json"),
    }
    began = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.instrument.live_instrument", json.dumps(options)]
    instrument = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(benchmarks.__file__).parent.parent,
    )
    try:
        url = _url_of(instrument)
        ready_s = time.perf_counter() - began
        looks = not args.unwatched
        with page_open(url, looks=looks) as sketches, _neighbour(wanted=not args.alone), _floor() as floor:
            costs = _costs(instrument.pid)
            assert instrument.stdin is not None
            instrument.stdin.write("play\n")
            instrument.stdin.flush()
            instrument.communicate(timeout=(3 if args.flood else 1) * args.seconds + READY_WITHIN_S)
    finally:
        if instrument.poll() is None:
            instrument.kill()
            instrument.wait()
    moments = json.loads((folder / "moments.json").read_text()) | {"sketches": sketches}
    return moments, {"ready_s": ready_s} | costs | {"floor_ms": spread(floor)}


def _url_of(instrument: subprocess.Popen[str]) -> str:
    """Where the page is, as the instrument says when it is ready."""
    assert instrument.stdout is not None
    for line in instrument.stdout:
        if line.startswith("page  http"):
            return line.split()[1]
        if line.startswith("page"):
            raise SettingError(f"no page to measure with: {line.strip()}")
    raise SettingError("the instrument ended before it was ready; try it with antiphon play")


@contextmanager
def _neighbour(*, wanted: bool) -> Iterator[None]:
    """Another process that uses one core all the time."""
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if wanted else None
    try:
        yield
    finally:
        if busy is not None:
            busy.kill()
            busy.wait()


@contextmanager
def _floor() -> Iterator[list[float]]:
    """How late, in seconds, a sleeper wakes on this machine at this time; gathered meanwhile."""
    late: list[float] = []
    closing = Flag()

    def sleep() -> None:
        while not closing.is_set():
            due = time.perf_counter() + FLOOR_SLEEP_S
            time.sleep(FLOOR_SLEEP_S)
            late.append(time.perf_counter() - due)

    sleeper = Thread(target=sleep, daemon=True)
    sleeper.start()
    try:
        yield late
    finally:
        closing.set()
        sleeper.join(1.0)


def _costs(engine: int) -> dict[str, float]:
    """What the engine and the page process cost while nobody plays."""
    processes = [engine, *children(engine)]
    before, began = sum(map(cpu_s, processes)), time.perf_counter()
    time.sleep(IDLE_S)
    used, passed = sum(map(cpu_s, processes)) - before, time.perf_counter() - began
    return {
        "idle_cpu_percent": 100.0 * used / passed,
        "rss_mb": sum(map(rss_mb, processes)),
        "processes": float(len(processes)),
    }


def figures_of(moments: dict[str, Any]) -> dict[str, Any]:
    """Lateness of every kind from the moments that were noted."""
    turns = moments["turns"]
    late = [turn["sent_at"] - due for turn in turns for due in turn["due"]]
    kinds = {
        "thru_ms": _thru(moments["played"], moments["heard"]),
        "lateness_ms": late,
        "handover_ms": due_at_once(turns),
        "cut_in_ms": _cut_ins(turns, moments["heard"]),
        "shown_ms": _shown(moments["played"], moments.get("sketches", [])),
    }
    return {name: spread(seconds) if seconds else {"n": 0} for name, seconds in kinds.items()}


def _thru(played: list[Any], heard: list[Any]) -> list[float]:
    """From each of the player's notes to the same note on the player's channel."""
    out: dict[int, list[float]] = {}
    for at, message in heard:
        if message[0] == NOTE_ON | PLAYER_CHANNEL:
            out.setdefault(message[1], []).append(at)
    taken = dict.fromkeys(out, 0)
    passed = []
    for at, message in played:
        if message[0] == NOTE_ON and message[1] in out and taken[message[1]] < len(out[message[1]]):
            passed.append(out[message[1]][taken[message[1]]] - at)
            taken[message[1]] += 1
    return passed


def _shown(played: list[Any], sketches: list[float]) -> list[float]:
    """From each of the player's notes to the first sketch, where one came before the next note."""
    onsets = [at for at, message in played if message[0] == NOTE_ON]
    passed = []
    for at, following in pairwise([*onsets, math.inf]):
        came = next((moment for moment in sketches if at < moment < following), None)
        passed += [] if came is None else [came - at]
    return passed


def _cut_ins(turns: list[Any], heard: list[Any]) -> list[float]:
    """From the player's note to the last release of the model's, where any of the model's notes sounded."""
    passed = []
    answering = False
    for turn in turns:
        if turn["changed"] and answering and turn["phase"] == "calling":
            releases = [
                at
                for at, message in heard
                if turn["at"] <= at <= turn["sent_at"] and message[0] == NOTE_OFF | MODEL_CHANNEL
            ]
            passed += [max(releases) - turn["at"]] if releases else []
        answering = turn["phase"] == "answering"
    return passed
