"""Recurrent stacks: torch's own module does the work, and weights start as said."""

import pytest
import torch
from torch import nn

from music.settings import SettingError
from training.models.trunks.recurrent import Recurrent, RecurrentSettings


def test_without_batch_norm_the_stack_is_torchs_own_and_makes_what_it_makes() -> None:
    torch.manual_seed(1)
    trunk = Recurrent(RecurrentSettings("lstm", layers=3, width=8, dropout=0.5), 5).eval()
    assert isinstance(trunk.cells, nn.LSTM)
    assert trunk.cells.weight_ih_l2.shape == (32, 8)
    read = torch.randn(2, 7, 5)
    torch.testing.assert_close(trunk(read, trunk.silent_state(2))[0], trunk.cells(read)[0])


@pytest.mark.parametrize("batch_norm", [False, True])
def test_dropout_follows_every_layer_the_last_one_too(batch_norm: bool) -> None:
    torch.manual_seed(1)
    settings = RecurrentSettings("gru", layers=2, width=64, dropout=0.5, batch_norm=batch_norm)
    trunk = Recurrent(settings, 5).train()
    if batch_norm:
        assert isinstance(trunk.cells, nn.ModuleList)
        trunk.norms = nn.ModuleList(nn.BatchNorm1d(64, affine=False).eval() for _ in range(2))
    else:
        assert isinstance(trunk.cells, nn.GRU)
        assert trunk.cells.dropout == 0.5
    made, _ = trunk(torch.randn(4, 50, 5), trunk.silent_state(4))
    assert 0.45 < (made == 0).float().mean() < 0.55


def test_batch_norm_centres_each_channel_while_it_learns_and_keeps_what_it_saw() -> None:
    torch.manual_seed(1)
    trunk = Recurrent(RecurrentSettings("rnn", layers=2, width=6, batch_norm=True), 3).train()
    made, _ = trunk(torch.randn(8, 40, 3), trunk.silent_state(8))
    torch.testing.assert_close(made.mean((0, 1)), torch.zeros(6), atol=1e-5, rtol=0)
    torch.testing.assert_close(made.var((0, 1)), torch.ones(6), atol=0.05, rtol=0)
    assert all(norm.running_mean.abs().sum() > 0 for norm in trunk.norms)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_an_lstm_starts_with_open_forget_gates(batch_norm: bool) -> None:
    trunk = Recurrent(RecurrentSettings("lstm", layers=2, width=8, batch_norm=batch_norm), 5)
    biases = [weight for name, weight in trunk.named_parameters() if "bias_ih" in name]
    assert len(biases) == 2
    for bias in biases:
        assert (bias[8:16] == 1).all()
        assert (bias[:8].abs() < 0.36).all()  # 1 / sqrt(8)


@pytest.mark.parametrize(("kind", "gates"), [("lstm", 4), ("gru", 3), ("rnn", 1)])
def test_xavier_spreads_each_gates_matrix_by_its_own_size(kind: str, gates: int) -> None:
    torch.manual_seed(1)
    settings = RecurrentSettings(kind, layers=1, width=32, start="xavier")  # type: ignore[arg-type]
    trunk = Recurrent(settings, 96)
    for name, weight in trunk.named_parameters():
        if "bias" in name:
            assert (weight == 0).all()
            continue
        bound = (6 / (32 + weight.shape[1])) ** 0.5
        assert weight.shape[0] == 32 * gates
        assert 0.95 * bound < weight.abs().max() <= bound


def test_without_dropout_on_top_it_lies_between_the_layers_alone() -> None:
    torch.manual_seed(1)
    settings = RecurrentSettings("lstm", layers=2, width=64, dropout=0.5, dropout_on_top=False)
    trunk = Recurrent(settings, 5).train()
    one, other = (trunk(torch.ones(2, 9, 5), trunk.silent_state(2))[0] for _ in range(2))
    assert not torch.equal(one, other)  # between the layers it still changes what is read
    assert (one == 0).float().mean() < 0.01
    with pytest.raises(SettingError, match="leave dropout_on_top out"):
        RecurrentSettings(batch_norm=True, dropout_on_top=False)
