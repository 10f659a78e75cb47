"""Where browsers find the page: on this machine always, and on a network if it was asked for.

A place is a socket that listens at one address, the names under which browsers may ask for it, and what
encrypts what is said there, if anything does. Must not know what is served.
"""

import errno
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

HOME = "127.0.0.1"
HOME_NAMES = (HOME, "localhost", "[::1]")
SEND_BUFFER_BYTES = (
    1 << 18
)  # in the system, for each browser: a slow one should be noticed while it is not far behind
MOST_TRIES = 20  # for a port that is free at every address
HTTP_PORT, HTTPS_PORT = 80, 443  # a browser leaves these out


class PortRefused(Exception):
    """The port can't be had; says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Of this machine, and under which names browsers ask for it; the first is the one that is shown."""

    ip: str
    names: tuple[str, ...]
    tls: SSLContext | None = None


AT_HOME = Address(HOME, HOME_NAMES)


def on_network(ip: str, name: str, certificate: Path | None, key: Path | None) -> Address:
    """An address that others reach, under its name or its number; with a certificate, encrypted."""
    tls = None
    if certificate is not None:
        tls = SSLContext(PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
    return Address(ip, tuple(dict.fromkeys((name, ip))), tls)


class Place:
    """An address that is listened at."""

    def __init__(self, address: Address, listener: socket.socket) -> None:
        self.listener = listener
        self.tls = address.tls
        self.port: int = listener.getsockname()[1]
        self.name = address.names[0]
        left_out = HTTP_PORT if self.tls is None else HTTPS_PORT
        bare = address.names if self.port == left_out else ()
        self.hosts = frozenset(name.lower() for name in (*_with(self.port, address.names), *bare))

    @property
    def scheme(self) -> str:
        """How its addresses begin."""
        return "http" if self.tls is None else "https"

    @property
    def host(self) -> str:
        """Its name and port."""
        return f"{self.name}:{self.port}"

    def url(self, word: str) -> str:
        """The page's address here."""
        return f"{self.scheme}://{self.host}/{word}/"


def listening(addresses: Sequence[Address], port: int, *, any_other: bool = False) -> list[Place]:
    """A place for each address, all with one port.

    0 is any that is free at all of them; with `any_other`, so is one that is in use.
    """
    tries = [port] if port else [0] * MOST_TRIES
    for tried in tries:
        try:
            return _places(addresses, tried)
        except OSError as error:
            refused = error
    if any_other and port:
        return listening(addresses, 0)
    raise PortRefused(_refusal(port, refused)) from refused


def _places(addresses: Sequence[Address], port: int) -> list[Place]:
    places: list[Place] = []
    try:
        for address in addresses:
            place = Place(address, _listener(address.ip, port))
            places.append(place)
            port = place.port
    except OSError:
        for place in places:
            place.listener.close()
        raise
    return places


def _listener(ip: str, port: int) -> socket.socket:
    listener = socket.create_server((ip, port), backlog=100)
    # Those that are accepted inherit both. Without the second a row waits until the browser has acknowledged
    # the one before, which takes up to 40 ms; asyncio sets it only for sockets whose protocol was named.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _refusal(port: int, error: OSError) -> str:
    is_busy = error.errno == errno.EADDRINUSE
    reason = "is in use" if is_busy else f"can't be opened ({os.strerror(error.errno or 0)})"
    return f"port {port} {reason}: say --page-port N, or --page-port 0 for any free one"


def _with(port: int, names: Sequence[str]) -> list[str]:
    return [f"{name}:{port}" for name in names]
