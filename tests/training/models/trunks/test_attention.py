"""Feed-forward attention: the running sums are the softmax over the whole past, however great the weights."""

from typing import Literal

import pytest
import torch

from training.models.trunks.attention import Attention, AttentionSettings


@pytest.mark.parametrize("weights", ["channel", "scalar"])
@pytest.mark.parametrize("scale", [1.0, 1000.0])
def test_the_context_is_the_mean_by_softmax_over_the_past(
    weights: Literal["channel", "scalar"], scale: float
) -> None:
    torch.manual_seed(1)
    trunk = Attention(AttentionSettings(layers=1, width=8, weights=weights), 5).eval()
    with torch.no_grad():
        trunk.weigh.weight.mul_(scale)
    read = torch.randn(2, 40, 5)
    outputs, _ = trunk.recurrent(read, trunk.recurrent.silent_state(2))
    made, _ = trunk(read, trunk.silent_state(2))
    weighed = trunk.weigh(outputs)
    for place in range(40):
        shares = torch.softmax(weighed[:, : place + 1], dim=1)
        context = (shares * outputs[:, : place + 1]).sum(1)
        expected = torch.cat([context, outputs[:, place]], dim=-1)
        torch.testing.assert_close(made[:, place], expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("weights", ["channel", "scalar"])
def test_its_gradients_are_those_of_the_softmax_over_the_past(weights: Literal["channel", "scalar"]) -> None:
    torch.manual_seed(1)
    trunk = Attention(AttentionSettings(layers=1, width=8, weights=weights), 5).eval()
    read, pull = torch.randn(2, 12, 5), torch.randn(2, 12, 8)
    made, _ = trunk(read, trunk.silent_state(2))
    outputs, _ = trunk.recurrent(read, trunk.recurrent.silent_state(2))
    past = torch.ones(12, 12).tril().bool()[None, :, :, None]
    shares = torch.softmax(trunk.weigh(outputs)[:, None].masked_fill(~past, -1e9), dim=2)
    context = (shares * outputs[:, None]).sum(2)
    learnt = tuple(trunk.parameters())
    got = torch.autograd.grad((made[..., :8] * pull).sum(), learnt)
    expected = torch.autograd.grad((context * pull).sum(), learnt)
    for one, other in zip(got, expected, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


def test_the_state_stays_as_small_however_long_the_past() -> None:
    trunk = Attention(AttentionSettings(layers=1, width=8), 5).eval()
    silent = trunk.silent_state(1)
    _, after = trunk(torch.randn(1, 400, 5), silent)
    assert {name: value.shape for name, value in after.items()} == {
        name: value.shape for name, value in silent.items()
    }
