"""`antiphon dashboard`: a missing streamlit or a busy port is one line; a browser never sees an exception."""

import importlib.util
import socket
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

import antiphon
from dashboard.places import Places
from tests.support.chromium import chromium_page
from tests.support.served_dashboard import TICKED, served
from tests.support.waiting import PATIENCE_S

NO_EXCEPTION = "!document.querySelector('[data-testid=stException]')"
READY = "document.querySelectorAll('[data-testid=stAppViewContainer] [data-testid=stSkeleton]').length === 0"
PLAYS = "document.querySelector('iframe')?.contentDocument?.querySelector('button')?.ariaPressed"


def handshake(port: int, host: str, origin: str) -> int:
    """The status of the answer to a websocket that a page of `origin` opens, calling the dashboard `host`."""
    lines = (
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host}",
        f"Origin: {origin}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Protocol: streamlit",
    )
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as wire:
        wire.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return int(wire.recv(4096).split()[1])


def test_a_busy_port_is_named_with_another(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert antiphon.main(["dashboard", "--port", str(port)]) == 2
    line = capsys.readouterr().err
    assert line.startswith(f"antiphon: port {port} can't be had: ")
    assert "--port " in line
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize("port", ["0", "70000"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert antiphon.main(["dashboard", "--port", port]) == 2
    assert capsys.readouterr().err == f"antiphon: --port is a number from 1 to 65535, not {port}\n"


def test_without_streamlit_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "streamlit" else find(name))
    assert antiphon.main(["dashboard"]) == 2
    assert capsys.readouterr().err == (
        "antiphon: dashboard needs streamlit, which is not installed: pip install 'antiphon[dashboard]'\n"
    )


@pytest.mark.parametrize("host", ["203.0.113.7", "no.such.host.invalid"])
def test_an_address_of_another_machine_is_refused(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert antiphon.main(["dashboard", "--host", host]) == 2
    line = capsys.readouterr().err
    assert line.startswith(f"antiphon: --host {host} can't be had: ")
    assert "0.0.0.0 for all of them" in line
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize("name", ["http://antiphon.example", "antiphon.example:8501", "*", ""])
def test_a_further_name_that_no_browser_asks_by_is_refused(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert antiphon.main(["dashboard", "--allow-host", name]) == 2
    line = capsys.readouterr().err
    assert line.startswith(f"antiphon: --allow-host {name}: say the name alone")
    assert len(line.splitlines()) == 1


@pytest.mark.slow
def test_a_websocket_is_opened_by_the_dashboards_own_page_alone(places: Places) -> None:
    with served(places) as port:
        here, evil = f"127.0.0.1:{port}", f"evil.example:{port}"
        assert handshake(port, here, f"http://{here}") == 101
        assert handshake(port, f"localhost:{port}", f"http://localhost:{port}") == 101
        assert handshake(port, evil, f"http://{evil}") == 403  # its name resolves to this machine
        assert handshake(port, here, f"http://{evil}") == 403
        assert handshake(port, here, "http://127.0.0.1:1") == 403  # another server on this machine
        assert handshake(port, f"192.0.2.1:{port}", f"http://192.0.2.1:{port}") == 403
        with pytest.raises(HTTPError, match="403"):
            urlopen(Request(f"http://{here}/", headers={"Host": evil}), timeout=PATIENCE_S)


@pytest.mark.slow
def test_opened_to_the_network_it_answers_to_addresses_and_to_the_names_that_were_said(
    places: Places,
) -> None:
    with served(places, "--host", "0.0.0.0", "--allow-host", "antiphon.example") as port:
        for name in (f"192.0.2.1:{port}", "antiphon.example"):
            assert handshake(port, name, f"http://{name}") == 101
        assert handshake(port, "evil.example", "http://evil.example") == 403


@pytest.mark.slow
@pytest.mark.browser
def test_what_is_chosen_survives_a_change_of_page_and_a_reload(mixed: Places) -> None:
    with served(mixed) as port, chromium_page() as page:
        page.open(f"http://127.0.0.1:{port}/?runs=second")
        page.wait_for(f"{TICKED} === 'second'")
        page.click("[data-testid=stTopNavLink][href$='/model']")
        page.wait_for_text("Where it comes from")
        page.wait_for("location.pathname === '/model' && location.search === '?runs=second'")
        page.reload()
        page.wait_for_text("Where it comes from")
        page.wait_for(f"{READY} && location.search === '?runs=second'")
        page.click("[data-testid=stTopNavLink]")
        page.wait_for_text("Held-out pieces")
        page.wait_for(f"{TICKED} === 'second' && location.search === '?runs=second'")
        page.reload()
        page.wait_for(f"{TICKED} === 'second'")


@pytest.mark.slow
@pytest.mark.browser
def test_it_ends_while_a_page_is_open(filled: Places) -> None:
    with chromium_page() as page, served(filled) as port:
        page.open(f"http://127.0.0.1:{port}")
        page.wait_for_text("Held-out pieces")


@pytest.mark.slow
@pytest.mark.browser
def test_every_page_is_seen_in_a_browser_without_an_exception_and_a_roll_is_played(mixed: Places) -> None:
    with served(mixed) as port, chromium_page() as page:
        address = f"http://127.0.0.1:{port}"
        page.open(f"{address}/model")  # by its own address first: the frame is around it all the same
        page.wait_for_text("What its notes are like")
        page.wait_for_text("Calls and answers")
        page.wait_for_text("Where it comes from")
        page.wait_for(READY)
        assert page.value(NO_EXCEPTION)
        page.open(address)
        page.wait_for_text("Held-out pieces")
        page.wait_for("document.querySelectorAll('.vega-embed canvas, .vega-embed svg').length >= 8")
        assert page.value(NO_EXCEPTION)
        page.open(f"{address}/answers")
        page.wait_for_text("All of them")
        page.wait_for(f"{PLAYS} === 'false'")
        page.click("button", frame="iframe")
        page.wait_for(f"{PLAYS} === 'true'")
        clock = (
            "parseFloat(document.querySelector('iframe').contentDocument.querySelector('.clock').textContent)"
        )
        page.wait_for(f"{clock} > 0.3")
        page.click("button", frame="iframe")
        page.wait_for(f"{PLAYS} === 'false'")
        assert page.value(NO_EXCEPTION)
        assert [error for error in page.errors if "_stcore" not in error] == []
