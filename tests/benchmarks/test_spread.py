"""The spread of many measurements."""

import pytest

from benchmarks.spread import spread


def test_the_spread_is_in_milliseconds() -> None:
    assert spread([0.001] * 99 + [0.003]) == pytest.approx({"p50": 1.0, "p99": 1.02, "max": 3.0, "n": 100})
