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
