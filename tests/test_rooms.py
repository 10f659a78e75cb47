"""The rooms: each imports what CONTRIBUTING.md says, without circles, and torch stays where it belongs.

What is imported by name alone, as `antiphon.py` does with its commands, is no arrow here.
"""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from antiphon import ROOMS
from tests.support.command import ROOT

Arrows = Mapping[str, Set[str]]  # of each room, those that it imports

WITH_TORCH = ("training/", "export/", "benchmarks/")
WITHOUT = {
    "music": ("torch", "onnxruntime", "safetensors", "websockets"),
    "pieces": ("torch", "onnxruntime"),
    "evaluation": ("torch", "onnxruntime"),
    "realtime": ("torch", "safetensors", "streamlit"),
    "dashboard": ("torch", "onnxruntime"),
    "listening": ("torch", "onnxruntime", "streamlit"),
}


def stated(table: str) -> Arrows:
    """The rows of a table: a room in the first cell, in the last those that it imports."""
    rows = re.findall(r"^\| `([^`]+)` \|[^|]*\|([^|]*)\|$", table, re.MULTILINE)
    return {room: set(re.findall(r"`([^`]+)`", imports)) for room, imports in rows}


HOUSE, INSIDE = map(stated, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("### Inside"))
LARGER = sorted({f"{room.partition('/')[0]}/" for room in INSIDE})


MOST_FILES = 12  # side by side in a room, without __init__.py
ONE_VERB_FOR_ALL = re.compile("told", re.IGNORECASE)
PAGE = ROOT / "realtime" / "web" / "page"
IN_OLD_CHECKPOINTS = '"untold"'  # a name on disk: training/learning/learner.py reads it


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


FILES = [ROOT / "antiphon.py", *(path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))]
OTHER_FILES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.*")) if path.suffix != ".py"]
PLACES = {module_of(path): path.relative_to(ROOT).as_posix() for path in FILES}


def imported_by(module: str) -> Iterator[str]:
    """All that a module imports, wherever in it: our own by their whole names, others' as written."""
    for node in ast.walk(ast.parse((ROOT / PLACES[module]).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None, f"{PLACES[module]}: a relative import"
            inner = {f"{node.module}.{one.name}" for one in node.names}
            yield from inner & PLACES.keys() or {node.module}


@cache
def imports() -> Mapping[str, Set[str]]:
    """Of each module, all that it imports; read once, and not before a test asks."""
    return {module: set(imported_by(module)) for module in PLACES}


def room_of(module: str, rooms: Set[str]) -> str:
    """The innermost of these rooms that a module lies in."""
    return max((room for room in rooms if PLACES[module].startswith(room)), key=len)


def arrows_between(rooms: Set[str]) -> dict[str, dict[str, str]]:
    """Of each room those that it imports, with one import that shows it."""
    arrows: dict[str, dict[str, str]] = {room: {} for room in rooms}
    for module, imported in imports().items():
        here = room_of(module, rooms)
        for other in imported & PLACES.keys():
            there = room_of(other, rooms)
            if there != here:
                arrows[here][there] = f"{module} imports {other}"
    return arrows


def differences(arrows: Mapping[str, Mapping[str, str]], table: Arrows) -> list[str]:
    """What is not as the table says, a line each."""
    unstated = [
        shown
        for room, others in arrows.items()
        for there, shown in others.items()
        if there not in table[room]
    ]
    unused = [
        f"no module of {room} imports {there}"
        for room in table
        for there in table[room] - arrows[room].keys()
    ]
    return unstated + unused


def test_the_table_has_every_room() -> None:
    assert {room.rstrip("/") for room in HOUSE} == {"antiphon.py", *ROOMS}


@pytest.mark.parametrize("larger", LARGER)
def test_the_table_of_a_larger_room_has_every_room_in_it(larger: str) -> None:
    packages = {f"{larger}{path.parent.name}/" for path in (ROOT / larger).glob("*/__init__.py")}
    stated_rooms = {room for room in INSIDE if room.startswith(larger) and not room.endswith(".py")}
    assert stated_rooms == {larger, *packages}


def test_rooms_import_each_other_as_the_table_says() -> None:
    assert differences(arrows_between(HOUSE.keys()), HOUSE) == []


def test_rooms_within_a_room_import_each_other_as_the_table_says() -> None:
    arrows = arrows_between(INSIDE.keys() | HOUSE.keys())
    within = {
        room: {
            there: shown for there, shown in arrows[room].items() if room.split("/")[0] == there.split("/")[0]
        }
        for room in INSIDE
    }
    assert differences(within, INSIDE) == []


@pytest.mark.parametrize("rooms", [HOUSE.keys(), INSIDE.keys() | HOUSE.keys()], ids=["outer", "inner"])
def test_no_arrows_go_round_in_a_circle(rooms: Set[str]) -> None:
    TopologicalSorter(arrows_between(rooms)).prepare()  # raises CycleError, which names the circle


def test_nothing_imports_the_front_door() -> None:
    assert [module for module, imported in imports().items() if "antiphon" in imported] == []


def test_no_room_has_more_files_side_by_side_than_an_eye_takes_in() -> None:
    files = Counter(path.parent for path in FILES if path.name != "__init__.py")
    files.update(path.parent for path in OTHER_FILES if path.parent.is_relative_to(PAGE))
    crowded = {str(room): count for room, count in files.items() if count > MOST_FILES}
    assert crowded == {}


def test_the_verb_that_stood_for_everything_stands_for_nothing() -> None:
    here = Path(__file__)
    sources = [*FILES, *OTHER_FILES, *(ROOT / "tests").rglob("*.*"), *(ROOT / "docs").rglob("*.py")]
    texts = {path: path.read_text(encoding="utf-8") for path in sources if path.suffix in (".py", ".js")}
    lines = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path, text in texts.items()
        for line in text.replace(IN_OLD_CHECKPOINTS, "").splitlines()
        if path != here and ONE_VERB_FOR_ALL.search(line)
    ]
    assert lines == []


def test_torch_is_imported_only_where_models_learn_are_exported_or_measured() -> None:
    importing = [
        module for module, imported in imports().items() if any(re.match(r"torch\b", one) for one in imported)
    ]
    assert importing
    assert [module for module in importing if not PLACES[module].startswith(WITH_TORCH)] == []


def test_training_takes_of_the_instrument_only_what_reads_a_model_file_and_a_take() -> None:
    taken = {
        other
        for module, imported in imports().items()
        if module.startswith("training.")
        for other in imported
        if other.startswith("realtime.")
    }
    assert taken == {"realtime.inference.bundle", "realtime.rows.take"}


@pytest.mark.parametrize("room", WITHOUT)
def test_importing_a_whole_room_loads_nothing_that_it_must_not_know(room: str) -> None:
    for name in WITHOUT[room]:
        pytest.importorskip(name)  # where it isn't installed, nothing can be shown
    modules = [module for module in PLACES if f"{module}.".startswith(f"{room}.") and not _is_page(module)]
    code = f"import importlib, sys\nfor name in {modules}: importlib.import_module(name)\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert set(modules) <= set(loaded)
    assert {name for name in WITHOUT[room] if name in loaded} == set()


def _is_page(module: str) -> bool:
    """Whether it is a page, which Streamlit runs."""
    return module == "dashboard.app" or module.startswith("dashboard.views.")
