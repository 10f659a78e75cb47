"""The page's server on this machine: files over HTTP, and rows and wishes over a websocket to each browser.

Checks who asks: only this machine by its own name, and a websocket only from the page itself, so that no
other site that is open in the browser can listen or play. Must not know what rows say, or where takes lie.
"""

import asyncio
import errno
import os
import socket
from contextlib import suppress
from http import HTTPStatus
from time import monotonic
from typing import Protocol
from urllib.parse import unquote, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from realtime.rows.messages import MOST_WISH_BYTES, HandOver, Limits, NewTake, Panic, TakeSound, Wish, wish_of
from realtime.web.browsers import files
from realtime.web.browsers.browser import Browser
from realtime.web.browsers.files import HttpAnswer, refusal

ADDRESS = "127.0.0.1"
LIVE = "/live"
MOST_BROWSERS = 64
GOING_AWAY, NO_PAGE_OF_OURS = 1001, 1008
MOST_JUNK = 100  # messages that are no wishes, from one browser
SEND_BUFFER_BYTES = (
    1 << 18
)  # in the system, for each browser: a slow one should be noticed while it is not far behind
OPENS_WITHIN_S = 5.0
PING_EVERY_S = 10.0
CLOSES_WITHIN_S = 5.0

_COSTS = {
    HandOver: 25.0,
    Panic: 25.0,
    NewTake: 25.0,
    TakeSound: 25.0,
}  # of what a person does a few times a minute


class Instrument(Protocol):
    """What the server serves."""

    limits: Limits

    def welcome(self, browser: int) -> str:
        """The first object that a browser gets."""
        ...

    def joined(self, browser: int) -> None:
        """A browser came."""
        ...

    def wished(self, browser: int, wish: Wish) -> None:
        """A browser wishes."""
        ...

    def left(self, browser: int) -> None:
        """A browser went."""
        ...

    async def take(self, name: str) -> bytes | None:
        """A take as a MIDI file."""
        ...


class PortRefused(Exception):
    """The port can't be had; says why, and what to do."""


