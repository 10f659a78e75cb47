"""Whoever asks for more than is allowed is made to wait, and for no longer than that."""

import pytest

from realtime.web.browsers.allowance import Allowance


def test_a_burst_is_free_and_what_goes_beyond_it_waits() -> None:
    allowance = Allowance(per_s=100.0, burst=50.0)
    assert [allowance.spend(1.0, at=10.0) for _ in range(50)] == [0.0] * 50
    assert allowance.spend(1.0, at=10.0) == pytest.approx(0.01)
    assert allowance.spend(25.0, at=10.0) == pytest.approx(0.26)


def test_it_fills_up_with_time_but_no_further_than_full() -> None:
    allowance = Allowance(per_s=100.0, burst=50.0)
    allowance.spend(100.0, at=0.0)
    assert allowance.spend(1.0, at=0.5) == pytest.approx(0.01)
    assert [allowance.spend(1.0, at=1000.0) for _ in range(50)] == [0.0] * 50
    assert allowance.spend(1.0, at=1000.0) > 0


def test_what_is_refused_costs_nothing_so_that_a_flood_leaves_one_more_each_second() -> None:
    allowance = Allowance(per_s=1.0, burst=20.0)
    assert sum(allowance.take(1.0, at=0.0) for _ in range(5000)) == 20
    assert [allowance.take(1.0, at=0.5), allowance.take(1.0, at=1.0), allowance.take(1.0, at=1.0)] == [
        False,
        True,
        False,
    ]
    assert sum(allowance.take(1.0, at=2.0 + step / 100) for step in range(1000)) == 10
