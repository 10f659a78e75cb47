"""The page from a network: with its word alone, by its name alone, encrypted where that was asked for.

127.0.0.2 stands for an address in a network.
"""

import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.support.network import AWAY, certificate, needs_another_address, needs_openssl, trusting
from tests.support.page_process import TOKEN, PageProcess, page_process
from tests.support.waiting import PATIENCE_S

pytestmark = needs_another_address

YESTERDAY = "bcdf-ghjk-mnpq"


@pytest.fixture(scope="module")
def page() -> Iterator[PageProcess]:
    with page_process("--port", "0", f"--ip={AWAY}", "--name=stage.test") as process:
        yield process.open()


def asked(page: PageProcess, path: str, host: str) -> tuple[int, str]:
    connection = HTTPConnection(AWAY, page.port, timeout=PATIENCE_S)
    connection.request("GET", path, headers={"Host": host.format(port=page.port)})
    response = connection.getresponse()
    answer = response.status, response.read().decode()
    connection.close()
    return answer


def test_its_link_has_the_name_and_its_code_says_the_link(page: PageProcess) -> None:
    from realtime.web.browsers.code import code_of

    assert page.ready["reach"] == f"http://stage.test:{page.port}/{TOKEN}/"
    assert page.ready["code"] == code_of(page.ready["reach"])


def test_it_answers_to_its_names_in_the_network_and_at_home_to_those_of_home(page: PageProcess) -> None:
    for host in ("stage.test:{port}", f"{AWAY}:{{port}}"):
        status, content = asked(page, f"/{TOKEN}/", host)
        assert (status, "<title>Antiphon</title>" in content) == (200, True)
        assert page.get("/", Host=host.format(port=page.port))[0].status == 403
    for host in ("127.0.0.1:{port}", "localhost:{port}", "evil.example:{port}"):
        status, content = asked(page, f"/{TOKEN}/", host)
        expected = f"this is http://stage.test:{page.port}/, and answers to no other name\n"
        assert (status, content) == (403, expected)
    assert page.get("/")[0].status == 200


def test_without_the_word_nothing_is_reached_from_the_network(page: PageProcess) -> None:
    for path in ("/", "/live", "/page/main.js", "/takes/x.mid", f"/{TOKEN}", "/wrong/"):
        assert asked(page, path, "stage.test:{port}")[0] in (403, 429)


def test_a_link_of_yesterday_says_so(page: PageProcess) -> None:
    with page_process("--port", "0", f"--ip={AWAY}", "--name=stage.test") as process:
        status, content = asked(process.open(), f"/{YESTERDAY}/", "stage.test:{port}")
    said = "this is not the address of this start: scan the code, or open the link, that is shown now\n"
    assert (status, content) == (403, said)


def test_the_websocket_opens_for_the_page_under_its_name_there_and_for_nobody_else(page: PageProcess) -> None:
    address = f"ws://{AWAY}:{page.port}/{TOKEN}/live"
    host = f"stage.test:{page.port}"
    for origin in (f"http://127.0.0.1:{page.port}", f"https://{host}", "http://evil.example"):
        with pytest.raises(InvalidStatus), connect(address, origin=Origin(origin)):
            pass
    with connect(address, origin=Origin(f"http://{AWAY}:{page.port}")) as browser:
        assert json.loads(browser.recv(timeout=PATIENCE_S))["kind"] == "welcome"


@needs_openssl
def test_with_a_certificate_it_is_encrypted_there_and_plain_at_home(tmp_path: Path) -> None:
    made, key = certificate(tmp_path)
    words = ("--port", "0", f"--ip={AWAY}", "--name=stage.test", f"--certificate={made}", f"--key={key}")
    with page_process(*words) as process:
        page = process.open()
        assert page.ready["reach"] == f"https://stage.test:{page.port}/{TOKEN}/"
        assert page.get("/")[0].status == 200
        assert "connect-src 'self' ws://127.0.0.1" in page.get("/")[0].headers["Content-Security-Policy"]
        trusts = trusting(made)
        connection = HTTPSConnection(AWAY, page.port, timeout=PATIENCE_S, context=trusts)
        connection.request("GET", f"/{TOKEN}/", headers={"Host": f"stage.test:{page.port}"})
        response = connection.getresponse()
        assert response.status == 200
        live = f"connect-src 'self' wss://stage.test:{page.port};"
        assert live in response.headers["Content-Security-Policy"]
        connection.close()
        with socket.create_connection((AWAY, page.port)) as plain:  # a stranger who doesn't encrypt
            plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
            plain.settimeout(PATIENCE_S)
            assert b"<title>" not in plain.recv(1000)
        origin = Origin(f"https://{AWAY}:{page.port}")
        with connect(f"wss://{AWAY}:{page.port}/{TOKEN}/live", ssl=trusts, origin=origin) as browser:
            assert json.loads(browser.recv(timeout=PATIENCE_S))["kind"] == "welcome"


@needs_openssl
def test_a_certificate_that_is_gone_by_then_leaves_takes_without_a_page(tmp_path: Path) -> None:
    words = ("--port", "0", f"--ip={AWAY}", "--name=stage.test", f"--certificate={tmp_path / 'none.pem'}")
    with page_process(*words) as process:
        assert "No such file" in process.said("refused")["reason"]
