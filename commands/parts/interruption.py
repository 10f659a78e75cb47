"""What stops a command: a request from another program, taken as Ctrl-C is, and Ctrl-C while it begins.

What is under way is left in good order, and nothing unfinished lies about.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

STOPPED = 130  # the status of whoever was stopped by Ctrl-C


@contextmanager
def sigterm_as_ctrl_c() -> Iterator[None]:
    """Within, SIGTERM raises KeyboardInterrupt, unless it is ignored.

    What handles signals itself within keeps its own way.
    """
    before = signal.getsignal(signal.SIGTERM)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        if before is not signal.SIG_IGN:
            signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


@contextmanager
def ctrl_c_ends_at_once() -> Iterator[None]:
    """Within, Ctrl-C ends the process then and there, unless it is ignored: nothing has been begun yet.

    As an exception it would be lost: a library in C that is being loaded takes it for a failure of its own,
    and the command goes on without that library. What handles signals itself within keeps its own way.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _end(_: int, __: FrameType | None) -> None:
    with suppress(Exception):  # we may be in the middle of writing
        sys.stdout.flush()
    with suppress(OSError):
        os.write(2, b"antiphon: stopped\n")
    os._exit(STOPPED)
