"""What JACK loses on a busy machine: what was handed to a port beside what arrived, at two listeners.

Each message has a number. Five of them are handed over at once, four times a second, as a cut-in does with
its releases, and each again a tenth of a second and a second later, on channels of their own, as the
instrument does. One
listener is a program in C that comes with JACK, the other python-rtmidi's in a process of its own: what
neither hears, the way to them has lost. The server's driver is the dummy one, which has no sound card.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Set
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.instrument.sound_server import READY_WITHIN_S, require, running, sound_server
from music.settings import SettingError
from realtime.engine.repeats import AGAIN_AFTER_S
from realtime.midi.ports import OutputPort
from realtime.midi.rtmidi_ports import RtMidiSystem, open_system

NUMBERED = 0xE0  # a pitch bend has fourteen bits
FIRST, AGAIN, ONCE_MORE = TIMES = (0, 1, 2)  # the channels of the three times
BURST, BURST_EVERY_S = 5, 0.25
SENT_AFTER_S = (0.0, *AGAIN_AFTER_S)
MOST_SECONDS = (1 << 14) * BURST_EVERY_S / BURST
PROGRAMS = ("jackd", "jack_wait", "jack_midi_dump", "jack_connect")
SETTLED_S = 2.0
LISTENER = """
import sys, time, rtmidi
ear = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, "python listener")
ear.set_callback(lambda stamped, _: print(*("%02x" % byte for byte in stamped[0]), flush=True))
names = ear.get_ports()
ear.open_port(next(place for place, name in enumerate(names) if "numbered" in name))
print("ready", flush=True)
time.sleep(float(sys.argv[1]))
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="(default: %(default)s)")
    parser.add_argument(
        "--busy",
        type=int,
        default=2,
        metavar="N",
        help="programs that use a core each (default: %(default)s)",
    )
    parser.add_argument(
        "--frames", type=int, default=512, help="of a period of JACK's (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    require(*PROGRAMS)
    if not 0 < args.seconds <= MOST_SECONDS:
        raise SettingError(f"--seconds is more than 0 and at most {MOST_SECONDS:.0f}, not {args.seconds:g}")
    name = "antiphon-bench"
    with tempfile.TemporaryDirectory() as folder, sound_server(name, args.frames):
        os.environ["JACK_DEFAULT_SERVER"] = name
        handed, heard = _measured(args, Path(folder))
    return {"seconds": args.seconds, "busy": args.busy, "period_frames": args.frames} | figures_of(
        handed, heard
    )


def figures_of(handed: Set[int], heard: dict[str, dict[int, Set[int]]]) -> dict[str, Any]:
    """Of what was handed over, what each listener and both together have missed, by the times it was sent.

    `heard` has the numbers by listener and channel.
    """
    both: dict[int, Set[int]] = {
        time: set[int]().union(*(ears[time] for ears in heard.values())) for time in TIMES
    }
    return {
        "handed_over": len(handed),
        **{f"missed_by_{name}": _missed(handed, ears) for name, ears in {**heard, "both": both}.items()},
    }


def _missed(handed: Set[int], ears: dict[int, Set[int]]) -> dict[str, int]:
    once = handed - ears[FIRST]
    twice = once - ears[AGAIN]
    return {"sent_once": len(once), "sent_twice": len(twice), "sent_thrice": len(twice - ears[ONCE_MORE])}


def numbers_in(text: str) -> dict[int, Set[int]]:
    """The numbers that a listener wrote down, by channel."""
    found: dict[int, set[int]] = {time: set() for time in TIMES}
    for status, low, high in re.findall(r"\be([0-2]) ([0-7][0-9a-f]) ([0-7][0-9a-f])\b", text):
        found[int(status)].add(int(low, 16) | int(high, 16) << 7)
    return dict(found)


def _measured(args: argparse.Namespace, folder: Path) -> tuple[set[int], dict[str, dict[int, Set[int]]]]:
    system = open_system("jack")
    port = system.make_output("numbered")
    whole_s = args.seconds + 2 * READY_WITHIN_S
    with ExitStack() as stack:
        for _ in range(args.busy):
            stack.enter_context(running([sys.executable, "-c", "while True: pass"]))
        ears = {"c": folder / "c", "python": folder / "python"}
        stack.enter_context(running(["stdbuf", "-oL", "jack_midi_dump", "listener"], ears["c"]))
        stack.enter_context(running([sys.executable, "-c", LISTENER, str(whole_s)], ears["python"]))
        connect = ["jack_connect", _whole_name(system), "listener:input"]
        _wait_until(lambda: subprocess.run(connect, capture_output=True, check=False).returncode == 0)
        _wait_until(lambda: "ready" in ears["python"].read_text())
        time.sleep(SETTLED_S)
        handed = _hand_over(port, args.seconds)
        time.sleep(SETTLED_S)
    heard = {name: numbers_in(path.read_text()) for name, path in ears.items()}
    port.close()
    system.close()
    return handed, heard


def _wait_until(is_so: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + READY_WITHIN_S
    while not is_so():
        if time.monotonic() > give_up_at:
            raise SettingError("a listener doesn't come up: is another JACK server in the way?")
        time.sleep(0.1)


def _whole_name(system: RtMidiSystem) -> str:
    return next(name for name in system.input_names() if name.endswith(":numbered"))


def _hand_over(port: OutputPort, seconds: float) -> set[int]:
    """Send bursts, each three times; the numbers that were handed over."""
    bursts = range(int(seconds / BURST_EVERY_S))
    planned = sorted(
        (burst * BURST_EVERY_S + after_s, channel, burst)
        for burst in bursts
        for channel, after_s in zip(TIMES, SENT_AFTER_S, strict=True)
    )
    began = time.perf_counter()
    for due, channel, burst in planned:
        time.sleep(max(began + due - time.perf_counter(), 0.0))
        for number in range(burst * BURST, (burst + 1) * BURST):
            port.send(bytes((NUMBERED | channel, number & 127, number >> 7)))
    return set(range(len(bursts) * BURST))
