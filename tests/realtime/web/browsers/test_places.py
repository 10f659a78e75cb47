"""Where the page is listened for: at home always, on a network with the same port, by the names it has there.

127.0.0.2 stands for an address in a network.
"""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from realtime.web.browsers.places import AT_HOME, Place, PortRefused, listening, on_network
from tests.support.network import AWAY, needs_another_address

pytestmark = needs_another_address


@contextmanager
def places(port: int = 0, *, any_other: bool = False) -> Iterator[list[Place]]:
    found = listening([AT_HOME, on_network(AWAY, "stage.test", None, None)], port, any_other=any_other)
    try:
        yield found
    finally:
        for place in found:
            place.listener.close()


def test_all_places_have_one_port_and_names_of_their_own() -> None:
    with places() as (home, away):
        port = home.port
        assert away.port == port
        assert home.url("word") == f"http://127.0.0.1:{port}/word/"
        assert away.url("word") == f"http://stage.test:{port}/word/"
        assert home.hosts == {f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"}
        assert away.hosts == {f"stage.test:{port}", f"{AWAY}:{port}"}


def test_a_port_that_is_in_use_at_one_of_them_is_taken_at_none() -> None:
    with closing(socket.create_server((AWAY, 0))) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortRefused, match=f"port {port} is in use: say --page-port N"), places(port):
            pass
        socket.create_server(("127.0.0.1", port)).close()  # it was let go
        with places(port, any_other=True) as (home, away):
            assert home.port == away.port != port


def test_nothing_that_is_sent_waits_for_what_was_sent_before() -> None:
    (place,) = listening([AT_HOME], 0)
    with place.listener, socket.create_connection(("127.0.0.1", place.port)) as _:
        accepted, _from = place.listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
