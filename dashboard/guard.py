"""Who may ask the dashboard: browsers that call it by its own name, and only pages that it served itself.

A page of another site can have its name resolve to this machine, and its browser then takes the dashboard for
a part of that site. Such a request comes with the other site's name, by which it is known. Must not know what
is served.
"""

import ipaddress
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

_SENTENCE = (
    "The dashboard isn't asked by this name; open it by the address that it said, "
    "or start it with --allow-host NAME."
)
_POLICY_VIOLATED = 1008


@dataclass(frozen=True, slots=True)
class Callers:
    """Names by which the dashboard may be called; open to the network, also any address in numbers.

    An address in numbers is no site's name, so nobody can have it resolve to somewhere else.
    """

    names: Collection[str]
    is_open: bool = False

    def may_ask(self, hosts: Collection[str], origins: Collection[str], *, from_a_page: bool) -> bool:
        """Whether a request with these headers is answered; one that only pages make must say from which."""
        if len(hosts) != 1 or len(origins) > 1 or (from_a_page and not origins):
            return False
        (host,) = hosts
        is_ours = all(_netloc_of(origin) == host.lower() for origin in origins)
        return is_ours and self._is_name_of_ours(host)

    def _is_name_of_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self.names or (self.is_open and _is_address(name))


class Guard:
    """An application that lets another answer those who may ask it."""

    def __init__(self, application: Application, callers: Callers) -> None:
        self._application, self._callers = application, callers

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """A request, a websocket, or the server's own beginning and end."""
        kind = scope["type"]
        if kind in ("http", "websocket") and not self._may_ask(scope, from_a_page=kind == "websocket"):
            await _refuse(kind, send)
        else:
            await self._application(scope, receive, send)

    def _may_ask(self, scope: Message, *, from_a_page: bool) -> bool:
        hosts, origins = (
            [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
            for name in (b"host", b"origin")
        )
        return self._callers.may_ask(hosts, origins, from_a_page=from_a_page)


async def _refuse(kind: str, send: Send) -> None:
    if kind == "websocket":  # before it is accepted: the browser is answered 403
        await send({"type": "websocket.close", "code": _POLICY_VIOLATED, "reason": ""})
        return
    words = _SENTENCE.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(words)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": words})


def _netloc_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
