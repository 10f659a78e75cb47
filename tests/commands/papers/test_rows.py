"""`antiphon rows`: every row of the papers, held against recipes, commands and docs."""

import json
import re
from datetime import date

import pytest

from antiphon import main
from commands.papers.register import STATES, Row, markdown, rows
from tests.docs.pages import text_of
from tests.docs.test_commands import is_taken
from tests.support.command import ROOT
from training.recipes.recipe_files import recipe_names, tables_of

ROWS = rows()
PAGE = ROOT / "docs" / "experiments.md"
OF_EACH_PAPER = {"A": 12, "B": 8, "C": 10, "D": 8, "E": 9, "L": 7}
NAMES = [f"{paper}{number}" for paper, count in OF_EACH_PAPER.items() for number in range(1, count + 1)]


def rows_of_recipe(name: str) -> set[str]:
    return {row.strip() for row in tables_of(name)["row"].split(",")}


def test_no_row_falls_off_and_none_stands_twice() -> None:
    assert [row.name for row in ROWS] == NAMES


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_says_what_it_is_and_in_which_state(row: Row) -> None:
    assert row.what
    assert row.state in STATES
    assert bool(row.result) == (row.state not in ("built", "open"))
    assert bool(row.result) == bool(row.date) == bool(row.page)


def test_recipes_and_rows_name_each_other() -> None:
    named = {row.name: set(row.recipes) for row in ROWS}
    by_recipes = {
        row.name: {name for name in recipe_names() if row.name in rows_of_recipe(name)} for row in ROWS
    }
    papers = {name: recipes for name, recipes in by_recipes.items() if not name.startswith("L")}
    assert {name: named[name] for name in papers} == papers


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_command_of_a_row_is_taken(row: Row) -> None:
    program, *words = row.command.split()
    assert program == "antiphon"
    assert is_taken(tuple(words))


@pytest.mark.parametrize("row", [row for row in ROWS if row.recipe], ids=lambda row: row.name)
def test_a_command_that_trains_names_a_recipe_of_its_row(row: Row) -> None:
    words = row.command.split()
    if words[1] == "train":
        assert words[2] in row.recipes
        variant = words[words.index("--variant") + 1] if "--variant" in words else None
        assert variant is None or variant in tables_of(words[2])["variants"]


@pytest.mark.parametrize("row", [row for row in ROWS if row.result], ids=lambda row: row.name)
def test_the_figures_of_a_result_stand_in_the_docs(row: Row) -> None:
    assert date.fromisoformat(row.date) <= date.today()
    page = text_of(ROOT / "docs" / row.page)
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    (section,) = [
        part for part in re.split(r"^## ", page, flags=re.MULTILINE)[1:] if is_about(row, part)
    ] or [""]
    assert section, f"no section of docs/{row.page} is about {row.name}: {headings}"
    figures = re.findall(r"\d+\.\d+", row.result)
    assert [figure for figure in figures if figure not in section] == []
    assert row.date in page


def is_about(row: Row, section: str) -> bool:
    """Whether the heading names the recipe that the command carries out, or else the row's own."""
    heading, named = section.splitlines()[0], row.command.split()[2]
    return f"`{named if named in row.recipes else row.recipe}`" in heading


SAID_AS = {
    "agrees": "agrees",
    "agrees in part": "in part",
    "in part": "in part",
    "differs": "differs",
    "reversed": "differs",
    "not seen": "differs",
    "no verdict": "too short",
    "nothing to compare with": "built",
}


def rows_in(cell: str) -> set[str]:
    """`A3, A4` and `B2–B7`: every row by its name."""
    found: set[str] = set()
    for part in cell.split(", "):
        first, _, last = part.partition("–")
        numbers = range(int(first[1:]), int((last or first)[1:]) + 1)
        found |= {f"{first[0]}{number}" for number in numbers}
    return found


def test_the_page_of_the_experiments_says_of_each_row_what_its_state_says() -> None:
    said: dict[str, set[str]] = {}
    lines = re.findall(r"^\| ([A-E]\d[^|]*) \| `[^|]+\|[^|]+\| ([^|]+) \|$", text_of(PAGE), re.MULTILINE)
    for cell, verdict in lines:
        states = {SAID_AS[word] for word in re.findall(r"\*\*([^*]+)\*\*", verdict) if word in SAID_AS}
        for name in rows_in(cell):
            said.setdefault(name, set()).update(states)
    of_rows = {row.name: row.state for row in ROWS if row.page == PAGE.name}
    assert set(of_rows) <= set(said)
    assert {name: state for name, state in of_rows.items() if state not in said[name]} == {}
    assert {name for name in said if name not in of_rows} <= {
        row.name for row in ROWS if row.state == "built"
    }


def test_the_page_of_the_rows_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rows", "--markdown"]) == 0
    assert capsys.readouterr().out == markdown(ROWS) == text_of(ROOT / "docs" / "rows.md")


def test_rows_are_listed_by_state_and_one_is_shown_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rows"]) == 0
    listed = capsys.readouterr().out
    assert all(re.search(rf"^{name} ", listed, re.MULTILINE) for name in NAMES)
    assert f"{len(NAMES)} rows" in listed
    assert main(["rows", "a4"]) == 0
    assert "antiphon train a4-memory" in capsys.readouterr().out
    assert main(["rows", "--state", "open", "--json"]) == 0
    assert {row["state"] for row in json.loads(capsys.readouterr().out)} <= {"open"}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["Z9"], "no row is called 'Z9'"),
        (["A1", "--state", "open"], "A1 is built"),
        (["A1", "--markdown"], "whole page"),
    ],
)
def test_what_can_not_be_shown_is_refused(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rows", *words]) == 2
    assert why in capsys.readouterr().err
