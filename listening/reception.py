"""The reception, where listeners ask: for the page, for clips, for what is next; requests in, answers out.

Whoever asks shows the token where the test has one, and is known again by a secret; both are cookies that
only this server reads. Knows methods, paths and headers. Must not know sockets, nor who plays in a clip.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, urlsplit

from listening.folder import WAV, ListeningFolder, ListeningTest
from listening.ratings import Listener, Ratings
from listening.visit import NotNow, Visit

PAGE = Path(__file__).parent / "page"
SOUND = Path(__file__).resolve().parents[1] / "realtime" / "web" / "page" / "sound"
PIANO = ("piano.js", "strings.js", "measured.js")  # the instrument's own piano
MOST_BYTES = 4096  # of what a page sends
_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_KEPT_S = 90 * 24 * 3600
_POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

MayAsk = Callable[[list[str], list[str]], bool]  # hosts and origins of a request


@dataclass(frozen=True, slots=True)
class Asked:
    """A request; header names are in small letters."""

    method: str
    target: str
    headers: Mapping[str, list[str]] = field(default_factory=dict)
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered."""

    status: HTTPStatus
    content: bytes
    kind: str = "application/json"
    cookies: tuple[str, ...] = ()

    def headers(self) -> list[tuple[str, str]]:
        """All headers."""
        kind = f"{self.kind}; charset=utf-8" if self.kind.startswith("text/") else self.kind
        return [
            ("Content-Type", kind),
            ("Content-Length", str(len(self.content))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", _POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            *(("Set-Cookie", cookie) for cookie in self.cookies),
        ]


class Reception:
    """Answers the listeners of one test; `now` is in seconds, on a clock that goes on when it starts anew."""

    def __init__(
        self,
        folder: ListeningFolder,
        ratings: Ratings,
        now: Callable[[], float],
        may_ask: MayAsk,
        token: str | None = None,
    ) -> None:
        self._folder, self._ratings, self._now, self._may_ask = folder, ratings, now, may_ask
        self._test: ListeningTest = folder.test()
        self._token = token

    def answer(self, asked: Asked) -> Answer:
        """The answer to a request."""
        hosts, origins = asked.headers.get("host", []), asked.headers.get("origin", [])
        if not self._may_ask(hosts, origins):
            return _no(HTTPStatus.FORBIDDEN, "this test isn't asked by this name")
        parts = urlsplit(asked.target)
        if self._token is not None and not self._shows_token(asked, parts.query):
            return _no(
                HTTPStatus.FORBIDDEN, "open the whole link that you were sent: its end, the token, is missing"
            )
        try:
            return self._routed(asked, parts.path)
        except NotNow as why:
            return _no(HTTPStatus.CONFLICT, str(why))

    def _routed(self, asked: Asked, path: str) -> Answer:
        if asked.method == "GET":
            return self._got(asked, path)
        if asked.method == "POST":
            return self._posted(asked, path)
        return _no(HTTPStatus.METHOD_NOT_ALLOWED, "GET and POST are understood here")

    def _got(self, asked: Asked, path: str) -> Answer:
        if path == "/":
            return self._page("index.html")
        if path.removeprefix("/") in PIANO:
            return Answer(HTTPStatus.OK, (SOUND / path.removeprefix("/")).read_bytes(), _KINDS[".js"])
        folder, _, name = path.removeprefix("/").partition("/")
        if folder == "page":
            return self._page(name)
        visit = self._visit(asked)
        if path == "/state":
            welcome = {"test": self._test.id, "title": self._test.title, "step": "welcome"}
            return _yes(welcome if visit is None else visit.state())
        if visit is None:
            return _no(HTTPStatus.UNAUTHORIZED, "join first")
        return self._clip(visit, name) if folder == "clip" else _nothing()

    def _posted(self, asked: Asked, path: str) -> Answer:
        if path == "/join":
            return self._joined(asked)
        visit = self._visit(asked)
        if visit is None:
            return _no(HTTPStatus.UNAUTHORIZED, "join first")
        try:
            said = json.loads(asked.content)
            self._do(visit, path, said)
        except (ValueError, KeyError, TypeError, RecursionError):
            return _no(HTTPStatus.BAD_REQUEST, "that can't be read")
        return _yes(visit.state())

    def _do(self, visit: Visit, path: str, said: Mapping[str, Any]) -> None:
        at = self._now()
        if path == "/check":
            visit.check(int(said["attempt"]), [int(answer) for answer in said["answers"]], at)
        elif path == "/rate":
            visit.rate(str(said["clip"]), said["value"], str(said["sent"]), at)
        elif path == "/next":
            visit.go_on(str(said["step"]), at)
        else:
            raise NotNow("nothing is taken there")

    def _joined(self, asked: Asked) -> Answer:
        visit = self._visit(asked)
        if visit is not None:  # a listener who joins twice is one
            return _yes(visit.state())
        secret = token_urlsafe(16)
        listener = self._ratings.join(secret, self._now())
        return _yes(self._visit_of(listener).state(), self._cookie("listener", secret))

    def _clip(self, visit: Visit, name: str) -> Answer:
        clip = self._test.clip(name)
        if clip is None:
            return _nothing()
        visit.check_served(clip.name)
        try:
            content = self._folder.clip(self._test, clip.name).read_bytes()
        except OSError:  # at 500 the page would take it for a lost connection, and wait
            return _no(HTTPStatus.NOT_FOUND, "this clip is missing on the server; tell whoever sent you here")
        visit.serve(clip.name, self._now())
        kind = "audio/wav" if self._test.sound == WAV else "application/json"
        return Answer(HTTPStatus.OK, content, kind)

    def _page(self, name: str) -> Answer:
        file = next((path for path in PAGE.iterdir() if path.name == name and path.suffix in _KINDS), None)
        if file is None:
            return _nothing()
        cookies = () if self._token is None else (self._cookie("token", self._token),)
        return Answer(HTTPStatus.OK, file.read_bytes(), _KINDS[file.suffix], cookies)

    def _visit(self, asked: Asked) -> Visit | None:
        secret = self._cookies(asked).get("listener")
        listener = None if secret is None else self._ratings.listener(secret)
        return None if listener is None else self._visit_of(listener)

    def _visit_of(self, listener: Listener) -> Visit:
        return Visit(self._test, self._ratings, listener)

    def _shows_token(self, asked: Asked, query: str) -> bool:
        assert self._token is not None
        shown = [*parse_qs(query).get("token", []), self._cookies(asked).get("token", "")]
        return any(compare_digest(one.encode(), self._token.encode()) for one in shown)

    def _cookies(self, asked: Asked) -> dict[str, str]:
        """Those of this test, by their names: other tests on this machine have others."""
        found: SimpleCookie = SimpleCookie()
        try:
            for line in asked.headers.get("cookie", []):
                found.load(line)
        except CookieError:
            return {}
        prefix = f"{self._test.id}-"
        return {
            name.removeprefix(prefix): one.value for name, one in found.items() if name.startswith(prefix)
        }

    def _cookie(self, name: str, value: str) -> str:
        return f"{self._test.id}-{name}={value}; Path=/; Max-Age={_KEPT_S}; HttpOnly; SameSite=Strict"


def _yes(state: Mapping[str, Any], *cookies: str) -> Answer:
    return Answer(HTTPStatus.OK, json.dumps(state).encode(), cookies=cookies)


def _no(status: HTTPStatus, why: str) -> Answer:
    return Answer(status, json.dumps({"why": why}).encode())


def _nothing() -> Answer:
    return _no(HTTPStatus.NOT_FOUND, "there is nothing here")
