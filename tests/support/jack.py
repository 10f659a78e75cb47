"""A JACK server for tests: real virtual MIDI ports on a machine without a sound card."""

import fcntl
import os
import resource
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from tests.support.waiting import PATIENCE_S

MEMORY = Path("/dev/shm")
AT_WORK = Path(tempfile.gettempdir()) / "antiphon-tests-at-work"  # locked by every run of the tests


@contextmanager
def jack_server(log: Path) -> Iterator[str]:
    """A server of our own with the dummy driver, started and ended; gives its name, for JACK_DEFAULT_SERVER.

    What it wrote is in `log`.
    """
    with jack_process(log) as (name, _):
        yield name


@contextmanager
def jack_process(log: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same, with its process. The name is short: JACK makes a socket's path of it."""
    name = f"antiphon{os.getpid()}"
    _let_memory_be_locked()
    # Periods of 11 ms: in shorter ones a busy machine is late, and what is sent in a missed period is lost.
    # One that waits for its clients (--sync) loses nothing, but stands still for seconds when one is killed.
    # Each client locks the memory of all ports in: of 128 that is 40 MB, without a word 107.
    words = ["--no-realtime", "--no-mlock", "--port-max", "128", "-n", name]
    command = ["jackd", *words, "-d", "dummy", "-r", "48000", "-p", "512"]
    with (
        log.open("wb") as out,
        subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL) as server,
    ):
        try:
            _wait_until_ready(server, name, log)
            yield name, server
        finally:
            server.send_signal(signal.SIGCONT)  # a test may have stopped it
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def _let_memory_be_locked() -> None:
    """Its clients lock their shared memory; a low limit makes that fail, so we take as much as we may."""
    _, highest = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (highest, highest))


def forget_dead_servers() -> None:
    """Clear JACK's count of killed servers, of which it has room for eight, and the memory they left.

    Only before the first test, and while no other tests are at work: a process that has looked at the
    registry goes on with the file that it has seen, and finds no server that is entered in a new one.
    """
    with suppress(PermissionError):  # somebody else's lock or memory: it isn't ours to clear
        at_work = os.open(AT_WORK, os.O_RDWR | os.O_CREAT)  # until the process ends
        with suppress(BlockingIOError):  # other tests are at work
            fcntl.flock(at_work, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _clear_memory()
        fcntl.flock(at_work, fcntl.LOCK_SH)  # those that clear are through in a moment


def _clear_memory() -> None:
    if not _a_server_runs():
        for left in MEMORY.glob("jack[-_]*"):
            if left.is_file() or left.is_socket():
                left.unlink(missing_ok=True)


def _a_server_runs() -> bool:
    names = subprocess.run(["ps", "-A", "-o", "comm="], capture_output=True, text=True, check=False).stdout
    return any(name.startswith("jackd") for name in names.splitlines())


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
