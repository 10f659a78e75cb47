"""Recipes: those that come along are right, changes are read, what is wrong is told with the nearest right name."""

from pathlib import Path

import pytest

from antiphon import main
from music.settings import SettingError
from training.recipe import recipe_from, recipe_named, recipe_names

TABLES = {
    "about": "a",
    "row": "L1",
    "takes": "t",
    "seed": 1,
    "data": {"corpora": ["tiny"]},
    "learning": {"steps": 5},
}


@pytest.mark.parametrize("name", recipe_names())
def test_each_recipe_that_comes_along_can_be_read(name: str) -> None:
    recipe = recipe_named(name)
    assert recipe.about
    assert recipe.learning.steps > 0


def test_the_list_tells_each_with_its_row_and_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--list"]) == 0
    told = capsys.readouterr().out
    for name in recipe_names():
        assert f"{name}  ({recipe_named(name).row})" in told
        assert recipe_named(name).takes in told


def test_changes_are_read_as_the_settings_type() -> None:
    changes = {"learning.steps": "7", "model.width": "32", "data.semitones": "-1,0,1", "seed": "9"}
    recipe = recipe_named("tiny", changes)
    assert (recipe.learning.steps, recipe.model.width, recipe.seed) == (7, 32, 9)
    assert recipe.data.semitones == (-1, 0, 1)


def test_what_a_run_records_leads_back_to_the_recipe() -> None:
    recipe = recipe_named("first-light", {"learning.steps": "7"})
    assert recipe_from(recipe.told(), "again", {}) == recipe


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"learning.rat": "1"}, "learning has no setting 'rat'; did you mean 'rate'?"),
        ({"modle.width": "1"}, "no setting 'modle'; did you mean 'model'?"),
        ({"learning.steps": "many"}, "steps is a whole number"),
        ({"seed.x": "1"}, "'seed' is no section"),
    ],
)
def test_wrong_changes_are_told(changes: dict[str, str], told: str) -> None:
    with pytest.raises(SettingError) as refused:
        recipe_from(TABLES, "mine", changes)
    assert told in str(refused.value)


def test_wrong_names_and_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="did you mean 'first-light'"):
        recipe_named("first-ligth")
    with pytest.raises(SettingError, match="can't be read"):
        recipe_named(str(tmp_path / "none.toml"))
    (tmp_path / "bad.toml").write_text("[data")
    with pytest.raises(SettingError, match="not TOML"):
        recipe_named(str(tmp_path / "bad.toml"))
