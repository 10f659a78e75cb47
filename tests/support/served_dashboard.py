"""`antiphon dashboard` as a process of its own, served to whoever opens it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import pytest

from dashboard.places import Places
from tests.support.command import ROOT
from tests.support.network import free_port
from tests.support.waiting import PATIENCE_S, wait_until

# Of the first table: what it reads aloud, for what is seen is painted.
ROWS = "[...document.querySelectorAll('[data-testid=stDataFrame] canvas table [role=row]')].slice(1)"
TICKED = f"{ROWS}.filter(row => row.ariaSelected === 'true').map(row => row.cells[0].innerText).join()"


@contextmanager
def served(places: Places, *more: str) -> Iterator[int]:
    """`antiphon dashboard` as a process of its own; its port."""
    port = free_port()
    words = [f"--{name}={getattr(places, name)}" for name in ("runs", "corpora", "takes")]
    process = subprocess.Popen(
        [sys.executable, "-m", "antiphon", "dashboard", *words, f"--port={port}", *more],
        cwd=places.runs.parent,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_until(lambda: answers(port) or process.poll() is not None)
        if process.poll() is not None:
            pytest.fail(process.communicate()[0])
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(PATIENCE_S) == 0, process.stdout.read()[-3000:]
        finally:
            process.kill()
            if process.stdout is not None:
                process.stdout.close()


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}", timeout=1.0):
            return True
    except OSError:
        return False
