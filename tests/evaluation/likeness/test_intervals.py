"""Ranges of figures of drawn pieces."""

from statistics import fmean

import numpy as np
import pytest

from evaluation.likeness.defined import Undefined
from evaluation.likeness.intervals import interval, spread_over


def test_the_range_of_a_mean_is_about_two_standard_errors_each_way() -> None:
    values = np.random.default_rng(1).normal(10.0, 2.0, 400).tolist()
    low, high = interval(values, fmean, draws=1000)
    assert low < fmean(values) < high
    assert (high - low) / 2 == pytest.approx(1.96 * 2.0 / 20, rel=0.15)


def test_the_same_seed_gives_the_same_range_and_alike_pieces_none() -> None:
    values = [1.0, 2.0, 5.0, 9.0]
    assert (
        interval(values, fmean, seed=3) == interval(values, fmean, seed=3) != interval(values, fmean, seed=4)
    )
    assert interval([2.0] * 5, fmean) == (2.0, 2.0)


def test_one_piece_has_no_range_nor_has_a_figure_that_is_hardly_ever_defined() -> None:
    with pytest.raises(Undefined, match="takes two pieces"):
        interval([1.0], fmean)

    def never(values: object) -> float:
        raise Undefined("nothing")

    with pytest.raises(Undefined, match="most samples"):
        interval([1.0, 2.0], never)


def test_pieces_are_drawn_from_everywhere_and_not_from_the_first_ones() -> None:
    chosen = spread_over(range(1000), 50)
    assert len(set(chosen)) == 50
    assert chosen == sorted(chosen) == spread_over(range(1000), 50)
    assert 400 < fmean(chosen) < 600
    assert spread_over(range(3), 50) == [0, 1, 2]
