"""Who may ask the dashboard: nobody by another site's name, and no page but its own; then everybody in the
network, where it is open to it.
"""

import asyncio
import socket
from collections.abc import Sequence
from typing import Any

import pytest

from commands.dashboard import callers_at
from dashboard.guard import Callers, Guard

HERE = callers_at("127.0.0.1")
OPEN = callers_at("0.0.0.0")


def may_open(callers: Callers, host: str, origin: str) -> bool:
    """Whether a page may open the websocket."""
    return callers.may_ask([host], [origin], from_a_page=True)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8501", "localhost:8501", "LOCALHOST:9000", "[::1]:8501", "localhost"]
)
def test_the_dashboards_own_page_may_ask_by_every_name_of_this_machine(host: str) -> None:
    assert may_open(HERE, host, f"http://{host}")
    assert HERE.may_ask([host], [], from_a_page=False)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8501",
        "127.0.0.1.evil.example:8501",
        "localhost.evil.example",
        "evil.example@127.0.0.1.nip.io",
        "192.168.1.7:8501",
        "[::1",
        "",
    ],
)
def test_another_sites_name_is_refused_though_its_page_and_the_request_agree(host: str) -> None:
    assert not may_open(HERE, host, f"http://{host}")
    assert not HERE.may_ask([host], [], from_a_page=False)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://evil.example:8501",
        "http://127.0.0.1:3000",
        "http://localhost:8501",
        "null",
        "",
        "http://[::1",
    ],
)
def test_a_page_of_another_site_or_of_another_server_here_is_refused(origin: str) -> None:
    assert not may_open(HERE, "127.0.0.1:8501", origin)


@pytest.mark.parametrize(
    ("hosts", "origins"),
    [
        ([], ["http://127.0.0.1:8501"]),
        (["127.0.0.1:8501", "evil.example"], ["http://127.0.0.1:8501"]),
        (["127.0.0.1:8501"], []),
        (["127.0.0.1:8501"], ["http://127.0.0.1:8501", "http://evil.example"]),
    ],
)
def test_a_websocket_without_one_name_and_one_page_is_refused(hosts: list[str], origins: list[str]) -> None:
    assert not HERE.may_ask(hosts, origins, from_a_page=True)


@pytest.mark.parametrize(
    "host", ["192.168.1.7:8501", "[fe80::1]:8501", "127.0.0.1:8501", f"{socket.gethostname()}:8501"]
)
def test_opened_to_the_network_it_may_be_asked_by_its_addresses_and_its_name(host: str) -> None:
    assert may_open(OPEN, host, f"http://{host}")


def test_opened_to_the_network_other_sites_are_refused_all_the_same() -> None:
    assert not may_open(OPEN, "evil.example:8501", "http://evil.example:8501")
    assert not may_open(OPEN, "192.168.1.7:8501", "http://evil.example")


def test_further_names_are_those_that_were_said() -> None:
    callers = callers_at("127.0.0.1", ["Antiphon.example"])
    assert may_open(callers, "antiphon.example", "https://antiphon.example")
    assert not may_open(callers, "other.example", "https://other.example")


def answers(kind: str, headers: Sequence[tuple[bytes, bytes]]) -> list[dict[str, Any]]:
    """What a guarded application sends."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(dict(message))

    async def receive() -> dict[str, Any]:
        raise AssertionError("nothing is asked of whom is refused")

    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "answered"})

    asyncio.run(Guard(application, HERE)({"type": kind, "headers": headers}, receive, send))
    return sent


OURS = [(b"Host", b"127.0.0.1:8501"), (b"origin", b"http://127.0.0.1:8501")]
FOREIGN = [(b"host", b"evil.example"), (b"origin", b"http://evil.example")]


@pytest.mark.parametrize(("kind", "headers"), [("http", OURS), ("websocket", OURS), ("lifespan", [])])
def test_who_may_ask_is_answered_by_the_application(kind: str, headers: list[tuple[bytes, bytes]]) -> None:
    assert answers(kind, headers) == [{"type": "answered"}]


def test_who_may_not_is_answered_403_and_the_application_hears_nothing() -> None:
    begin, body = answers("http", FOREIGN)
    assert begin["status"] == 403
    assert b"--allow-host" in body["body"]
    assert [message["type"] for message in answers("websocket", FOREIGN)] == ["websocket.close"]
