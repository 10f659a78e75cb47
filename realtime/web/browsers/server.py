"""The page's server: files over HTTP, and rows and wishes over a websocket to each browser.

Checks who asks: only under the names of the place that is asked, and only below an address that has a word in
it which is drawn at each start, so that nobody else who works on this machine or in its network can listen,
play or fetch takes; and a websocket only from the page itself, so that no other site that is open in the
browser can. Must not know what rows say, or where takes lie.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from time import monotonic
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from realtime.rows.messages import (
    MOST_WISH_BYTES,
    PROTOCOL,
    HandOver,
    Learn,
    Limits,
    Look,
    Model,
    NewTake,
    Panic,
    PlayOn,
    Press,
    RenameTake,
    TakeSound,
    Wish,
    line,
    wish_of,
)
from realtime.web.browsers import files
from realtime.web.browsers.allowance import Allowance
from realtime.web.browsers.browser import Browser
from realtime.web.browsers.files import HttpAnswer, refusal
from realtime.web.browsers.places import Place
from realtime.web.browsers.word import Word

LIVE = "/live"
INNOCENT = ("/", "/favicon.ico")  # what a browser asks for by itself, where somebody typed the port alone
WRONG_TRIES_PER_S, WRONG_TRIES_AT_ONCE = 1.0, 20.0
MOST_BROWSERS = 64
GOING_AWAY, ANOTHER_PROTOCOL, NO_PAGE_OF_OURS, ANOTHER_WORD = 1001, 1002, 1008, 4003
WORD_CHANGED = "the page has another address by now: open the link that is shown now"
MOST_JUNK = 100  # messages that are no wishes, from one browser
OPENS_WITHIN_S = 20.0  # a browser opens connections ahead, and on a busy machine asks for a file much later
PING_EVERY_S = 2.5  # a browser that is frozen holds its keys for two of these
CLOSES_WITHIN_S = 5.0

_COSTS = {
    HandOver: 25.0,
    Model: 25.0,
    Panic: 25.0,
    Press: 25.0,
    Learn: 25.0,
    NewTake: 25.0,
    PlayOn: 25.0,
    RenameTake: 25.0,
    TakeSound: 25.0,
    Look: 25.0,
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

    def tried(self, *, is_of_another_start: bool) -> None:
        """Somebody tried an address with a wrong word in it; said once of each sort."""
        ...

    async def take(self, name: str) -> bytes | None:
        """A take as a MIDI file."""
        ...

    async def heard(self, name: str) -> bytes | None:
        """A take as the page plays it back."""
        ...

    async def piano(self, name: str) -> bytes | None:
        """A file of the recorded piano."""
        ...


class PageServer:
    """Serves one instrument to all browsers."""

    def __init__(self, instrument: Instrument, places: Sequence[Place], word: str) -> None:
        """`places` are where it is found, the first on this machine; nobody is answered without `word`."""
        self._instrument = instrument
        self._places = places
        self._word = Word(word)
        self._tries = Allowance(WRONG_TRIES_PER_S, WRONG_TRIES_AT_ONCE)
        self._tried: set[bool] = set()  # whether what was tried could be of another start
        self.port = places[0].port
        self._browsers: dict[int, Browser] = {}
        self._count = 0
        self._servers: list[Server] = []

    @property
    def urls(self) -> list[str]:
        """Where the page is, at each place."""
        return [place.url(self._word.word) for place in self._places]

    async def start(self) -> None:
        """From here on browsers are answered."""
        self._servers = [await self._serve(place) for place in self._places]

    async def _serve(self, place: Place) -> Server:
        return await serve(
            self._live,
            sock=place.listener,
            ssl=place.tls,
            process_request=partial(self._answer, place),
            compression=None,  # rows are short; deflating costs more than it saves
            server_header=None,
            open_timeout=OPENS_WITHIN_S,
            ping_interval=PING_EVERY_S,
            ping_timeout=PING_EVERY_S,
            close_timeout=CLOSES_WITHIN_S,
            max_size=MOST_WISH_BYTES,
        )

    def change_word(self, word: str) -> None:
        """From here on nobody is answered without this word; who came by the one before is sent away."""
        self._word = Word(word)
        for browser in self._browsers.values():
            browser.send_away(ANOTHER_WORD, WORD_CHANGED)

    def tell(self, kind: str, text: str) -> None:
        """Tell all browsers."""
        for browser in self._browsers.values():
            browser.put(kind, text)

    async def close(self) -> None:
        """Send what waits, say goodbye to all, and listen no more."""
        for server in self._servers:
            server.close(close_connections=False)
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
        if (other := _other_version(connection)) is not None:
            return await _refuse_version(browser, other)
        if connection.request is None or self._below_word(connection.request.path) is None:
            return await browser.close(ANOTHER_WORD, WORD_CHANGED)  # while it was opening
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
        return None

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

    async def _answer(self, place: Place, _: ServerConnection, request: Request) -> Response | None:
        """The answer to a request; None lets a websocket open."""
        host = _only(request.headers, "Host").lower()
        if host not in place.hosts:
            here = f"{place.scheme}://{place.host}/"
            answer = refusal(HTTPStatus.FORBIDDEN, f"this is {here}, and answers to no other name")
            return _response(answer, place, place.host, request.method)
        path = self._below_word(request.path)
        if path is None:
            return _response(self._refuse_stranger(request.path), place, host, request.method)
        if path.partition("?")[0] == LIVE:
            refused = self._refuse_live(request, f"{place.scheme}://{host}")
            return None if refused is None else _response(refused, place, host, request.method)
        answer = await self._file(path, request.method)
        if path == "/" or path.startswith("/page/"):  # what is the same for everybody, and no secret
            answer = files.packed(answer, _only(request.headers, "Accept-Encoding"))
        return _response(answer, place, host, request.method)

    def _below_word(self, path: str) -> str | None:
        """What is asked for; None without the right word."""
        tried, slash, rest = _first_part(path)
        return f"/{rest}" if self._word.is_right(tried) and slash else None

    def _refuse_stranger(self, path: str) -> HttpAnswer:
        """Without the word there is nothing, for some in a second; more are not even looked at."""
        if path in INNOCENT:
            return refusal(HTTPStatus.FORBIDDEN, "open the address that Antiphon shows when it starts")
        is_of_another_start = Word.could_be_of_another_start(_first_part(path)[0])
        if is_of_another_start not in self._tried:
            self._tried.add(is_of_another_start)
            self._instrument.tried(is_of_another_start=is_of_another_start)
        if not self._tries.take(1.0, monotonic()):
            return refusal(HTTPStatus.TOO_MANY_REQUESTS, "that was wrong too often; try again later")
        if is_of_another_start:
            reason = (
                "this is not the address of this start: scan the code, or open the link, that is shown now"
            )
            return refusal(HTTPStatus.FORBIDDEN, reason)
        return refusal(
            HTTPStatus.FORBIDDEN, "open the address that Antiphon shows; it is another at each start"
        )

    def _refuse_live(self, request: Request, origin: str) -> HttpAnswer | None:
        if _only(request.headers, "Upgrade").lower() != "websocket":
            return refusal(
                HTTPStatus.UPGRADE_REQUIRED, "here is the page's websocket, and no page", Upgrade="websocket"
            )
        if _only(request.headers, "Origin").lower() != origin:
            return refusal(HTTPStatus.FORBIDDEN, "only the page itself may listen and play")
        if len(self._browsers) >= MOST_BROWSERS:
            return refusal(
                HTTPStatus.SERVICE_UNAVAILABLE, f"{MOST_BROWSERS} pages are open: close one to open another"
            )
        return None

    async def _file(self, asked: str, method: str) -> HttpAnswer:
        if method not in files.METHODS:
            reason = f"{method[:20]} is not understood here"
            return refusal(HTTPStatus.METHOD_NOT_ALLOWED, reason, Allow=", ".join(files.METHODS))
        try:
            path = unquote(urlsplit(asked).path, errors="strict")
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
        if folder == "heard" and name:
            content = await self._instrument.heard(name)
            if content is not None:
                return files.object_of(content)
            return refusal(HTTPStatus.NOT_FOUND, f"there is no take {name[:100]}")
        if folder == "piano" and name:
            return files.piano_file(name, await self._instrument.piano(name))
        return refusal(HTTPStatus.NOT_FOUND, f"there is nothing at {path[:100]}")


def _first_part(path: str) -> tuple[str, str, str]:
    """(what comes first in a path, the slash after it, the rest)."""
    return path.partition("/")[2].partition("/")


def _other_version(connection: ServerConnection) -> str | None:
    """The version that a browser says it speaks, if it isn't ours; whoever says none may stay."""
    asked = "" if connection.request is None else connection.request.path.partition("?")[2]
    said = parse_qs(asked).get("protocol", [str(PROTOCOL)])[-1]
    return None if said == str(PROTOCOL) else said[:20]


async def _refuse_version(browser: Browser, other: str) -> None:
    """In one line, which is also the reason why it is closed."""
    reason = f"this Antiphon speaks version {PROTOCOL} of its protocol, not {other}"
    with suppress(ConnectionClosed):
        await browser.socket.send(line(reason))
    await browser.close(ANOTHER_PROTOCOL, reason)


def _only(headers: Headers, name: str) -> str:
    """The value of a header that is there once; nothing where it is missing or there twice."""
    values = headers.get_all(name)
    return values[0].strip() if len(values) == 1 else ""


def _response(answer: HttpAnswer, place: Place, host: str, method: str) -> Response:
    live = f"{'ws' if place.tls is None else 'wss'}://{host}"
    headers = Headers(files.headers_of(answer, live))
    body = b"" if method == "HEAD" else answer.content
    return Response(answer.status.value, answer.status.phrase, headers, body)
