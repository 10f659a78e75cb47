"""One browser at its websocket: what waits to be sent to it, and how fast it may wish.

A slow one holds nobody back and takes no memory without bound. Must not know what rows mean.
"""

import asyncio
from collections.abc import Hashable
from contextlib import suppress

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from realtime.rows.backlog import Backlog
from realtime.web.browsers.allowance import Allowance

MOST_ROWS = 2000  # that wait: a browser behind by that much starts afresh
MOST_LINES = 20
TRY_AGAIN = 1013  # the websocket's word for: come back, it was too much at once
CLOSES_WITHIN_S = 1.0
WISHES_PER_S = 500.0
WISHES_AT_ONCE = 500.0

_NEWEST_ONLY = frozenset(
    {"quiet", "controls", "ports", "presets", "takes", "sound", "idea", "expected", "coming"}
)


class Browser:
    """A browser that listens. `number` tells it from the others."""

    def __init__(self, number: int, socket: ServerConnection) -> None:
        self.number = number
        self.socket = socket
        self.allowance = Allowance(WISHES_PER_S, WISHES_AT_ONCE)
        self._backlog = Backlog()
        self._lines = 0
        self._changed = asyncio.Event()
        self._is_sent = asyncio.Event()
        self._leaving: asyncio.Task[None] | None = None

    def put(self, kind: str, text: str) -> None:
        """Send it when there is room; of what shows a state only the newest waits."""
        if self._leaving is not None:
            return
        self._backlog.put(text, self._newest_of(kind))
        self._changed.set()
        if len(self._backlog) > MOST_ROWS:
            self.send_away(TRY_AGAIN, "too far behind")

    def send_away(self, code: int, reason: str) -> None:
        """Close it, without waiting for that; it gets nothing more."""
        if self._leaving is None:
            self._backlog.clear()
            self._leaving = asyncio.create_task(self.close(code, reason))

    async def send(self) -> None:
        """Send what is put in, until the browser is gone."""
        with suppress(ConnectionClosed):
            while True:
                await self._changed.wait()
                while self._backlog:
                    await self.socket.send(self._backlog.pop())
                self._changed.clear()
                self._is_sent.set()

    async def sent(self) -> None:
        """Wait until nothing waits any more."""
        if self._changed.is_set():
            self._is_sent.clear()
            await self._is_sent.wait()

    async def close(self, code: int, reason: str) -> None:
        """Say goodbye; if it doesn't read even that, go without."""
        try:
            async with asyncio.timeout(CLOSES_WITHIN_S):
                await self.socket.close(code, reason)
        except TimeoutError:
            self.socket.transport.abort()

    def _newest_of(self, kind: str) -> Hashable:
        if kind != "line":
            return kind if kind in _NEWEST_ONLY else None
        self._lines += 1
        return kind, self._lines % MOST_LINES
