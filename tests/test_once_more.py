"""A test of another program may fail once, and is listed; one of our own code may not."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import ROOT

FAILS_AT_FIRST = """
from pathlib import Path

import pytest


@pytest.mark.parametrize("marker", [pytest.param("jack", marks=pytest.mark.jack), "ours"])
@pytest.mark.parametrize("times", [1, 2])
def test_it(marker, times):
    tries = Path(f"{marker} {times}")
    tried = len(tries.read_text()) if tries.exists() else 0
    tries.write_text("x" * (tried + 1))
    assert tried >= times
"""
CONFTEST = """
from tests.support.once_more import try_once_more


def pytest_collection_modifyitems(items):
    try_once_more(items, ["jack"])
"""


@pytest.mark.slow
def test_another_programs_test_may_fail_once_and_is_listed(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_tried.py").write_text(FAILS_AT_FIRST)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\nmarkers =\n    jack\n")
    command = [sys.executable, "-m", "pytest", "-raR", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    said = {line.split(" - ")[0] for line in done.stdout.splitlines() if line.startswith(("RERUN", "FAILED"))}
    assert said == {
        "FAILED test_tried.py::test_it[1-ours]",
        "FAILED test_tried.py::test_it[2-jack]",
        "FAILED test_tried.py::test_it[2-ours]",
        "RERUN test_tried.py::test_it[1-jack]",
        "RERUN test_tried.py::test_it[2-jack]",
    }
    assert "3 failed, 1 passed, 2 rerun" in done.stdout
