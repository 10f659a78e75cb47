"""A command of ours that goes on until it is asked to stop, as a process of its own whose lines are read."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.command import ROOT
from tests.support.waiting import PATIENCE_S


@contextmanager
def running(*words: str) -> Iterator[subprocess.Popen[str]]:
    """`antiphon WORDS...` with nobody at its terminal; ended at the latest when the test is."""
    with subprocess.Popen(
        [sys.executable, "-u", "antiphon.py", *words],
        cwd=ROOT,
        env=os.environ.copy(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def line_with(process: subprocess.Popen[str], begins: str) -> str:
    """The next line that begins so; what it says before is let pass, and shown if it ends without one."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        if line.startswith(begins):
            return line
        said.append(line)
    status = process.wait(PATIENCE_S)
    raise AssertionError(f"it ended with status {status} and no line {begins!r}; it said:\n{''.join(said)}")
