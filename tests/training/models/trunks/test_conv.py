"""The convolution sees the last steps alone, and zeros before the beginning."""

import torch

from training.models.trunks.conv import ConvLstm, ConvSettings


def test_each_step_is_found_in_the_last_steps_and_zeros_before_the_beginning() -> None:
    torch.manual_seed(1)
    trunk = ConvLstm(ConvSettings(channels=7, kernel=3, layers=2, width=8, distributed=6), 5).eval()
    read = torch.randn(2, 9, 5)
    padded = torch.cat([torch.zeros(2, 2, 5), read], dim=1)
    weight, bias = trunk.convolution.weight, trunk.convolution.bias
    found = [torch.einsum("btc,oct->bo", padded[:, at : at + 3], weight) + bias for at in range(9)]
    outputs, _ = trunk.recurrent(torch.stack(found, 1).relu(), trunk.recurrent.silent_state(2))
    made, _ = trunk(read, trunk.silent_state(2))
    torch.testing.assert_close(made, trunk.distributed(outputs), atol=1e-5, rtol=0)
    assert made.shape == (2, 9, trunk.width)
    assert trunk.width == 6
    assert (made >= 0).all()


def test_without_a_distributed_layer_the_lstms_output_is_the_result() -> None:
    trunk = ConvLstm(ConvSettings(width=8, distributed=0), 5)
    assert trunk.width == 8
    assert not any(name.startswith("distributed") for name, _ in trunk.named_parameters())
