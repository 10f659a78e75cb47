"""The exact head: its probabilities are a distribution,
it draws from that very one, and each key sees those below it."""

import itertools

import pytest
import torch
from torch import Tensor

from training.models.drawing import Drawing
from training.models.rolls.nade import Nade
from training.models.rolls.roll_model import bernoulli_nats

KEYS, READS = 6, 5
ALL_ROWS = torch.tensor(list(itertools.product((0, 1), repeat=KEYS)))
LIKELIEST = Drawing(argmax_share=1.0)


@pytest.fixture
def nade() -> Nade:
    torch.manual_seed(1)
    head = Nade(READS, KEYS, 7).double()
    with torch.no_grad():
        for weights in head.parameters():
            weights.mul_(4)  # so that the keys hang together enough to be seen in draws
    return head


def probabilities(nade: Nade, features: Tensor) -> Tensor:
    """Of each of the 64 rows, by features (5)."""
    logits = nade(features.expand(len(ALL_ROWS), -1), ALL_ROWS)
    return torch.exp(-bernoulli_nats(logits, ALL_ROWS).sum(-1))


def reckoned_key_by_key(nade: Nade, features: Tensor, row: list[int]) -> Tensor:
    """The logits as the definition has them, without runs."""
    visible, hidden = nade.visible_bias(features), nade.hidden_bias(features)
    logits = []
    for key, sounds in enumerate(row):
        logits.append(visible[key] + nade.out_of_hidden[key] @ torch.sigmoid(hidden))
        hidden = hidden + sounds * nade.into_hidden[key]
    return torch.stack(logits)


def test_the_probabilities_of_all_rows_sum_to_one(nade: Nade) -> None:
    for features in torch.randn(3, READS, dtype=torch.float64):
        total = probabilities(nade, features).sum()
        torch.testing.assert_close(total, torch.ones_like(total), atol=1e-10, rtol=0)


def test_logits_are_the_definitions(nade: Nade) -> None:
    features = torch.randn(len(ALL_ROWS), READS, dtype=torch.float64)
    logits = nade(features, ALL_ROWS)
    for place, row in enumerate(ALL_ROWS.tolist()):
        torch.testing.assert_close(logits[place], reckoned_key_by_key(nade, features[place], row))


def test_gradients_are_the_definitions(nade: Nade) -> None:
    features = torch.randn(len(ALL_ROWS), READS, dtype=torch.float64)
    weigh = torch.randn(len(ALL_ROWS), KEYS, dtype=torch.float64)
    rows = ALL_ROWS.tolist()
    slowly = torch.stack([reckoned_key_by_key(nade, features[place], row) for place, row in enumerate(rows)])
    wanted = torch.autograd.grad((slowly * weigh).sum(), list(nade.parameters()))
    got = torch.autograd.grad((nade(features, ALL_ROWS) * weigh).sum(), list(nade.parameters()))
    for one, other in zip(got, wanted, strict=True):
        torch.testing.assert_close(one, other)


def test_rows_are_drawn_as_often_as_their_probability_says(nade: Nade) -> None:
    draws = 40_000
    features = torch.randn(READS, dtype=torch.float64)
    wanted = probabilities(nade, features)
    with torch.no_grad():
        bars = Drawing().bars((draws, KEYS), features, torch.Generator().manual_seed(2))
        rows = nade.drawn(features.expand(draws, -1), bars)
    numbers = (rows.long() * 2 ** torch.arange(KEYS - 1, -1, -1)).sum(-1)
    shares = torch.bincount(numbers, minlength=len(ALL_ROWS)) / draws
    spread = (wanted * (1 - wanted) / draws).sqrt()
    assert ((shares - wanted).abs() < 5 * spread + 1e-4).all()
    of_each = wanted @ ALL_ROWS.double()
    independent = torch.where(ALL_ROWS > 0, of_each, 1 - of_each).prod(-1)
    assert (wanted - independent).abs().max() > 0.01  # keys drawn each by itself would not have passed


def test_a_key_sees_the_keys_below_it_and_none_above(nade: Nade) -> None:
    features = torch.randn(1, READS, dtype=torch.float64)
    row = torch.tensor([[0, 1, 0, 0, 1, 0]])
    other = row.clone()
    other[0, 3] = 1
    apart = (nade(features, row) - nade(features, other))[0].abs() > 1e-9  # some processors round otherwise
    assert apart.tolist() == [False, False, False, False, True, True]


def test_the_likeliest_goes_key_by_key(nade: Nade) -> None:
    features = torch.randn(4, READS, dtype=torch.float64)
    rows = nade.drawn(features, LIKELIEST.bars((4, KEYS), features, torch.Generator()))
    assert torch.equal(rows, nade(features, rows) > 0)


def test_reckoned_for_each_key_the_logits_are_the_same(nade: Nade) -> None:
    features = torch.randn(len(ALL_ROWS), READS, dtype=torch.float64)
    torch.testing.assert_close(nade.live(features, ALL_ROWS.double()), nade(features, ALL_ROWS))
