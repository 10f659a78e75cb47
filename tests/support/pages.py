"""The dashboard's pages, each run as Streamlit runs it, without a browser."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.places import Places
from tests.support.waiting import PATIENCE_S

PAGES = Path(dashboard.__file__).parent / "views"


def opened(name: str, places: Places, monkeypatch: pytest.MonkeyPatch, **address: Any) -> AppTest:
    """A page after its first run; `address` is what its address says."""
    path = PAGES / f"{name}.py"
    monkeypatch.setattr(sys, "argv", [str(path), *places.words()])
    page = AppTest.from_file(str(path), default_timeout=PATIENCE_S)
    for word, values in address.items():
        page.query_params[word] = values
    return page.run()


def words_of(page: AppTest) -> str:
    """All text that a page shows."""
    kinds = (page.title, page.subheader, page.markdown, page.caption, page.info, page.warning)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def address_of(page: AppTest) -> dict[str, list[str]]:
    """What the address says of choices."""
    said = {name: page.query_params[name] for name in page.query_params}
    return {name: [value] if isinstance(value, str) else list(value) for name, value in said.items()}


def tick(page: AppTest, name: str, column: str, rows: Sequence[str]) -> AppTest:
    """Tick these rows of the table called so and no others, as a click does; they are known by a column."""
    table = _table(page, name)
    places = [list(table.value[column]).index(row) for row in rows]
    page.session_state[table.key] = {"selection": {"rows": places, "columns": [], "cells": []}}
    return page.run()


def ticked(page: AppTest, name: str, column: str) -> list[str]:
    """The rows that are ticked of the table called so, by a column."""
    table = _table(page, name)
    places = page.session_state[table.key]["selection"]["rows"]
    return [list(table.value[column])[place] for place in places]


def _table(page: AppTest, name: str) -> Any:
    (table,) = (one for one in page.dataframe if (one.key or "").startswith(f"{name}, rows "))
    return table
