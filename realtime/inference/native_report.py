"""What the runtime writes to the terminal by itself, caught: it belongs into a line of ours, or nowhere.

Its native part writes to the file descriptor of standard error and knows nothing of Python's streams; its
Python part prints and warns. Both are caught for the whole process, so this is for the start, before anything
plays. Must not know what the words mean.
"""

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from io import StringIO
from typing import IO

_STANDARD_ERROR = 2


@dataclass
class Report:
    """What was written; empty until the catching is over."""

    text: str = ""


@contextmanager
def caught_report() -> Iterator[Report]:
    """Nothing that is written meanwhile reaches the terminal."""
    report, printed = Report(), StringIO()
    with tempfile.TemporaryFile() as file:
        try:
            with (
                _standard_error_to(file),
                redirect_stdout(printed),
                redirect_stderr(printed),
                warnings.catch_warnings(),
            ):
                warnings.simplefilter("ignore")
                yield report
        finally:
            file.seek(0)
            report.text = file.read().decode(errors="replace") + printed.getvalue()


@contextmanager
def _standard_error_to(file: IO[bytes]) -> Iterator[None]:
    try:
        before = os.dup(_STANDARD_ERROR)
    except OSError:  # it is closed: what is written there is lost anyway
        yield
        return
    with suppress(AttributeError, OSError):
        sys.stderr.flush()  # what was written before belongs where it was meant to go
    os.dup2(file.fileno(), _STANDARD_ERROR)
    try:
        yield
    finally:
        os.dup2(before, _STANDARD_ERROR)
        os.close(before)
