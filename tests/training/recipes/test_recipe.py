"""Recipes: those that come along are right, changes are read,
what is wrong is refused with the closest valid name."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antiphon import main
from music.settings import SettingError
from music.tokens.encoding import Encoding
from pieces.corpus import PieceRecord
from pieces.music import Rows
from pieces.music_sets import KNOWN_SETS
from tests.support.phrases import improvised
from training.feeds.windows import WindowsSettings
from training.learning.learner import feed_for
from training.models.event_model import EventModelSettings
from training.models.rolls.rbm import Rbm
from training.models.symbol_model import SymbolModel
from training.models.trunks.recurrent import RecurrentSettings
from training.recipes.experiment import Trial, trials
from training.recipes.recipe import FeedSettings, Recipe, recipe_from, recipe_named
from training.recipes.recipe_files import has_small_form, recipe_names
from training.run import on_paper

MADE_HERE = {"tiny", "takes", "old-music", "bach"}  # by whoever tries the recipe, and by `antiphon fine-tune`
TABLES = {
    "about": "a",
    "row": "L1",
    "takes": "t",
    "seed": 1,
    "data": {"corpora": ["tiny"]},
    "learning": {"steps": 5},
}


def forms_of(name: str) -> list[tuple[bool, list[Trial]]]:
    """The recipes that a file makes: the papers' settings, and the small form where there is one."""
    return [(is_small, trials(name, is_small=is_small)) for is_small in {False, has_small_form(name)}]


@pytest.mark.parametrize("name", recipe_names())
def test_each_recipe_that_comes_along_can_be_read_and_recorded_again(name: str) -> None:
    for _, made in forms_of(name):
        assert len({trial.name for trial in made}) == len(made)
        for trial in made:
            assert trial.recipe.about
            assert trial.recipe.row
            assert trial.recipe.takes
            assert recipe_from(json.loads(json.dumps(trial.recipe.record())), name, {}) == trial.recipe


class Nothing:
    """Two pieces of zeros."""

    def __init__(self, encoding: Encoding) -> None:
        real = encoding.vocabulary.is_real
        self._like = np.zeros((300, len(encoding.vocabulary.fields)), np.float32 if real else np.int64)

    def __len__(self) -> int:
        return 2

    def length(self, number: int) -> int:
        return 300

    def rows(self, number: int, begin: int, end: int) -> Rows:
        return self._like[begin:end]

    def record(self, number: int) -> PieceRecord:
        return PieceRecord(f"{number}.mid", "train", f"{number:016}", 300)


@pytest.mark.parametrize("name", recipe_names())
def test_each_recipe_that_comes_along_has_a_model_that_reads_its_encoding_and_a_feed(name: str) -> None:
    seen = []
    for _, made in forms_of(name):
        for recipe in (trial.recipe for trial in made):
            if (recipe.data, recipe.model) in seen:  # another seed or rate
                continue
            seen.append((recipe.data, recipe.model))
            encoding = recipe.data.unfitted().fitted([improvised(1)])
            model = on_paper(recipe, encoding)
            assert {weight.device.type for weight in model.parameters()} == {"meta"}
            feed = feed_for(
                replace(recipe, data=replace(recipe.data, feed=few(recipe))),
                Nothing(encoding),
                model,
                encoding,
            )
            assert feed.next().rows.shape[-1] == len(encoding.vocabulary.fields)
            assert set(recipe.data.corpora) <= KNOWN_SETS.keys() | MADE_HERE
            assert recipe.data.transform is not None
            assert ("classes" in recipe.log.measures) <= isinstance(model, SymbolModel)
            assert ("polish" in recipe.log.measures) == isinstance(model, Rbm)


def few(recipe: Recipe) -> FeedSettings:
    """The recipe's feed, of few lanes."""
    feed = recipe.data.feed
    return replace(feed, batch=2) if isinstance(feed, WindowsSettings) else replace(feed, lanes=2)


@pytest.mark.parametrize("name", recipe_names())
def test_each_recipe_that_comes_along_names_the_papers_claim_and_what_stands_in_for_their_data(
    name: str,
) -> None:
    recipe = trials(name)[0].recipe
    if recipe.row != "L1":  # the instrument's own
        assert recipe.claim
        assert recipe.substitute
        assert has_small_form(name) or "minute" in recipe.takes


def test_the_list_tells_each_with_its_row_and_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--list"]) == 0
    printed = capsys.readouterr().out
    for name in recipe_names():
        recipe = trials(name)[0].recipe
        assert f"{name}  ({recipe.row})" in printed
        assert recipe.takes in printed


def test_changes_are_read_as_the_settings_type() -> None:
    changes = {"learning.steps": "7", "model.trunk.width": "32", "data.semitones": "-1,0,1", "seed": "9"}
    recipe = recipe_named("tiny", changes)
    assert isinstance(recipe.model, EventModelSettings)
    assert isinstance(recipe.model.trunk, RecurrentSettings)
    assert (recipe.learning.steps, recipe.model.trunk.width, recipe.seed) == (7, 32, 9)
    assert recipe.data.semitones == (-1, 0, 1)


def test_what_a_run_records_leads_back_to_the_recipe() -> None:
    recipe = recipe_named("first-light", {"learning.steps": "7"})
    assert recipe_from(recipe.record(), "again", {}) == recipe


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning.rat": "1"}, "learning has no setting 'rat'; did you mean 'rate'?"),
        ({"modle.width": "1"}, "no setting 'modle'; did you mean 'model'?"),
        ({"learning.steps": "many"}, "steps is a whole number"),
        ({"seed.x": "1"}, "'seed' is no section"),
    ],
)
def test_wrong_changes_are_refused(changes: dict[str, str], message: str) -> None:
    with pytest.raises(SettingError) as refused:
        recipe_from(TABLES, "mine", changes)
    assert message in str(refused.value)


def test_wrong_names_and_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="did you mean 'first-light'"):
        recipe_named("first-ligth")
    with pytest.raises(SettingError, match="can't be read"):
        recipe_named(str(tmp_path / "none.toml"))
    (tmp_path / "bad.toml").write_text("[data")
    with pytest.raises(SettingError, match="not TOML"):
        recipe_named(str(tmp_path / "bad.toml"))
    (tmp_path / "deep.toml").write_text(f"data = {'[' * 5000}{']' * 5000}")
    with pytest.raises(SettingError, match="its brackets are too deep"):
        recipe_named(str(tmp_path / "deep.toml"))
