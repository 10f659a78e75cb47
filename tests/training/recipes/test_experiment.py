"""One file makes several recipes: small form, variants, grid and seeds, each run named and counted;
what is wrong in the file is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from music.settings import SettingError
from training.recipes.experiment import Trial, trials
from training.recipes.recipe_files import has_small_form, variant_names
from training.recipes.schedules import Schedule

ONE = """
about = "a"
row = "r"
takes = "t"
[data]
corpora = ["tiny"]
[learning]
steps = 100
[model]
kind = "event"
trunk = { kind = "lstm", layers = 1, width = 64 }
"""
VARIANTS = '[variants.gru]\n"model.trunk.kind" = "gru"\n[variants.deep]\n"model.trunk.layers" = 2\n'
GRID = '[grid]\n"model.trunk.width" = [8, 16]\n"learning.rate" = [0.1, 0.01]\n'
Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a recipe's file: what is said before its sections, and after them."""

    def file(after: str = "", before: str = "") -> str:
        path = tmp_path / "mine.toml"
        path.write_text(before + ONE + after)
        return str(path)

    return file


def names(made: list[Trial]) -> list[str]:
    return [trial.name for trial in made]


def choices(trial: Trial) -> tuple[Any, ...]:
    recipe = trial.recipe
    trunk: Any = recipe.model.trunk  # type: ignore[union-attr]
    return trunk.kind, trunk.layers, trunk.width, recipe.learning.rate, recipe.seed


def test_a_plain_recipe_is_one_run_without_a_name(write: Write) -> None:
    (only,) = trials(write())
    assert only.name == ""
    assert choices(only) == ("lstm", 1, 64, 2e-3, 1)


def test_each_variant_changes_what_it_says_alone(write: Write) -> None:
    made = trials(write(VARIANTS))
    assert names(made) == ["gru", "deep"]
    assert [choices(trial)[:3] for trial in made] == [("gru", 1, 64), ("lstm", 2, 64)]
    assert variant_names(write(VARIANTS)) == ["gru", "deep"]


def test_each_value_of_a_grid_meets_each_other(write: Write) -> None:
    made = trials(write(GRID))
    assert names(made) == ["width8-rate0.1", "width8-rate0.01", "width16-rate0.1", "width16-rate0.01"]
    assert [choices(trial)[2:4] for trial in made] == [(8, 0.1), (8, 0.01), (16, 0.1), (16, 0.01)]


def test_seeds_repeat_it(write: Write) -> None:
    made = trials(write(before="seeds = [1, 5]\n"))
    assert names(made) == ["seed1", "seed5"]
    assert [choices(trial)[-1] for trial in made] == [1, 5]


def test_variants_grid_and_seeds_multiply(write: Write) -> None:
    made = trials(write(VARIANTS + GRID, before="seeds = [1, 2, 3]\n"))
    assert len(made) == 2 * 2 * 2 * 3
    assert len(set(names(made))) == len(made)
    assert made[0].name == "gru-width8-rate0.1-seed1"
    assert choices(made[-1]) == ("lstm", 2, 16, 0.01, 3)
    assert made[-1].name == "deep-width16-rate0.01-seed3"


def test_what_a_person_says_of_a_grid_or_a_seed_is_taken_alone(write: Write) -> None:
    file = write(GRID, before="seeds = [1, 2, 3]\n")
    made = trials(file, {"seed": "3", "model.trunk.width": "16"})
    assert names(made) == ["width16-rate0.1-seed3", "width16-rate0.01-seed3"]
    assert [choices(trial)[2:] for trial in made] == [(16, 0.1, 3), (16, 0.01, 3)]
    (other,) = trials(file, {"seed": "7", "model.trunk.width": "24", "learning.rate": "0.5"})
    assert other.name == "width24-rate0.5-seed7"
    assert choices(other)[2:] == (24, 0.5, 7)
    with pytest.raises(SettingError, match="seed"):
        trials(file, {"seed": "first"})


def test_a_seed_that_is_said_of_a_recipe_without_seeds_makes_no_run_more(write: Write) -> None:
    (only,) = trials(write(), {"seed": "4"})
    assert (only.name, only.recipe.seed) == ("", 4)


def test_one_variant_can_be_asked_for(write: Write) -> None:
    made = trials(write(VARIANTS, before="seeds = [1, 2]\n"), variant="deep")
    assert names(made) == ["deep-seed1", "deep-seed2"]
    with pytest.raises(SettingError, match="no variant 'depe'; did you mean 'deep'"):
        trials(write(VARIANTS), variant="depe")
    with pytest.raises(SettingError, match="no variant 'deep'"):
        trials(write(), variant="deep")


def test_the_small_form_changes_every_run(write: Write) -> None:
    file = write(VARIANTS + '[small]\n"learning.steps" = 7\n')
    assert [trial.recipe.learning.steps for trial in trials(file)] == [100, 100]
    made = trials(file, is_small=True)
    assert names(made) == ["gru", "deep"]
    assert [trial.recipe.learning.steps for trial in made] == [7, 7]
    assert has_small_form(file)


