"""Waiting for something that another thread or process brings about."""

import time
from collections.abc import Callable

# Against hanging, and no measure of speed: a busy machine starts a process of ours in half a minute.
PATIENCE_S = 300.0


def wait_until(is_so: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
    """Until it is so; an error if it doesn't become so in time."""
    give_up_at = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < give_up_at, "it didn't happen in time"
        time.sleep(0.005)
