"""How urgent the system takes us to be: above ordinary programs, where the person's machine lets us.

On Linux that is a right that people who make music usually have (the group `audio`, or `rtprio` in the
limits); elsewhere nothing is asked for. Threads and programs that are started meanwhile are as urgent as we
are, so a program that isn't must say so itself.

Linux lets an ordinary thread sleep up to 50 µs longer than it asked for, its *timer slack*, to save power;
whoever is served first has none. So where the priority is refused, we ask at least for that, which everybody
may.
"""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PRIORITY = 5  # of 99: above every ordinary program, below JACK's own 10
LEAST_SLACK_NS = 1  # 0 would mean the slack that there was
_ORDINARY_SLACK_NS = 50_000
_SET_TIMER_SLACK, _GET_TIMER_SLACK = 29, 30  # as prctl(2) numbers what it is asked


@contextmanager
def urgent() -> Iterator[bool]:
    """While within, the system serves us first, and lets us sleep no longer than we ask for; whether it
    agreed to the first."""
    slack_ns = timer_slack_ns()
    agreed = _ask_for(getattr(os, "SCHED_RR", None), _PRIORITY)
    _set_timer_slack(LEAST_SLACK_NS)
    try:
        yield agreed
    finally:
        if agreed:
            _ask_for(getattr(os, "SCHED_OTHER", None), 0)
        if slack_ns:
            _set_timer_slack(slack_ns)


def be_ordinary() -> None:
    """Wait our turn like everybody, and sleep as long as suits the system."""
    _ask_for(getattr(os, "SCHED_OTHER", None), 0)
    _set_timer_slack(_ORDINARY_SLACK_NS)


def timer_slack_ns() -> int | None:
    """By how much, in nanoseconds, the system may let this thread sleep longer than it asks for; None where
    it has no such thing or doesn't say."""
    slack_ns = _prctl(_GET_TIMER_SLACK, 0)
    return None if slack_ns < 0 else slack_ns


def _set_timer_slack(slack_ns: int) -> None:
    """Of this thread, and of whatever it starts from now on. Nothing else changes where that is refused."""
    _prctl(_SET_TIMER_SLACK, slack_ns)


def _prctl(what: int, number: int) -> int:
    """What the system says; less than 0 for no, or where there is nobody to ask."""
    if sys.platform != "linux":
        return -1
    with suppress(AttributeError, OSError):  # a C library without it
        return int(ctypes.CDLL(None).prctl(what, ctypes.c_ulong(number), *(ctypes.c_ulong(0),) * 3))
    return -1


def _ask_for(policy: int | None, priority: int) -> bool:
    if policy is None or not hasattr(os, "sched_setscheduler"):
        return False
    with suppress(OSError):
        os.sched_setscheduler(0, policy, os.sched_param(priority))
        return True
    return False
