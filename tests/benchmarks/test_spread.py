"""The spread of many measurements."""

import pytest

from benchmarks.spread import spread


def test_the_spread_is_in_milliseconds() -> None:
    assert spread([0.001] * 99 + [0.003]) == pytest.approx({"p50": 1.0, "p99": 1.02, "max": 3.0, "n": 100})


def test_a_single_measurement_is_all_of_its_spread() -> None:
    assert spread([0.25]) == pytest.approx({"p50": 250.0, "p99": 250.0, "max": 250.0, "n": 1})


def test_the_order_of_measurements_is_nothing() -> None:
    assert spread([0.3, 0.1, 0.2]) == spread([0.1, 0.2, 0.3])
    assert spread([0.3, 0.1, 0.2])["p50"] == pytest.approx(200.0)
