"""What the docs name is there: files and folders of the repository, and modules."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from antiphon import ROOMS
from tests.docs.pages import DECISIONS, FRONT, PAGES, blocks_in, name_of, spans_in, text_of
from tests.support.command import ROOT

TOPS = "|".join([*ROOMS, "tests", "docs", r"\.ci"])
PATH = re.compile(rf"(?:{TOPS})/[\w./*-]*")
FILE = re.compile(r"[\w/-]+\.(?:py|js|toml)")
MODULE = re.compile(rf"(?:{'|'.join(ROOMS)})(?:\.[a-z]\w*)+")

# Files that a person makes or a run leaves: no files of ours.
MADE = {"stage.toml", "my-recipe.toml", "test_evening.py"}

FILES = [
    path.relative_to(ROOT).as_posix()
    for top in (*ROOMS, "tests", "docs")
    for path in (ROOT / top).rglob("*")
    if path.is_file()
] + [path.name for path in ROOT.iterdir() if path.is_file()]


def is_there(named: str) -> bool:
    """Whether a path, the end of a path, or a module leads to something."""
    if PATH.fullmatch(named):
        return any(True for _ in ROOT.glob(named.rstrip("/"))) if "*" in named else (ROOT / named).exists()
    if FILE.fullmatch(named):
        return any(f"/{path}".endswith(f"/{named}") for path in FILES)
    return any(leads_to_a_module(named.rsplit(".", cut)[0]) for cut in (0, 1))


def leads_to_a_module(dotted: str) -> bool:
    path = ROOT / dotted.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


def looks_like_ours(span: str) -> bool:
    if span in MADE:
        return False
    return any(kind.fullmatch(span) for kind in (PATH, FILE, MODULE))


@pytest.mark.parametrize("page", [*FRONT, *PAGES, *DECISIONS], ids=name_of)
def test_every_file_and_module_that_a_page_names_exists(page: Path) -> None:
    words = {word for span in spans_in(text_of(page)) for word in span.split()}
    named = {word for word in words if looks_like_ours(word)}
    assert sorted(name for name in named if not is_there(name)) == []


@pytest.mark.parametrize("page", [*FRONT, *PAGES], ids=name_of)
def test_python_that_a_page_shows_imports_what_is_there(page: Path) -> None:
    for language, block in blocks_in(text_of(page)):
        for node in ast.walk(ast.parse(block if language == "python" else "")):
            if isinstance(node, ast.ImportFrom) and node.module:
                module = importlib.import_module(node.module)
                assert [one.name for one in node.names if not hasattr(module, one.name)] == []


def test_every_module_whose_api_the_site_shows_exists() -> None:
    source = (ROOT / "docs" / "site.py").read_text(encoding="utf-8")
    assigned = {
        node.targets[0].id: node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    faces = [module for modules in ast.literal_eval(assigned["FACES"]).values() for module in modules]
    assert faces
    assert [module for module in faces if not leads_to_a_module(module)] == []


def test_a_name_that_leads_nowhere_is_noticed() -> None:
    wrong = ("music/nowhere.py", "nowhere.py", "performer/nowhere.py", "music.nowhere.at_all")
    right = (
        "music/notes.py",
        "notes.py",
        "performer/turns.py",
        "music.midi.files",
        "training/recipes/*.toml",
    )
    assert all(looks_like_ours(name) for name in (*wrong, *right))
    assert [is_there(name) for name in wrong] == [False] * len(wrong)
    assert [is_there(name) for name in right] == [True] * len(right)
