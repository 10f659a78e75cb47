"""The rate of each step, against numbers reckoned by hand;
slowing anneals when the loss stalls, and remembers across a break."""

import json
import math

import pytest

from training.recipes.schedules import (
    ConstantSettings,
    CosineSettings,
    Schedule,
    ScheduleSettings,
    SlowingSettings,
)


def rates(settings: ScheduleSettings, rate: float, steps: int) -> list[float]:
    schedule = Schedule(settings, rate, steps)
    return [schedule.rate_at(step) for step in range(steps)]


def test_cosine_rises_and_then_falls_by_half_a_wave() -> None:
    curve = rates(CosineSettings(warmup=4, last_rate=0.1), 0.9, 12)
    assert curve[:4] == pytest.approx([0.225, 0.45, 0.675, 0.9])
    # from 0.9 down to 0.1 in eight steps: 0.1 + 0.8 * (1 + cos(pi * done)) / 2
    assert curve[4] == pytest.approx(0.9)
    assert curve[6] == pytest.approx(0.1 + 0.4 * (1 + math.sqrt(0.5)))
    assert curve[8] == pytest.approx(0.5)
    assert curve[10] == pytest.approx(0.1 + 0.4 * (1 - math.sqrt(0.5)))


def test_cosine_stays_at_its_last_rate_beyond_the_end() -> None:
    schedule = Schedule(CosineSettings(warmup=0, last_rate=0.01), 1.0, 10)
    assert schedule.rate_at(10) == schedule.rate_at(50) == pytest.approx(0.01)


def test_constant_rises_and_then_stays() -> None:
    assert rates(ConstantSettings(warmup=2), 0.5, 5) == [0.25, 0.5, 0.5, 0.5, 0.5]
    assert rates(ConstantSettings(), 0.5, 3) == [0.5] * 3


def slowing(**changes: float) -> Schedule:
    settings = {"interval": 2, "patience": 2, "least": 0.1, "factor": 0.5, "last_rate": 0.3} | changes
    return Schedule(SlowingSettings(**settings), 1.0, 1000)  # type: ignore[arg-type]


def after(schedule: Schedule, losses: list[float]) -> list[float]:
    """The rate after each loss."""
    curve = []
    for step, loss in enumerate(losses):
        schedule.took(loss)
        curve.append(schedule.rate_at(step + 1))
    return curve


def test_while_the_loss_falls_the_rate_stays() -> None:
    assert after(slowing(), [0.85**step for step in range(40)]) == [1.0] * 40


def test_a_loss_that_stalls_halves_the_rate_after_so_many_intervals_down_to_the_last() -> None:
    # means of two: 4 is the best; then 3.8, 3.8 have not fallen by a tenth: halved; twice more: below the
    # last rate
    curve = after(slowing(), [4, 4, 3.8, 3.8, 3.8, 3.8, 3.8, 3.8, 3.8, 3.8, 3.8, 3.8, 3.8, 3.8])
    assert curve == [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3, 0.3, 0.3]


def test_it_is_the_mean_of_an_interval_that_counts() -> None:
    assert after(slowing(), [5, 3, 4, 2, 3, 2, 3, 1, 2, 0.5]) == [1.0] * 10  # means 4, 3, 2.5, 2, 1.25


def test_a_loss_below_nothing_falls_too() -> None:
    """Squared times and likelihoods of real numbers may be negative."""
    assert after(slowing(), [-1, -1, -2, -2, -3, -3, -4, -4]) == [1.0] * 8
    assert after(slowing(), [-4, -4, -4.1, -4.1, -4.1, -4.1])[-1] == 0.5


def test_what_it_remembers_goes_through_json_and_goes_on_exactly() -> None:
    losses = [4.0, 4, 3.9, 3.9, 3.9, 3.9, 3.9, 3.9, 2, 2, 2, 2, 2, 2]
    whole = after(slowing(), losses)
    for broken_at in range(len(losses)):
        first = slowing()
        before = after(first, losses[:broken_at])
        again = Schedule(
            SlowingSettings(interval=2, patience=2, least=0.1, factor=0.5, last_rate=0.3),
            1.0,
            1000,
            json.loads(json.dumps(first.record(), allow_nan=False)),
        )
        assert before + after(again, losses[broken_at:]) == whole
