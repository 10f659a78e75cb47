"""A group of tests is run by one process, and in which order: pytest and what hands its tests out agree."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import ROOT

IN_TURN = """
import os
from pathlib import Path

import pytest


def ran(kind):
    with Path(os.environ["PYTEST_XDIST_WORKER"]).open("a") as ran_here:
        ran_here.write(kind + "\\n")


"""
GROUPED = (
    IN_TURN
    + """
@pytest.mark.parametrize("number", range(4))
def test_alone(number):
    ran("alone")


@pytest.mark.slow
def test_alone_and_slow():
    ran("slow")


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("marker", [
    pytest.param("dear", marks=pytest.mark.xdist_group("something dear")),
    pytest.param("browser", marks=[pytest.mark.browser, pytest.mark.xdist_group("something dear")]),
    pytest.param("jack", marks=pytest.mark.jack),
])
def test_in_a_group(marker, number):
    ran(marker)
"""
)
SHARED = (
    IN_TURN
    + """
@pytest.fixture(scope="module")
def made():
    ran("made")


@pytest.mark.parametrize("number", range(3))
def test_of_what_is_made(number, made):
    ran("shared")


def test_of_the_same_file():
    ran("alone")
"""
)
TURNS = [{"jack", "browser"}, {"dear"}, {"made", "shared"}, {"slow"}, {"alone"}]
CONFTEST = """
import pytest

from tests.support.groups import keep_groups_together


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    keep_groups_together(items, are_handed_out=config.option.loadgroup)


def pytest_configure(config):
    config.option.loadscopereorder = False
"""


@pytest.mark.slow
def test_a_group_is_run_by_one_process_and_those_that_wait_for_a_program_come_first(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_grouped.py").write_text(GROUPED)
    (tmp_path / "test_shared.py").write_text(SHARED)
    markers = "".join(f"    {marker}\n" for marker in ("jack", "browser", "slow"))
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\nmarkers =\n{markers}")
    words = ["-q", "-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    ran_in = [path.read_text().split() for path in sorted(tmp_path.glob("gw*"))]
    assert [{"jack", "browser"}.intersection(kinds) for kinds in map(set, ran_in)] in (
        [{"jack"}, {"browser"}],
        [{"browser"}, {"jack"}],
    )
    for kind, count in {"jack": 4, "browser": 4, "dear": 4, "made": 1, "shared": 3}.items():
        assert sorted(kinds.count(kind) for kinds in ran_in) == [0, count]
    for kinds in ran_in:
        turns = [next(turn for turn, some in enumerate(TURNS) if kind in some) for kind in kinds]
        assert turns == sorted(turns)
