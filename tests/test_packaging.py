"""What is handed out: small for who only plays, without tests, pinned for us, its documents' links whole."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from antiphon import COMMANDS, EXTRAS, ROOMS
from tests.support.command import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def names_of(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower() for requirement in requirements}


def test_who_only_plays_installs_no_training_and_no_page_of_judgement() -> None:
    assert names_of(PROJECT["dependencies"]) == {
        "numpy",
        "mido",
        "python-rtmidi",
        "segno",
        "symusic",
        "websockets",
    }


def test_every_extra_that_an_error_names_exists() -> None:
    assert set(EXTRAS.values()) <= PROJECT["optional-dependencies"].keys()


def test_constraints_pin_everything_that_is_named() -> None:
    pinned = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    wanted = names_of(PROJECT["dependencies"]).union(
        *(names_of(extra) for extra in PROJECT["optional-dependencies"].values())
    )
    assert wanted <= pinned


@pytest.mark.slow
def test_the_wheel_has_every_room_and_recipe_and_no_tests(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {"antiphon.py", *ROOMS} <= tops
    assert "tests" not in tops
    assert "training/recipes/tiny.toml" in names
    for command in COMMANDS.values():
        assert command.module.replace(".", "/") + ".py" in names


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_documents_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
        if "://" not in target:
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_documents_commands_exist(document: Path) -> None:
    for word in re.findall(
        r"(?:^|[`/ ])antiphon ([a-z][a-z-]*)(?= |`|$)", document.read_text(), re.MULTILINE
    ):
        assert word in COMMANDS, word
