"""The window is read as torch's own bidirectional LSTM reads it,
and a shorter one at the beginning as that."""

import pytest
import torch
from torch import Tensor, nn

from training.models.trunks.bidirectional import Bidirectional, BidirectionalSettings


def torchs_own(trunk: Bidirectional) -> nn.LSTM:
    """With the same weights."""
    settings = trunk.settings
    lstm = nn.LSTM(trunk.reads, settings.width, settings.layers, batch_first=True, bidirectional=True)
    with torch.no_grad():
        for number in range(settings.layers):
            for suffix, cells in (("", trunk.forwards[number]), ("_reverse", trunk.backwards[number])):
                for name, weight in cells.named_parameters():
                    lstm.get_parameter(f"{name[:-1]}{number}{suffix}").copy_(weight)
    return lstm.eval()


def ends(made: Tensor, width: int) -> Tensor:
    """What was put out last each way."""
    return torch.cat([made[:, -1, :width], made[:, 0, width:]], dim=-1)


@pytest.mark.parametrize("layers", [1, 3])
def test_each_window_is_read_as_torch_reads_it_and_near_the_beginning_a_shorter_one(layers: int) -> None:
    torch.manual_seed(1)
    trunk = Bidirectional(BidirectionalSettings(layers=layers, width=6, window=5), 4).eval()
    lstm, read = torchs_own(trunk), torch.randn(3, 14, 4)
    made, _ = trunk(read, trunk.silent_state(3))
    for place in range(14):
        window = read[:, max(place - 4, 0) : place + 1]
        torch.testing.assert_close(made[:, place], ends(lstm(window)[0], 6), atol=1e-5, rtol=0)


def test_what_fell_out_of_the_window_is_forgotten() -> None:
    torch.manual_seed(1)
    trunk = Bidirectional(BidirectionalSettings(layers=2, width=6, window=5), 4).eval()
    read, other = torch.randn(1, 12, 4), torch.randn(1, 12, 4)
    other[:, 7:] = read[:, 7:]
    one, two = (trunk(some, trunk.silent_state(1))[0] for some in (read, other))
    torch.testing.assert_close(one[:, 11], two[:, 11])
    assert not torch.allclose(one[:, 10], two[:, 10])
