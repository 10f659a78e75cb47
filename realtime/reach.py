"""From where else the page can be reached: an address of this machine in a network, and what encrypts it.

Says what can't be before the show begins. Must not know what a page is.
"""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from music.settings import SettingError

ANY = ""  # the address by which this machine reaches others
# Nothing is sent there: a network that exists for examples, which tells by which way one would send.
_SOMEWHERE_ELSE = ("192.0.2.1", 9)


@dataclass(frozen=True, slots=True)
class Reach:
    """An address of this machine, the name that others call it by, and the files that encrypt."""

    ip: str
    name: str
    certificate: Path | None = None
    key: Path | None = None


def reach_of(host: str, certificate: Path | None, key: Path | None) -> Reach:
    """What `--host` asks for; `SettingError` says what can't be."""
    if certificate is not None:
        _refuse_unusable(certificate, key)
    ip = _own_ip() if host == ANY else _ip_of(host)
    if IPv4Address(ip).is_loopback and host not in ("localhost", ip):
        ip = _own_ip()  # a machine often knows its own name by no other address
    _refuse_strange(host, ip)
    return Reach(ip, host or ip, certificate, key)


def _own_ip() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_SOMEWHERE_ELSE)
        except OSError:
            raise SettingError(
                "--host: this machine is in no network; join one, or leave --host away"
            ) from None
        return str(probe.getsockname()[0])


def _ip_of(host: str) -> str:
    try:
        return str(socket.getaddrinfo(host, None, socket.AF_INET)[0][4][0])
    except (OSError, UnicodeError):
        raise SettingError(
            f"--host {host}: no address is known by that name; --host alone takes this machine's own"
        ) from None


def _refuse_strange(host: str, ip: str) -> None:
    """Of this machine alone, of all networks at once, or of another machine."""
    address = IPv4Address(ip)
    if address.is_loopback:
        raise SettingError(
            f"--host {host}: only this machine reaches that; leave --host away, or name another"
        )
    if address.is_unspecified:
        raise SettingError(f"--host {host}: that is every network at once; name one address, or --host alone")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind((ip, 0))
    except OSError:
        raise SettingError(
            f"--host {host}: {ip} is no address of this machine; --host alone takes its own"
        ) from None


def _refuse_unusable(certificate: Path, key: Path | None) -> None:
    import ssl  # a megabyte, which hardly anybody needs

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:  # no such file, no PEM, another key's certificate, a locked key
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SettingError(
            f"--certificate {certificate}: can't be used with {key or 'itself as the key'}: {said}"
        ) from None


def _no_password() -> str:
    raise ValueError("the key is locked with a password; name one that is not")
