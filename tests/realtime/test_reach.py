"""Where the page is to be reached from, and the lines for what can't be."""

import socket
from pathlib import Path
from typing import Any

import pytest

from music.settings import SettingError
from realtime import reach
from realtime.reach import reach_of
from tests.support.network import certificate, needs_openssl


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network in which this machine is 192.0.2.7, called stage.local."""
    names = {
        "stage.local": "192.0.2.7",
        "itself": "127.0.1.1",
        "elsewhere": "192.0.2.8",
        "localhost": "127.0.0.1",
    }

    def addresses(host: str, *_: Any) -> list[Any]:
        if host not in names and not host[:1].isdigit():
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, 1, 6, "", (names.get(host, host), 0))]

    class OneAddress(socket.socket):
        def connect(self, _: Any) -> None: ...
        def getsockname(self) -> Any:
            return ("192.0.2.7", 40000)

        def bind(self, address: Any) -> None:
            if address[0] != "192.0.2.7":
                raise OSError(99, "Cannot assign requested address")

    monkeypatch.setattr(reach.socket, "getaddrinfo", addresses)
    monkeypatch.setattr(reach.socket, "socket", OneAddress)


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize(
    ("host", "name"),
    [("", "192.0.2.7"), ("192.0.2.7", "192.0.2.7"), ("stage.local", "stage.local"), ("itself", "itself")],
)
def test_an_address_of_this_machine_is_found(host: str, name: str) -> None:
    found = reach_of(host, None, None)
    assert (found.ip, found.name) == ("192.0.2.7", name)


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("127.0.0.1", "only this machine reaches that"),
        ("localhost", "only this machine reaches that"),
        ("0.0.0.0", "that is every network at once"),
        ("elsewhere", "192.0.2.8 is no address of this machine"),
        ("nowhere", "no address is known by that name"),
    ],
)
def test_any_other_is_refused_in_a_line(host: str, said: str) -> None:
    with pytest.raises(SettingError, match=f"--host {host}: .*{said}"):
        reach_of(host, None, None)


def test_in_no_network_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoWayOut(socket.socket):
        def connect(self, _: Any) -> None:
            raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(reach.socket, "socket", NoWayOut)
    with pytest.raises(SettingError, match="this machine is in no network"):
        reach_of("", None, None)


@needs_openssl
@pytest.mark.usefixtures("network")
def test_a_certificate_is_tried_before_the_show(tmp_path: Path) -> None:
    made, key = certificate(tmp_path)
    _, other = certificate(tmp_path, "other.test")
    assert reach_of("", made, key).certificate == made
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    for wrong, its_key in ((tmp_path / "none.pem", None), (junk, key), (made, None), (made, other)):
        with pytest.raises(SettingError, match=f"--certificate {wrong}: can't be used with") as refused:
            reach_of("", wrong, its_key)
        assert "\n" not in str(refused.value)
