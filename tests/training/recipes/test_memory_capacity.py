"""The memory-capacity study's rate and passes, by the paper's formula and hand."""

import pytest

from music.settings import SettingError
from training.recipes.memory_capacity import memory_changes, passes


@pytest.mark.parametrize(
    ("width", "size", "count"), [(16, 20, 2000), (64, 664, 120), (128, 2560, 44), (16, 100_000, 1)]
)
def test_passes_are_the_square_root_of_the_width_times_ten_thousand_by_the_characters(
    width: int, size: int, count: int
) -> None:
    assert passes(width, size) == count


def test_a_factor_becomes_rate_and_passes() -> None:
    given = {"memory.factor": 4, "model.trunk.width": 64, "data.most_rows": 664, "seed": 2}
    assert memory_changes(given) == {
        "model.trunk.width": 64,
        "data.most_rows": 664,
        "seed": 2,
        "learning.rate": 1 / 64,
        "learning.passes": 480.0,
    }
    assert "memory.factor" in given


def test_a_small_factor_still_shows_it_once() -> None:
    given = {"memory.factor": 0.001, "model.trunk.width": 16, "data.most_rows": 5120}
    assert memory_changes(given)["learning.passes"] == 1.0


def test_without_a_factor_nothing_changes() -> None:
    assert memory_changes({"model.trunk.width": 64}) == {"model.trunk.width": 64}


def test_a_factor_without_what_it_needs_is_refused() -> None:
    with pytest.raises(SettingError, match=r"memory.factor needs model.trunk.width and data.most_rows"):
        memory_changes({"memory.factor": 1})
