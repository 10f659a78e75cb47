"""Places that must be ours: the folder of the takes and its disk, and the page's port.

Must not know what a take or a page is.
"""

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

from realtime.health.finding import Finding, fine, noted, wrong

ADDRESS = "127.0.0.1"
LITTLE_BYTES, TOO_LITTLE_BYTES = 1 << 30, 1 << 26  # of a disk: an evening's takes are a few MiB


def place_findings(takes: Path, page_port: int) -> Iterator[Finding]:
    """What was found of the folder of the takes, its disk, and the port."""
    folder = next((place for place in (takes, *takes.absolute().parents) if place.exists()), Path("/"))
    yield _folder(takes, folder)
    yield _disk(takes, shutil.disk_usage(folder).free)
    yield _port(page_port)


def _folder(takes: Path, there: Path) -> Finding:
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return wrong(
            "takes",
            f"{takes} can't be written: {there} is no folder of yours",
            "name another with --takes DIR",
        )
    return fine("takes", f"are kept in {takes}{'' if there == takes else ' (made at the first take)'}")


def _disk(takes: Path, free: int) -> Finding:
    found = f"{free / (1 << 30):.1f} GiB free for {takes}"
    remedy = "make room, or keep takes on another disk with --takes DIR"
    if free < TOO_LITTLE_BYTES:
        return wrong("disk", found, remedy)
    return noted("disk", found, remedy) if free < LITTLE_BYTES else fine("disk", found)


def _port(port: int) -> Finding:
    try:
        socket.create_server((ADDRESS, port)).close()
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        return noted(
            "page",
            f"port {port} can't be had ({why})",
            "the page will take any free one, and its address is said",
        )
    return fine("page", f"port {port} is free")
