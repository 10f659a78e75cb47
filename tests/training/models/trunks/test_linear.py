"""The scan that the linear recurrence and attention stand on:
the same as step by step, and so are its gradients."""

import pytest
import torch
from torch import Tensor

from training.models.trunks.linear import Linear, LinearSettings, running


def given(steps: int, gates: int) -> tuple[Tensor, Tensor, Tensor]:
    torch.manual_seed(steps)
    kept = torch.rand(2, steps, gates, dtype=torch.double)
    return kept, torch.randn(2, steps, 3, dtype=torch.double), torch.randn(2, 3, dtype=torch.double)


@pytest.mark.parametrize("gates", [1, 3])
@pytest.mark.parametrize("steps", [1, 2, 15, 16, 17, 300])
def test_the_scan_is_the_same_as_step_by_step(steps: int, gates: int) -> None:
    kept, added, before = given(steps, gates)
    one_by_one = []
    for place in range(steps):
        before = kept[:, place] * before + added[:, place]
        one_by_one.append(before)
    torch.testing.assert_close(running(*given(steps, gates)), torch.stack(one_by_one, 1))


@pytest.mark.parametrize("gates", [1, 3])
@pytest.mark.parametrize("steps", [1, 5, 35])
def test_the_scans_gradients_are_those_of_what_it_reckons(steps: int, gates: int) -> None:
    inputs = tuple(value.requires_grad_() for value in given(steps, gates))
    assert torch.autograd.gradcheck(running, inputs)


def test_the_scan_stays_exact_where_nothing_and_where_everything_is_kept() -> None:
    added = torch.ones(1, 5000, 1)
    torch.testing.assert_close(
        running(torch.ones(1, 5000, 1), added, torch.zeros(1, 1))[0, -1], torch.tensor([5000.0])
    )
    torch.testing.assert_close(running(torch.zeros(1, 5000, 1), added, torch.zeros(1, 1)), added)


def test_channels_forget_at_first_at_many_speeds() -> None:
    torch.manual_seed(1)
    trunk = Linear(LinearSettings(layers=1, width=64), 4).eval()
    bias = trunk.blocks[0].inward.bias[64:128]
    lasting = 1 / (1 - torch.sigmoid(bias)) - 1
    assert lasting.min() < 1.5
    assert lasting.max() > 400
