"""A flood of controllers, and what it costs: a wheel that trembles, or a faulty one.

Runs in the instrument's process. The player's own share, measured by flooding nobody, is taken off. Must not
know what a controller moves.
"""

import os
import time
from collections.abc import Callable
from typing import Any

from benchmarks.instrument.processes import children, cpu_s

CONTROL = 0xB0
MOD_WHEEL, EXPRESSION = 1, 11  # as the instrument is set up, the first moves a knob, the second is passed on
A_SECOND = 5000
BURST = 5  # messages at once, as a driver hands them over

Send = Callable[[bytes], object]


def flood(send: Send, controller: int, seconds: float) -> int:
    """So many messages a second of one controller, whose place goes up and down; how many were sent."""
    began, sent = time.perf_counter(), 0
    while (passed_s := time.perf_counter() - began) < seconds:
        while sent < passed_s * A_SECOND:
            for _ in range(BURST):
                send(bytes((CONTROL, controller, 40 + sent % 48)))
                sent += 1
        time.sleep(BURST / A_SECOND)
    return sent


def costs(send: Send, seconds: float) -> dict[str, Any]:
    """For a controller that moves a knob and for one that is passed on: messages a second, and the share of a
    core that the instrument and its page process take."""
    player_s, _ = _measured(lambda _: None, MOD_WHEEL, seconds)
    found = {}
    for name, controller in (("knob", MOD_WHEEL), ("passed_on", EXPRESSION)):
        used_s, sent = _measured(send, controller, seconds)
        percent = 100 * (used_s - player_s) / seconds
        found[name] = {"messages_a_second": sent / seconds, "cpu_percent": percent}
    return found


def _measured(send: Send, controller: int, seconds: float) -> tuple[float, int]:
    """Processor seconds of this process and its children while it is flooded, and how many were sent."""
    processes = [os.getpid(), *children(os.getpid())]
    before = sum(map(cpu_s, processes))
    sent = flood(send, controller, seconds)
    return sum(map(cpu_s, processes)) - before, sent