class PageServer:
    """Serves one instrument to all browsers."""

    def __init__(self, instrument: Instrument, listener: socket.socket) -> None:
        self._instrument = instrument
        self._listener = listener
        self.port: int = listener.getsockname()[1]
        self._hosts = _hosts(self.port)
        self._browsers: dict[int, Browser] = {}
        self._count = 0
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{ADDRESS}:{self.port}/"

    async def start(self) -> None:
        """From here on browsers are answered."""
        self._server = await serve(
            self._live,
            sock=self._listener,
            process_request=self._answer,
            compression=None,  # rows are short; deflating costs more than it saves
            server_header=None,
            open_timeout=OPENS_WITHIN_S,
            ping_interval=PING_EVERY_S,
            ping_timeout=PING_EVERY_S,
            close_timeout=CLOSES_WITHIN_S,
            max_size=MOST_WISH_BYTES,
        )

    def tell(self, kind: str, text: str) -> None:
        """Tell all browsers."""
        for browser in self._browsers.values():
            browser.put(kind, text)

    async def close(self) -> None:
        """Send what waits, say goodbye to all, and listen no more."""
        if self._server is None:
            return
        self._server.close(close_connections=False)
        await asyncio.gather(*(self._see_off(browser) for browser in list(self._browsers.values())))

    async def _see_off(self, browser: Browser) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await browser.sent()
        await browser.close(GOING_AWAY, "the instrument was put away")

    # The websocket.

    async def _live(self, connection: ServerConnection) -> None:
        self._count += 1
        browser = Browser(self._count, connection)
        # In one go: a row comes either within the welcome or after it.
        browser.put("welcome", self._instrument.welcome(browser.number))
        self._browsers[browser.number] = browser
        self._instrument.joined(browser.number)
        sending = asyncio.create_task(browser.send())
        try:
            with suppress(ConnectionClosed):
                await self._listen(browser)
        finally:
            del self._browsers[browser.number]
            self._instrument.left(browser.number)
            sending.cancel()

    async def _listen(self, browser: Browser) -> None:
        junk = 0
        async for message in browser.socket:
            wish = wish_of(message, self._instrument.limits)
            if wish is None:
                junk += 1
                if junk >= MOST_JUNK:
                    return await browser.close(NO_PAGE_OF_OURS, "that is no page of ours")
                continue
            self._instrument.wished(browser.number, wish)
            # Whoever wishes too much is read no faster; the rest waits at the sender.
            if (wait_s := browser.allowance.spend(_COSTS.get(type(wish), 1.0), monotonic())) > 0:
                await asyncio.sleep(wait_s)
        return None

    # HTTP.

    async def _answer(self, _: ServerConnection, request: Request) -> Response | None:
        """The answer to a request; None lets a websocket open."""
        host = _only(request.headers, "Host").lower()
        if host not in self._hosts:
            answer = refusal(HTTPStatus.FORBIDDEN, f"this is {self.url}, and answers to no other name")
            return _response(answer, f"{ADDRESS}:{self.port}", request.method)
        if request.path == LIVE:
            refused = self._refuse_live(request, host)
            return None if refused is None else _response(refused, host, request.method)
        return _response(await self._file(request), host, request.method)

    def _refuse_live(self, request: Request, host: str) -> HttpAnswer | None:
        if _only(request.headers, "Upgrade").lower() != "websocket":
            return refusal(
                HTTPStatus.UPGRADE_REQUIRED, "here is the page's websocket, and no page", Upgrade="websocket"
            )
        if _only(request.headers, "Origin").lower() != f"http://{host}":
            return refusal(HTTPStatus.FORBIDDEN, f"only the page itself, {self.url}, may listen and play")
        if len(self._browsers) >= MOST_BROWSERS:
            return refusal(
                HTTPStatus.SERVICE_UNAVAILABLE, f"{MOST_BROWSERS} pages are open: close one to open another"
            )
        return None

    async def _file(self, request: Request) -> HttpAnswer:
        if request.method not in files.METHODS:
            reason = f"{request.method[:20]} is not understood here"
            return refusal(HTTPStatus.METHOD_NOT_ALLOWED, reason, Allow=", ".join(files.METHODS))
        try:
            path = unquote(urlsplit(request.path).path, errors="strict")
        except ValueError:
            return refusal(HTTPStatus.NOT_FOUND, "that is no address")
        folder, _, name = path.removeprefix("/").partition("/")
        if path == "/":
            return files.page_file(files.FIRST_PAGE)
        if folder == "page" and name:
            return files.page_file(name)
        if folder == "takes" and name:
            content = await self._instrument.take(name)
            if content is not None:
                return files.take_file(name, content)
            return refusal(HTTPStatus.NOT_FOUND, f"there is no take {name[:100]}")
        return refusal(HTTPStatus.NOT_FOUND, f"there is nothing at {path[:100]}")


def listening(port: int, *, any_other: bool = False) -> socket.socket:
    """A socket that listens on this machine alone.

    With `any_other`, on another port where this one is in use.
    """
    try:
        listener = socket.create_server((ADDRESS, port), backlog=100)
    except OSError as error:
        if any_other and port:
            return listening(0)
        raise PortRefused(_refusal(port, error)) from error
    # Those that are accepted inherit it.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    return listener


def _refusal(port: int, error: OSError) -> str:
    is_busy = error.errno == errno.EADDRINUSE
    reason = "is in use" if is_busy else f"can't be opened ({os.strerror(error.errno or 0)})"
    return f"port {port} {reason}: say --page-port N, or --page-port 0 for any free one"


def _hosts(port: int) -> frozenset[str]:
    names = (ADDRESS, "localhost", "[::1]")
    bare = names if port == 80 else ()  # the port that a browser leaves out
    return frozenset([*(f"{name}:{port}" for name in names), *bare])


def _only(headers: Headers, name: str) -> str:
    """The value of a header that is there once; nothing where it is missing or there twice."""
    values = headers.get_all(name)
    return values[0].strip() if len(values) == 1 else ""


def _response(answer: HttpAnswer, host: str, method: str) -> Response:
    headers = Headers(files.headers_of(answer, host))
    body = b"" if method == "HEAD" else answer.content
    return Response(answer.status.value, answer.status.phrase, headers, body)
