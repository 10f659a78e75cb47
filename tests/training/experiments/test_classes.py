"""Classes are counted, whatever symbols there are, and averaged as the papers average them."""

import numpy as np
import pytest

from training.experiments.classes import Counted


def test_each_class_is_counted_where_it_was_there_and_where_it_was_said() -> None:
    counted = Counted.of(np.array([5, 5, 5, 9, 9, 2]), np.array([5, 5, 9, 9, 7, 9]))
    chart = counted.chart(lambda symbol: f"symbol {symbol:g}")
    assert chart["symbols"] == ["symbol 2", "symbol 5", "symbol 7", "symbol 9"]
    assert (chart["there"], chart["said"], chart["right"]) == ([1, 3, 0, 2], [0, 2, 1, 3], [0, 2, 0, 1])


def test_each_class_weighs_alike_in_the_averages() -> None:
    scores = Counted.of(np.array([5, 5, 5, 9]), np.array([5, 5, 9, 9])).scores()
    assert scores["accuracy"] == 0.75
    assert scores["precision"] == pytest.approx((1 + 1 / 2) / 2)
    assert scores["recall"] == pytest.approx((2 / 3 + 1) / 2)
    precision, recall = scores["precision"], scores["recall"]
    assert scores["f1"] == pytest.approx(2 * precision * recall / (precision + recall))


def test_where_nothing_is_right_f1_is_0() -> None:
    assert Counted.of(np.array([1, 1]), np.array([2, 3])).scores()["f1"] == 0.0
