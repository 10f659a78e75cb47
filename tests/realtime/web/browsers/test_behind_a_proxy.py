"""The page behind a reverse proxy, as its page in the docs has it: nginx is run with that configuration.

All that differs are the ports, the name of the machine and where the certificate lies.
"""

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.support.chromium import chromium_page
from tests.support.command import ROOT
from tests.support.network import certificate, trusting
from tests.support.page_process import TOKEN, PageProcess, page_process, received
from tests.support.waiting import PATIENCE_S, wait_until

pytestmark = pytest.mark.proxy

DOCUMENT = (ROOT / "docs" / "behind-a-proxy.md").read_text(encoding="utf-8")
# What Debian's nginx.conf has around it, of which a person that isn't root could write nothing.
AROUND = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include {folder}/antiphon.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Proxied:
    """A page process, and where the proxy in front of it is."""

    page: PageProcess
    port: int
    trusted: Path

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.port}"

    def asked(self, path: str) -> tuple[int, str]:
        connection = HTTPSConnection(
            "localhost", self.port, context=trusting(self.trusted), timeout=PATIENCE_S
        )
        connection.request("GET", path)
        response = connection.getresponse()
        answer = response.status, response.read().decode()
        connection.close()
        return answer

    def live(self, origin: str | None) -> ClientConnection:
        said = None if origin is None else Origin(origin)
        address = f"wss://localhost:{self.port}/{TOKEN}/live"
        return connect(address, origin=said, ssl=trusting(self.trusted), compression=None)


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("proxy")
    made, key = certificate(folder, "localhost")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (configuration,) = re.findall(r"```nginx\n(.+?)```", DOCUMENT, re.DOTALL)
    with page_process() as page:
        page.open()
        for written, here in (
            ("8443", str(port)),
            ("8765", str(page.port)),
            ("stage.local", "localhost"),
            ("/etc/ssl/stage.pem", str(made)),
            ("/etc/ssl/stage.key", str(key)),
        ):
            assert written in configuration
            configuration = configuration.replace(written, here)
        (folder / "antiphon.conf").write_text(configuration)
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
        words = ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        nginx = subprocess.Popen(words)
        try:
            wait_until(lambda: nginx.poll() is not None or _listens(port))
            assert nginx.poll() is None, (folder / "error.log").read_text()
            found = Proxied(page, port, made)
            for path in ("/wrong/", "/bcdf-ghjk-mnpq/"):  # that somebody tried: each sort is said once
                assert found.asked(path)[0] == 403
                page.said("line")
            yield found
        finally:
            nginx.terminate()
            nginx.wait()


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def test_the_page_is_there_with_its_word_and_nothing_without(proxied: Proxied) -> None:
    status, content = proxied.asked(f"/{TOKEN}/")
    assert (status, "<title>Antiphon</title>" in content) == (200, True)
    assert proxied.asked(f"/{TOKEN}/page/main.js")[0] == 200
    for path in ("/", "/another/", "/bcdf-ghjk-mnpq/"):
        assert proxied.asked(path)[0] == 403


def test_the_websocket_opens_for_the_page_itself_and_for_nobody_else(proxied: Proxied) -> None:
    with proxied.live(proxied.origin) as browser:
        assert received(browser)["kind"] == "welcome"
        browser.send(json.dumps({"kind": "key", "pitch": 60, "velocity": 80}))
        assert proxied.page.said("key")["pitch"] == 60
        browser.send(json.dumps({"kind": "key", "pitch": 60, "velocity": 0}))
        assert proxied.page.said("key")["velocity"] == 0
    for stranger in ("https://evil.example", f"http://127.0.0.1:{proxied.page.port}", None):
        with pytest.raises(InvalidStatus) as refused, proxied.live(stranger):
            pass
        assert refused.value.response.status_code == 403


@pytest.mark.browser
@pytest.mark.slow
def test_a_browser_plays_through_it(proxied: Proxied) -> None:
    with chromium_page() as page:
        page.call("Security.setIgnoreCertificateErrors", ignore=True)
        page.open(f"{proxied.origin}/{TOKEN}/")
        page.wait_for("window.antiphon?.connected")
        assert page.errors == []
