"""What stops a command: a request from another program, taken as Ctrl-C is.

What is under way is left in good order, and nothing unfinished lies about.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


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
