"""Heads that predict a time: its chances sum to 1, drawing follows them,
the temperature widens, the likeliest is the middle."""

import pytest
import torch

from music.tokens.scales import CELLS_PER_S
from training.models.drawing import ByChance, Drawing
from training.models.times import LEAST_CELLS, LikelyTime, _log_below

DRAWS = 20_000


@pytest.fixture
def head() -> LikelyTime:
    torch.manual_seed(2)
    return LikelyTime(6, mixture=3)


def said_by(head: LikelyTime, scale: float = 1.0) -> torch.Tensor:
    torch.manual_seed(3)
    with torch.no_grad():
        return head(torch.randn(1, 6) * scale)  # type: ignore[no-any-return]


def chances_up_to(head: LikelyTime, said: torch.Tensor, most_cells: float) -> torch.Tensor:
    """The density from the least time on by the middles of narrow strips, even in logarithms; summed.
    The chance of 0 is first."""
    edges = torch.linspace(
        torch.tensor(LEAST_CELLS).log().item(), torch.tensor(most_cells).log().item(), 40_001
    )
    edges = edges.double()
    middles, widths = ((edges[1:] + edges[:-1]) / 2).exp(), edges.exp().diff()
    times = torch.cat([torch.zeros(1), middles.float() / CELLS_PER_S])
    chances = (-head.cost(said.expand(len(times), -1), times)).exp().double()
    chances[1:] *= widths
    return chances.cumsum(0)


@pytest.mark.parametrize("scale", [0.0, 1.0, 5.0])
def test_the_chances_of_all_times_sum_to_1(head: LikelyTime, scale: float) -> None:
    assert chances_up_to(head, said_by(head, scale), 1e12)[-1].item() == pytest.approx(1.0, abs=2e-3)


def test_what_the_log_normals_leave_below_the_least_time_counts_as_0(head: LikelyTime) -> None:
    said = said_by(head)
    said[:, 0] = -50.0  # 0 itself is hardly likely
    said[:, 4:7] = torch.tensor(LEAST_CELLS).log()  # and half of each log-normal lies below the least
    assert head.cost(said, torch.zeros(1)).exp().item() == pytest.approx(2.0, rel=1e-4)
    assert chances_up_to(head, said, 1e12)[-1].item() == pytest.approx(1.0, abs=2e-3)


def by_chance(drawing: Drawing) -> ByChance:
    return ByChance(drawing, torch.Generator().manual_seed(1))


@pytest.mark.parametrize("number", [-300.0, -20.0, -3.0, -0.5, 0.0, 0.5, 3.0, 9.0])
def test_the_log_of_the_normal_distribution_is_right_however_far_out(number: float) -> None:
    found = _log_below(torch.tensor(number))
    wanted = torch.special.log_ndtr(torch.tensor(number, dtype=torch.double))
    assert found.item() == pytest.approx(wanted.item(), rel=1e-6, abs=1e-6)


def test_times_are_drawn_as_often_as_they_are_likely(head: LikelyTime) -> None:
    said = said_by(head)
    times = head.drawn(said.expand(DRAWS, -1), by_chance(Drawing()), 1)
    nought = (-head.cost(said, torch.zeros(1))).exp().item()
    assert (times == 0).float().mean().item() == pytest.approx(nought, abs=0.015)
    for seconds in (0.02, 0.1, 0.5, 2.0):
        expected = chances_up_to(head, said, seconds * CELLS_PER_S)[-1].item()
        assert (times <= seconds).float().mean().item() == pytest.approx(expected, abs=0.015)


def test_the_temperature_widens_what_is_drawn(head: LikelyTime) -> None:
    said = said_by(head)
    said[:, 0] = -50.0
    said[:, 4:7] = 3.0  # every log-normal has its middle and its spread in one place
    said[:, 7:10] = 0.0
    for temperature in (0.25, 1.0, 4.0):
        times = head.drawn(said.expand(DRAWS, -1), by_chance(Drawing(temperature)), 1)
        spread = (torch.tensor(2.0).log().item() + 0.05) * temperature**0.5
        assert times.log().std().item() == pytest.approx(spread, rel=0.03)


def test_the_likeliest_time_is_the_middle_of_the_likeliest_log_normal(head: LikelyTime) -> None:
    said = said_by(head)
    said[:, 0] = -50.0
    likeliest = head.drawn(said.expand(50, -1), by_chance(Drawing(argmax_share=1.0)), 1)
    middle = said[0, 4:7][said[0, 1:4].argmax()].exp() / CELLS_PER_S
    assert likeliest.tolist() == pytest.approx([middle.item()] * 50)


@pytest.mark.parametrize("seconds", [0.0, 1e-9, 1e-4, 0.01, 60.0, 3600.0])
def test_every_time_costs_something_finite_that_can_be_learnt_from(head: LikelyTime, seconds: float) -> None:
    said = torch.randn(4, 10, generator=torch.Generator().manual_seed(5)) * 10
    said.requires_grad_()
    cost = head.cost(said, torch.full((4,), seconds))
    cost.sum().backward()
    assert cost.isfinite().all()
    assert said.grad is not None
    assert said.grad.isfinite().all()
