"""What is said of ratings: by synthetic listeners, whose rule is known."""

from pathlib import Path

import pytest

from listening.folder import ListeningFolder
from listening.outcome.analysis import Analysis, analysed, lines_of
from listening.ratings import Ratings
from listening.scales import SCALES
from tests.support.listening import Clock, made_folder, synthetic_listener


@pytest.fixture
def folder(tmp_path: Path) -> ListeningFolder:
    return made_folder(tmp_path / "test")


@pytest.fixture
def ratings(folder: ListeningFolder) -> Ratings:
    return Ratings(folder.ratings(synthetic=True), synthetic=True)


def by_column(name: str) -> int:
    return 4 if name.endswith("0") else 1


def rated(folder: ListeningFolder, ratings: Ratings) -> Analysis:
    test, clock = folder.test(), Clock()
    for _ in range(6):
        synthetic_listener(ratings, test, clock, by_column)
    synthetic_listener(ratings, test, clock, lambda _: 0, passes=False)
    synthetic_listener(ratings, test, clock, by_column, rounds=1)
    ratings.join("synthetic, and gone at once", clock())
    return analysed(folder, ratings, synthetic=True)


def test_means_histograms_and_pairs_are_those_of_the_rule(folder: ListeningFolder, ratings: Ratings) -> None:
    found = rated(folder, ratings)
    first, second = found.conditions
    assert (first.condition, first.mean, first.interval) == ("A", 4.0, (4.0, 4.0))
    assert second.mean == 1.0
    assert first.ratings + second.ratings == 6 * 4 + 1
    assert first.histogram == {0: 0, 1: 0, 2: 0, 3: 0, 4: first.ratings, 5: 0}
    (pair,) = found.pairs
    assert (pair.ahead, pair.listeners) == (3.0, 6)
    assert pair.p == pair.corrected_p == pytest.approx(2 / 2**6)
    assert found.agreement == pytest.approx(1.0)
    assert [(one.condition, one.place, one.interval, one.likely) for one in found.ranking] == [
        ("A", 1, (1, 1), (1.0, 0.0)),
        ("B", 2, (2, 2), (0.0, 1.0)),
    ]
    assert "rank 1: A, 95 % 1; first of all in 100% of draws of listeners" in lines_of(
        found, SCALES["closeness"]
    )


def test_who_failed_the_check_is_left_out_and_counted_and_so_is_who_left(
    folder: ListeningFolder, ratings: Ratings
) -> None:
    found = rated(folder, ratings)
    assert (found.joined, found.counted, found.failed_check, found.without_check) == (9, 7, 1, 1)
    assert (found.unfinished, found.without_ratings) == (1, 0)
    assert all(one.histogram[0] == 0 for one in found.conditions)


def test_synthetic_ratings_are_called_so_and_never_count_as_peoples(
    folder: ListeningFolder, ratings: Ratings
) -> None:
    lines = lines_of(rated(folder, ratings), SCALES["closeness"])
    assert lines[0].startswith("SYNTHETIC")
    assert folder.ratings(synthetic=True).parent.name == "synthetic"
    assert not folder.ratings(synthetic=False).exists()
    assert analysed(folder, ratings, synthetic=False).joined == 0


def test_without_ratings_it_says_so(folder: ListeningFolder, ratings: Ratings) -> None:
    lines = lines_of(analysed(folder, ratings, synthetic=True), SCALES["closeness"])
    assert "A: not rated yet" in lines
    assert lines[-1].startswith("agreement of listeners: too little")
