"""A network for tests: a second address of this machine, a certificate for it, and who trusts that."""

import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

AWAY = "127.0.0.2"  # in place of an address in a network


def _is_to_be_had() -> bool:
    try:
        socket.create_server((AWAY, 0)).close()
    except OSError:
        return False
    return True


needs_another_address = pytest.mark.skipif(not _is_to_be_had(), reason=f"{AWAY} is not to be had here")
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


def free_port() -> int:
    """One on which nobody listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def certificate(folder: Path, name: str = "stage.test") -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    made, key = folder / f"{name}.pem", folder / f"{name}.key"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},IP:{AWAY}"]
    files = ["-keyout", str(key), "-out", str(made)]
    subprocess.run(["openssl", "req", "-x509", *kind, *names, *files], check=True, capture_output=True)
    return made, key


def trusting(certificate: Path) -> ssl.SSLContext:
    """As a browser whose owner trusts this certificate."""
    return ssl.create_default_context(cafile=str(certificate))
