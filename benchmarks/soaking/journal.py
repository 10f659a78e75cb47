"""What happened, a line of JSON each with its moment, in a file that outlives whoever wrote it.

Moments are seconds on the system's monotonic clock, which all processes share. Rows go into memory that the
file lies in: nothing waits for the system, and a process that is killed leaves what it has noted.
"""

import json
import mmap
import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any

Row = dict[str, Any]

HANDED, CAME, SENT, TURN = "handed", "came", "sent", "turn"  # the player's, in, out, whose turn it is
GROWS_BY = 1 << 24  # bytes; what hasn't been written takes no room on the disk
UNWRITTEN = b"\0"


class Journal:
    """Rows that are added at the end of a new file, from any thread."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        os.ftruncate(self._file, GROWS_BY)
        self._written = mmap.mmap(self._file, GROWS_BY)
        self._end = 0
        self._adding = Lock()

    def note(self, kind: str, **more: object) -> None:
        """Add what has just happened."""
        row = json.dumps({"at": time.monotonic(), "kind": kind} | more).encode() + b"\n"
        with self._adding:
            end = self._end + len(row)
            if end >= len(self._written):
                self._written.resize(len(self._written) + GROWS_BY)
            self._written[self._end : end] = row
            self._end = end


class Reading:
    """A journal that is read while it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def rows(self) -> Iterator[Row]:
        """The rows that have come since the last time."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._read)
            while (line := file.readline(GROWS_BY)).endswith(b"\n") and UNWRITTEN not in line:
                self._read += len(line)
                yield json.loads(line)


def rows_in(path: Path) -> list[Row]:
    """All whole rows."""
    return list(Reading(path).rows())
