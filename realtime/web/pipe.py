"""The two ends of the pipe to the engine.

Lines in, lines out, each on a thread of its own, so that the event loop never waits for them.

Threads rather than the event loop's own pipes, as those are not to be had for a process's standard ones on
every system. Knows wishes only by what may be left out of them when the engine doesn't read.
"""

import asyncio
import os
from collections.abc import Callable, Hashable
from contextlib import suppress
from threading import Condition, Semaphore, Thread

from realtime.rows.backlog import Backlog
from realtime.rows.messages import Control, HandOver, Key, Wish, written

MOST_WISHES = 512  # that wait for the engine; a page that plays makes some ten at a time
MOST_LINES = 20
_CHUNK_BYTES = 1 << 16
_CHUNKS_AHEAD = 8  # read, and not yet handled: beyond these the engine's pipe fills up, as it should


class LinesIn:
    """Reads lines.

    `take` gets them on the event loop, some at a time, and at last `ended` is called there.
    """

    def __init__(
        self,
        descriptor: int,
        loop: asyncio.AbstractEventLoop,
        take: Callable[[list[bytes]], None],
        ended: Callable[[], None],
    ) -> None:
        self._descriptor, self._loop, self._take, self._ended = descriptor, loop, take, ended
        self._room = Semaphore(_CHUNKS_AHEAD)
        # A daemon, and `os.read` takes no lock: at the process's end it may still wait for a line.
        Thread(target=self._read, name="lines in", daemon=True).start()

    def _read(self) -> None:
        begun = b""
        with suppress(RuntimeError):  # the event loop is closed: nobody wants more
            while chunk := self._next():
                *lines, begun = (begun + chunk).split(b"\n")
                if lines:
                    self._room.acquire()
                    self._loop.call_soon_threadsafe(self._handle, lines)
            self._loop.call_soon_threadsafe(self._ended)

    def _next(self) -> bytes:
        try:
            return os.read(self._descriptor, _CHUNK_BYTES)
        except OSError:  # no pipe at all is one that has ended
            return b""

    def _handle(self, lines: list[bytes]) -> None:
        try:
            self._take(lines)
        finally:
            self._room.release()


class LinesOut:
    """Writes lines as soon as they come. Nobody there to read is no fault: then they are dropped."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._backlog = Backlog()
        self._changed = Condition()
        self._is_closed = self._is_gone = False
        self._said = 0
        self._thread = Thread(target=self._write, name="lines out", daemon=True)
        self._thread.start()

    def say(self, line: str) -> None:
        """A line of this process itself; of those that wait the oldest is dropped when they are too many."""
        self._said += 1
        self._put(line, ("line", self._said % MOST_LINES))

    def wish(self, wish: Wish) -> None:
        """A wish of a browser.

        While the engine reads nothing, keys that go down are left out, never those that go up.
        """
        with self._changed:
            is_full = len(self._backlog) >= MOST_WISHES
        if isinstance(wish, Control):
            self._put(written(wish), ("control", wish.name))
        elif not is_full:
            self._put(written(wish), None)
        elif isinstance(wish, Key) and not wish.velocity:
            self._put(written(wish), ("up", wish.pitch))
        elif not isinstance(wish, Key | HandOver):
            self._put(written(wish), type(wish).__name__)

    def close(self, within_s: float) -> None:
        """Write what waits, if anybody reads it within so many seconds."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join(within_s)

    def _put(self, line: str, newest_of: Hashable) -> None:
        with self._changed:
            if not self._is_gone:
                self._backlog.put(line, newest_of)
                self._changed.notify()

    def _write(self) -> None:
        while lines := self._waiting():
            try:
                _write_all(self._descriptor, lines)
            except OSError:
                with self._changed:
                    self._is_gone = True
                    self._backlog.clear()
                return

    def _waiting(self) -> bytes:
        """What is to be written, once there is something; nothing at the end."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._backlog) or self._is_closed)
            return b"".join(self._backlog.pop().encode() + b"\n" for _ in range(min(len(self._backlog), 16)))


def _write_all(descriptor: int, lines: bytes) -> None:
    rest = memoryview(lines)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