def test_the_small_form_has_a_grid_seeds_and_variants_of_its_own(write: Write) -> None:
    small = (
        '[small]\nseeds = [9]\n[small.grid]\n"model.trunk.width" = [4]\n'
        '[small.variants.rnn]\n"model.trunk.kind" = "rnn"\n'
    )
    made = trials(write(VARIANTS + GRID + small), is_small=True)
    assert names(made) == ["rnn-width4-seed9"]
    assert choices(made[0]) == ("rnn", 1, 4, 2e-3, 9)


def test_a_variant_says_more_than_the_small_form_and_the_person_most(write: Write) -> None:
    file = write(VARIANTS + '[small]\n"model.trunk.layers" = 3\n')
    assert [choices(trial)[1] for trial in trials(file, is_small=True)] == [3, 2]
    assert [choices(trial)[1] for trial in trials(file, {"model.trunk.layers": "4"}, is_small=True)] == [4, 4]


def test_what_a_person_says_counts_after_a_whole_section_of_a_variant(write: Write) -> None:
    file = write(
        '[variants.other]\n"learning" = { steps = 7 }\n[small]\n"learning.steps" = 5\n"learning.rate" = 0.1\n'
    )
    (said,) = trials(file, {"learning.steps": 3}, is_small=True)
    assert (said.recipe.learning.steps, said.recipe.learning.rate) == (3, 2e-3)
    (unsaid,) = trials(file, is_small=True)
    assert unsaid.recipe.learning.steps == 7


def test_a_memory_factor_becomes_rate_and_passes_of_each_run(write: Write) -> None:
    grid = '[grid]\n"memory.factor" = [2]\n"model.trunk.width" = [16, 64]\n"data.most_rows" = [1000]\n'
    made = trials(write(grid), {"learning.steps": 0})
    assert names(made) == ["factor2-width16-most_rows1000", "factor2-width64-most_rows1000"]
    # 4 x 10,000 / 1000 x 2, and 8 x 10,000 / 1000 x 2
    assert [(trial.recipe.learning.rate, trial.recipe.learning.passes) for trial in made] == [
        (1 / 16, 80.0),
        (1 / 64, 160.0),
    ]
    (wide,) = trials(write(grid), {"learning.steps": 0, "model.trunk.width": "100"})
    assert (wide.recipe.learning.rate, wide.recipe.learning.passes) == (1 / 100, 200.0)


@pytest.mark.parametrize(
    ("name", "whole", "small"),
    [
        ("a4-memory", 2 * 5 * 2 * 4 * 9, 3 * 2 * 5 * 3 * 4),
        ("a9-cells", 9, 9),
        ("b-shapes", 5, 15),
        ("tiny", 1, None),
    ],
)
def test_those_that_come_along_make_so_many_runs(name: str, whole: int, small: int | None) -> None:
    assert len(trials(name)) == whole
    assert has_small_form(name) == (small is not None)
    if small is not None:
        assert len(trials(name, is_small=True)) == small


@pytest.mark.parametrize("is_small", [False, True])
def test_of_everything_the_rate_lasts_longer_than_a_plateau_of_a_thousand_steps(is_small: bool) -> None:
    (trial,) = trials("e3-tokens", is_small=is_small, variant="everything")
    learning = trial.recipe.learning
    schedule = Schedule(learning.schedule, learning.rate, 8000)
    for _ in range(1000):
        schedule.took(6.4)
    assert schedule.rate_at(1000) == learning.rate


def test_bach_and_everything_learn_from_as_much_at_the_same_pace() -> None:
    bach, everything = (
        trials("e3-tokens", is_small=True, variant=name)[0].recipe for name in ("bach", "everything")
    )
    assert bach.learning == everything.learning
    assert bach.data.feed == everything.data.feed


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("", "", "it has no small form; leave --small out"),
        ("small = 3\n", "", "small is a section, not 3"),
        ("variants = [1]\n", "", r"variants is a section, not \[1\]"),
        ("", "[variants]\ngru = 1\n", "variant gru is a section, not 1"),
        ("", '[grid]\n"learning.rate" = 0.1\n', "grid: learning.rate is a list of values"),
        ("seeds = 3\n", "", "seeds is a list of values to take in turn, not 3"),
        ("seeds = []\n", "", "seeds is a list of values"),
        ("seeds = [1, 1]\n", "[small]\nseed = 2\n", "two of its runs would be called seed1"),
        ("", "[small]\nseeds = 1\n", "seeds is a list of values"),
        ("", '[small]\n"learning.stesp" = 1\n', "learning has no setting 'stesp'; did you mean 'steps'"),
        ("", '[variants.wide]\n"model.trunk.width" = "wide"\n[small]\nseed = 1\n', "width is a whole number"),
        ("", "[varaints.gru]\n[small]\nseed = 1\n", "no setting 'varaints'"),
    ],
)
def test_what_is_wrong_in_a_file_is_refused(write: Write, before: str, after: str, why: str) -> None:
    with pytest.raises(SettingError, match=why):
        trials(write(after, before), is_small=True)
