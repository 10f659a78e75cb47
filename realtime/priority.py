"""How urgent the system takes us to be: above ordinary programs, where the person's machine lets us.

On Linux that is a right that people who make music usually have (the group `audio`, or `rtprio` in the
limits); elsewhere nothing is asked for. Threads and programs that are started meanwhile are as urgent as we
are, so a program that isn't must say so itself.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PRIORITY = 5  # of 99: above every ordinary program, below JACK's own 10


@contextmanager
def urgent() -> Iterator[bool]:
    """While within, the system serves us first; whether it agreed."""
    agreed = _ask_for(getattr(os, "SCHED_RR", None), _PRIORITY)
    try:
        yield agreed
    finally:
        if agreed:
            be_ordinary()


def be_ordinary() -> None:
    """Wait our turn like everybody."""
    _ask_for(getattr(os, "SCHED_OTHER", None), 0)


def _ask_for(policy: int | None, priority: int) -> bool:
    if policy is None or not hasattr(os, "sched_setscheduler"):
        return False
    with suppress(OSError):
        os.sched_setscheduler(0, policy, os.sched_param(priority))
        return True
    return False
