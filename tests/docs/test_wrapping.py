"""Prose is wrapped, so that a change of a word is a change of a line. Rows of tables and code can't be."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import DECISIONS, FRONT, PAGES, name_of, text_of, without_fences
from tests.support.command import ROOT

WIDEST = 110
UNBREAKABLE = re.compile(r"\||#| {4}|!\[|<|\S+$")  # a row, a heading, code, a picture, a long address


@pytest.mark.parametrize("page", [*FRONT, ROOT / "CHANGELOG.md", *PAGES, *DECISIONS], ids=name_of)
def test_prose_is_wrapped(page: Path) -> None:
    lines = without_fences(text_of(page)).splitlines()
    assert [line for line in lines if len(line) > WIDEST and not UNBREAKABLE.match(line)] == []
