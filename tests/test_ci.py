"""The checks that run elsewhere are those of the Makefile, on every Python that the project says it runs on.

Both files are read as text, for the tests need no YAML reader otherwise: each list and each step is
one line.
"""

import re
import tomllib
from itertools import pairwise

import pytest

from tests.support.command import ROOT

WORKFLOW = (ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8")
HOOKS = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINNED = re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)


def commands_of(target: str) -> list[str]:
    """What `make TARGET` runs from the environment, without the place where that lies."""
    recipe = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert recipe is not None
    return [line.strip().removeprefix("$(BIN)/") for line in recipe[1].splitlines()]


def values_of(key: str, text: str) -> list[str]:
    """All that stands behind a key, wherever in the file."""
    return re.findall(rf"^[ -]*{re.escape(key)}: (.+)$", text, re.MULTILINE)


def items_of(listed: str) -> list[str]:
    """A list in one line, its items without quotes."""
    return [item.strip(' "') for item in listed.strip("[]").split(",")]


def stated_versions() -> list[str]:
    """The Pythons that the classifiers name."""
    return [found[1] for line in PROJECT["classifiers"] if (found := re.search(r":: (3\.\d+)$", line))]


def test_the_versions_that_are_stated_are_those_that_can_be_installed_on() -> None:
    first, beyond = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", PROJECT["requires-python"]).groups()
    assert stated_versions() == [f"3.{minor}" for minor in range(int(first), int(beyond))]


def test_every_stated_version_is_checked_in_every_job() -> None:
    checked = [items_of(listed) for listed in values_of("python", WORKFLOW)]
    jobs = re.findall(r"^  (\w+):\n    runs-on:", WORKFLOW, re.MULTILINE)
    assert len(checked) == len(jobs) == 2
    assert all(versions == stated_versions() for versions in checked)


def test_the_next_version_waits_for_the_wheels_that_it_lacks() -> None:
    beyond = PROJECT["requires-python"].rpartition("<")[2]
    before = [
        line for line, after in pairwise(WORKFLOW.splitlines()) if after.strip().startswith("python: [")
    ]
    assert len(before) == 2
    assert all(line.strip() == f"# {beyond} as soon as python-rtmidi has wheels for it." for line in before)


def test_linux_runs_the_whole_proof_and_the_others_what_needs_no_jack() -> None:
    whole, install, tests = values_of("run", WORKFLOW)
    assert whole == ".ci/run"
    assert (ROOT / whole).stat().st_mode & 0o111
    assert values_of("system", WORKFLOW) == ["[macos-latest, windows-latest]"]
    assert "-c constraints.txt" in install
    extras = re.search(r"\.\[([\w,]+)\]", install)
    assert extras is not None
    assert set(extras[1].split(",")) <= PROJECT["optional-dependencies"].keys()
    assert f'-m "{re.search(r"^FAST := (.+)$", MAKEFILE, re.MULTILINE)[1]}"' in tests
    assert "--dist loadgroup" in tests


@pytest.mark.parametrize("target", ["form", "types"])
def test_a_commit_is_hooked_to_what_make_lint_runs(target: str) -> None:
    assert set(commands_of(target)) <= set(values_of("entry", HOOKS))


def test_no_hook_runs_anything_else() -> None:
    assert values_of("entry", HOOKS) == [*commands_of("form"), *commands_of("types")]
    assert re.search(r"^lint: form types$", MAKEFILE, re.MULTILINE)


def test_hooks_use_the_programs_of_the_environment_which_are_pinned() -> None:
    entries = values_of("entry", HOOKS)
    assert values_of("repo", HOOKS) == ["local"]
    assert values_of("language", HOOKS) == ["system"] * len(entries)
    assert values_of("pass_filenames", HOOKS) == ["false"] * len(entries)
    assert {entry.split()[0] for entry in entries} <= set(PINNED)


@pytest.mark.parametrize("text", [WORKFLOW, HOOKS], ids=["workflow", "hooks"])
def test_indentation_is_by_two_and_without_tabs(text: str) -> None:
    lines = [line for line in text.splitlines() if line.strip()]
    assert not any("\t" in line or line != line.rstrip() for line in lines)
    assert all((len(line) - len(line.lstrip())) % 2 == 0 for line in lines)
