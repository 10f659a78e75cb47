"""A JACK server of our own, with the driver that has no sound card, and programs that run beside it."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from music.settings import SettingError

READY_WITHIN_S = 30
FRAMES = 512  # of a period, at 48 kHz


def require(*programs: str) -> None:
    """`SettingError` where one of these programs isn't here."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        raise SettingError(f"no {', '.join(missing)} here: apt-get install jackd2")


@contextmanager
def running(command: list[str], out: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A program, with what it says in a file; ended at the end."""
    with (out or Path(os.devnull)).open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL)
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


@contextmanager
def sound_server(name: str, frames: int = FRAMES) -> Iterator[None]:
    """The server by this name, for JACK_DEFAULT_SERVER.

    A short name, as JACK makes a socket's path of it; and the same one again and again, as JACK remembers
    each server that didn't end well, and has room for eight.
    """
    driver = ["-d", "dummy", "-r", "48000", "-p", str(frames)]
    with running(["jackd", "--no-realtime", "--no-mlock", "-n", name, *driver]) as server:
        _await(server, name)
        yield


def _await(server: subprocess.Popen[bytes], name: str) -> None:
    give_up_at = time.monotonic() + READY_WITHIN_S
    while server.poll() is None and time.monotonic() < give_up_at:
        asked = subprocess.run(["jack_wait", "-s", name, "-w", "-t", "1"], capture_output=True, check=False)
        if b"server is available" in asked.stdout:
            return
    raise SettingError(f"the JACK server {name!r} doesn't come up: does one of this name run already?")
