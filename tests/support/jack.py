"""A JACK server for tests: real virtual MIDI ports on a machine without a sound card."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from time import monotonic, sleep

from tests.support.waiting import PATIENCE_S

REGISTRY = "jack-shm-registry"


@contextmanager
def jack_server(log: Path) -> Iterator[str]:
    """A server of our own with the dummy driver, started and ended; gives its name, for JACK_DEFAULT_SERVER.

    What it wrote is in `log`. The name is short: JACK makes a socket's path of it.
    """
    name = f"antiphon{os.getpid()}"
    _let_memory_be_locked()
    _forget_dead_servers()
    # Periods of 11 ms: in shorter ones a busy machine is late, and what is sent in a missed period is lost.
    command = ["jackd", "--no-realtime", "--no-mlock", "-n", name, "-d", "dummy", "-r", "48000", "-p", "512"]
    with (
        log.open("wb") as out,
        subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL) as server,
    ):
        try:
            _wait_until_ready(server, name, log)
            yield name
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def _let_memory_be_locked() -> None:
    """Its clients lock their shared memory; a low limit makes that fail, so we take as much as we may."""
    _, highest = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (highest, highest))


@cache  # once: later on, this process's own clients know the registry
def _forget_dead_servers() -> None:
    """Clear JACK's count of killed servers, of which it has room for eight; while none runs, all are dead."""
    running = subprocess.run(["ps", "-A", "-o", "comm="], capture_output=True, text=True, check=True).stdout
    if not any(name.startswith("jackd") for name in running.splitlines()):
        Path(f"/dev/shm/{REGISTRY}").unlink(missing_ok=True)


def _wait_until_ready(server: subprocess.Popen[bytes], name: str, log: Path) -> None:
    deadline = monotonic() + PATIENCE_S
    while monotonic() < deadline:
        if server.poll() is not None:
            break
        asked = subprocess.run(["jack_wait", "-s", name, "-w", "-t", "1"], capture_output=True, check=False)
        if asked.returncode == 0 and b"server is available" in asked.stdout:
            return
        sleep(0.05)  # between two questions
    raise RuntimeError(f"jackd didn't come up: {log.read_text(errors='replace')[-2000:]}")
