"""`make play` fetches the recorded piano once, and where that fails no later start waits for another try."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[1]
OF_AN_OUTER_MAKE = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"}  # and what was said to it
FETCHES = '#!/bin/sh\necho "$1" >> said\ntest "$1" != piano || test -e network\n'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the Makefile, and an environment in which `antiphon` only says that it was called."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").touch()
    antiphon = programs / "antiphon"
    antiphon.write_text(FETCHES)
    antiphon.chmod(0o755)
    (tmp_path / ".venv" / ".play-cpu").touch()
    return tmp_path


def play(place: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in OF_AN_OUTER_MAKE}
    done = subprocess.run(
        ["make", "play", "VENV=.venv", "GPU="],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout + done.stderr


def said(place: Path) -> list[str]:
    return (place / "said").read_text().split()


def test_what_could_not_be_fetched_is_tried_once_at_each_later_start_and_quietly(place: Path) -> None:
    assert "the next make play tries again" in play(place)
    assert said(place) == ["piano", "play"]
    assert play(place) == ""
    wait_until(lambda: sorted(said(place)) == ["piano", "piano", "play", "play"])
    (place / "network").touch()
    assert play(place) == ""
    wait_until((place / ".venv" / ".piano").exists)
    play(place)
    assert said(place).count("piano") == 3  # it is there


def test_what_was_fetched_is_not_asked_for_again(place: Path) -> None:
    (place / "network").touch()
    play(place)
    play(place)
    assert said(place) == ["piano", "play", "play"]
