"""The recipe in docs/training.md shows every choice with its default."""

import tomllib
from dataclasses import fields, replace

import pytest

from tests.docs.pages import blocks_in, text_of
from tests.support.command import ROOT

pytest.importorskip("torch")  # a recipe's choices are those of its model too

from training.recipes.recipe import recipe_from

NECESSARY = {"about": "", "row": "", "takes": "", "data": {"corpora": ["rolls"]}, "learning": {"steps": 1}}


def test_the_recipe_that_is_shown_has_every_default() -> None:
    page = text_of(ROOT / "docs" / "training.md")
    (shown,) = (block for _, block in blocks_in(page) if block.startswith("about"))
    tables = tomllib.loads(shown)
    recipe = recipe_from(tables, "shown", {"learning.steps": 1})
    standard = recipe_from(NECESSARY, "standard", {})
    assert recipe == replace(standard, about=recipe.about, row=recipe.row, takes=recipe.takes)
    assert tables.keys() == {field.name for field in fields(recipe)}
    for section in ("data", "learning", "log"):
        of = getattr(recipe, section)
        assert tables[section].keys() == {field.name for field in fields(of)}
