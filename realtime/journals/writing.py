"""What is played, on disk within a second: a file beside each take that rows are added to as they come.

A take becomes a MIDI file when nobody plays; until then its journal has it all. A journal that nobody writes
to any more belongs to a performance that was broken off: at the next start a take is made of it.

All of it is done on a thread of its own, as a disk may be slow. Must not know when takes are saved.
"""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import Any

from realtime.journals.clearing import clear_away
from realtime.journals.held import hold
from realtime.journals.names import journal_of
from realtime.journals.unwritten import Unwritten
from realtime.rows.kinds import Row

SYNCED_EVERY_S = 0.5  # to the disk itself, for the power may go; for a process that is killed no wait matters
GATHERED_S = 0.02  # a wheel sends thousands a second: written together they cost a fraction
AGAIN_AFTER_S = 1.0  # where it can't be written


class Journals:
    """The journals of a performance's takes."""

    def __init__(self, begin: Row, recover: Callable[[], None] = lambda: None) -> None:
        """From the performance's first row. First of all, on the journals' thread, `recover` is called: it
        sees to those that were left behind."""
        self._begin, self._recover = begin, recover
        self._queue: SimpleQueue[tuple[Path, Row | None] | None] = SimpleQueue()
        self._files: dict[Path, int] = {}
        self._waiting: dict[Path, Unwritten] = {}
        self._unsynced: set[Path] = set()
        self._synced_at = self._failed_at = -AGAIN_AFTER_S
        self._thread = Thread(target=self._work, name="journals", daemon=True)
        self._thread.start()

    def add(self, take: Path, row: Row) -> None:
        """One more row of a take."""
        self._queue.put((take, row))

    def drop(self, take: Path) -> None:
        """A take's file has it all: its journal is needed no more."""
        self._queue.put((take, None))

    def close(self) -> None:
        """Write what waits; what has not been dropped stays for the next start."""
        self._queue.put(None)
        self._thread.join()

    # On the thread.

    def _work(self) -> None:
        self._recover()
        while self._take_what_waits():
            self._write()
            if monotonic() - self._synced_at >= SYNCED_EVERY_S:
                self._sync()
        self._write()
        for file in self._files.values():
            os.close(file)

    def _take_what_waits(self) -> bool:
        """Wait for a row, or until something is to be done without one; whether there will be more."""
        try:
            thing = self._queue.get(timeout=self._wait_s())
        except Empty:
            return True
        if thing is not None and self._queue.empty():
            sleep(GATHERED_S)
        while thing is not None:
            self._note(*thing)
            if self._queue.empty():
                return True
            thing = self._queue.get()
        return False

    def _wait_s(self) -> float | None:
        if self._unsynced:
            return max(self._synced_at + SYNCED_EVERY_S - monotonic(), 0.0)
        return AGAIN_AFTER_S if self._waiting else None

    def _note(self, take: Path, row: Row | None) -> None:
        if row is not None:
            self._waiting.setdefault(take, Unwritten()).add(_line(row))
            return
        self._waiting.pop(take, None)
        self._unsynced.discard(take)
        file = self._files.pop(take, None)
        if file is not None:
            os.close(file)
            clear_away(take)

    def _write(self) -> None:
        if not self._waiting or monotonic() - self._failed_at < AGAIN_AFTER_S:
            return
        try:
            for take in list(self._waiting):
                self._append(take)
        except OSError:  # a full disk, a folder that is gone: it is tried again; saving the take says why
            self._failed_at = monotonic()

    def _append(self, take: Path) -> None:
        if take not in self._files:
            self._files[take] = _opened(journal_of(take))
            self._waiting[take].begin_with(_line(self._begin))
        self._unsynced.add(take)
        self._waiting[take].write_to(self._files[take])
        del self._waiting[take]

    def _sync(self) -> None:
        for take in self._unsynced:
            with suppress(OSError):  # some file systems can't
                os.fsync(self._files[take])
        self._unsynced.clear()
        self._synced_at = monotonic()


def _line(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def _opened(path: Path) -> int:
    """A new journal that is ours as long as we live, and nobody else's to read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        hold(file)
        os.ftruncate(file, 0)
    except OSError:
        os.close(file)
        raise
    with suppress(OSError):  # its name too; only POSIX syncs folders
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return file
