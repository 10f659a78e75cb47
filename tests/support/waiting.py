"""Waiting for something that another thread or process brings about."""

import time
from collections.abc import Callable


def wait_until(is_so: Callable[[], bool], within_s: float = 30.0) -> None:
    """Until it is so; an error if it doesn't become so in time."""
    give_up_at = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < give_up_at, "it didn't happen in time"
        time.sleep(0.005)
