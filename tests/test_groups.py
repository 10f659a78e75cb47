"""A group of tests is run by one process: that pytest and what hands its tests out agree about groups."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import ROOT

GROUPED = """
import os
from pathlib import Path

import pytest


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("marker", [pytest.param("jack", marks=pytest.mark.jack), pytest.param(
    "dear", marks=pytest.mark.xdist_group("something dear"))])
def test_in_a_group(marker, number):
    with Path(marker).open("a") as ran_in:
        ran_in.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""
CONFTEST = """
import pytest

from tests.support.groups import keep_groups_together


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    keep_groups_together(items, are_handed_out=config.option.loadgroup)
"""


@pytest.mark.slow
def test_each_group_is_run_by_one_process_and_two_groups_by_two(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_grouped.py").write_text(GROUPED)
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\nmarkers =\n    jack\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "2",
        "--dist",
        "loadgroup",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    ran_in = [set((tmp_path / group).read_text().split()) for group in ("jack", "dear")]
    assert [len(processes) for processes in ran_in] == [1, 1]
    assert ran_in[0] != ran_in[1]
