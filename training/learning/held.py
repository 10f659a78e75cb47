"""A run, or an experiment, that a living process writes to: a second one is refused before it writes.

The hold goes with the process, however that ends. Must not know what lies in the folder.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from music.settings import SettingError

if sys.platform != "win32":  # there a folder can't be held
    import fcntl


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep this folder for ourselves while within; one that another process keeps is an error."""
    if sys.platform == "win32":
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _hold(handle, folder)
        yield
    finally:
        os.close(handle)


def _hold(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SettingError(
            f"{folder}: another process is at it; wait until that has ended, or stop it (Ctrl-C saves what "
            "it has learnt)"
        ) from None
    except OSError:  # some disks of a network know of no holding
        return
