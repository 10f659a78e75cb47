"""The whole instrument while it is played, with a page connected and a neighbour who uses one core.

`thru_ms`: the player's note in to the same note out. `lateness_ms`: the model's notes, due to sent.
`handover_ms`: turn decided to first note of the answer sent, where it was due at once. `cut_in_ms`: the
player's note in to the last note of the answer released. `floor_ms`: how late the machine itself wakes a
sleeper, while all that went on. Memory and idle time are the engine's and the page process's together.
"""

import argparse
import asyncio
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Any

import benchmarks
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
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="(default: %(default)s)")
    parser.add_argument(
        "--alone", action="store_true", help="without the neighbour who uses one core all the time"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    model = args.model or default_model()
    with tempfile.TemporaryDirectory() as folder:
        moments, costs = _performed(args, model, Path(folder))
    return {"model": str(model), "seconds": args.seconds} | costs | figures_of(moments)


def _performed(args: argparse.Namespace, model: Path, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    options = {
        "model": str(model),
        "seed": args.seed,
        "seconds": args.seconds,
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
        with _page_open(url), _neighbour(wanted=not args.alone), _floor() as floor:
            costs = _costs(instrument.pid)
            assert instrument.stdin is not None
            instrument.stdin.write("play\n")
            instrument.stdin.flush()
            instrument.communicate(timeout=args.seconds + READY_WITHIN_S)
    finally:
        if instrument.poll() is None:
            instrument.kill()
            instrument.wait()
    moments = json.loads((folder / "moments.json").read_text())
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
def _page_open(url: str) -> Iterator[None]:
    """A page connected, that reads all it is sent."""
    closing, open_now = Flag(), Flag()

    async def read() -> None:
        from websockets.asyncio.client import connect
        from websockets.exceptions import ConnectionClosedOK

        live = url.replace("http://", "ws://").rstrip("/") + "/live"
        async with connect(live, origin=url.rstrip("/"), max_size=None) as page:  # type: ignore[arg-type]
            open_now.set()
            while not closing.is_set():
                try:
                    await asyncio.wait_for(page.recv(), 0.2)
                except TimeoutError:
                    continue
                except ConnectionClosedOK:
                    return  # the instrument was put away

    reader = Thread(target=lambda: asyncio.run(read()), daemon=True)
    reader.start()
    if not open_now.wait(READY_WITHIN_S):
        raise SettingError(f"{url}: the page can't be connected to")
    try:
        yield
    finally:
        closing.set()
        reader.join(5.0)


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
    processes = [engine, *_children(engine)]
    before, began = sum(map(_cpu_s, processes)), time.perf_counter()
    time.sleep(IDLE_S)
    used, passed = sum(map(_cpu_s, processes)) - before, time.perf_counter() - began
    return {
        "idle_cpu_percent": 100.0 * used / passed,
        "rss_mb": sum(map(_rss_mb, processes)),
        "processes": float(len(processes)),
    }


def _children(process: int) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    return [pid for pid, parent in pairs if parent == process]


def _cpu_s(process: int) -> float:
    """Seconds of processor time so far; from the system's own count, in ticks of some 10 ms."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss_mb(process: int) -> float:
    shown = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=True
    )
    return int(shown.stdout) / 1024


def figures_of(moments: dict[str, Any]) -> dict[str, Any]:
    """Lateness of every kind from the moments that were noted."""
    turns = moments["turns"]
    late = [turn["sent_at"] - due for turn in turns for due in turn["due"]]
    kinds = {
        "thru_ms": _thru(moments["played"], moments["heard"]),
        "lateness_ms": late,
        "handover_ms": _handovers(turns),
        "cut_in_ms": _cut_ins(turns, moments["heard"]),
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


def _handovers(turns: list[Any]) -> list[float]:
    """From the turn's passing to the first note, where that was due when the answer came."""
    passed, decided_at, came_at = [], math.nan, math.nan
    for turn in turns:
        if turn["changed"] and turn["phase"] == "asking":
            decided_at, came_at = turn["at"], math.nan
        if turn["event"] == "AnswerCame" and math.isnan(came_at):
            came_at = turn["at"]
        if turn["due"] and not math.isnan(decided_at):
            if min(turn["due"]) <= came_at:
                passed.append(turn["sent_at"] - decided_at)
            decided_at = math.nan
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
