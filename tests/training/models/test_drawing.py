"""How choices are drawn: shares as asked for, nothing barred, the likeliest where it is to be."""

import math

import pytest
import torch
from torch import Tensor

from music.settings import SettingError
from training.models.drawing import BARRED, HOTTEST, Drawing

SHARES = torch.tensor([0.5, 0.3, 0.15, 0.05])
DRAWS = 20_000


def found(drawing: Drawing, logits: Tensor, seed: int = 1) -> list[float]:
    """The share of draws that took each symbol."""
    chance = torch.Generator().manual_seed(seed)
    drawn = drawing.symbol(logits.expand(DRAWS, -1), chance)
    return (drawn.bincount(minlength=logits.shape[-1]) / DRAWS).tolist()


@pytest.mark.parametrize(
    ("drawing", "shares"),
    [
        (Drawing(), [0.5, 0.3, 0.15, 0.05]),
        (Drawing(temperature=0.5), [0.25 / 0.365, 0.09 / 0.365, 0.0225 / 0.365, 0.0025 / 0.365]),
        (Drawing(top_k=2), [0.625, 0.375, 0, 0]),
        (Drawing(top_k=9), [0.5, 0.3, 0.15, 0.05]),
        (Drawing(top_p=0.6), [0.625, 0.375, 0, 0]),
        (Drawing(top_p=0.5), [1, 0, 0, 0]),
        (Drawing(top_p=0.01), [1, 0, 0, 0]),
        (Drawing(argmax_share=0.4), [0.7, 0.18, 0.09, 0.03]),
        (Drawing(argmax_share=1), [1, 0, 0, 0]),
    ],
)
def test_symbols_come_in_the_shares_that_are_asked_for(drawing: Drawing, shares: list[float]) -> None:
    assert found(drawing, SHARES.log()) == pytest.approx(shares, abs=0.012)


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    logits = torch.zeros(50, 10)
    drawn = [Drawing().symbol(logits, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


@pytest.mark.parametrize("temperature", [1e-300, 1e-3, 1.0, HOTTEST])
@pytest.mark.parametrize("barred", [BARRED, -math.inf])
def test_what_is_barred_is_never_drawn_and_cold_is_the_likeliest(temperature: float, barred: float) -> None:
    logits = torch.tensor([barred, 90.0, 1.0, barred])
    shares = found(Drawing(temperature=temperature), logits)
    assert shares[0] == shares[3] == 0
    if temperature < 1:
        assert shares[1] == 1


def test_yes_comes_as_often_as_its_logit_says() -> None:
    logits = torch.tensor([-50.0, math.log(0.25 / 0.75), 50.0]).expand(DRAWS, 3)
    chance = torch.Generator().manual_seed(2)
    assert Drawing().yes(logits, chance).double().mean(0).tolist() == pytest.approx([0, 0.25, 1], abs=0.012)
    colder = Drawing(temperature=0.5).yes(logits, chance)
    assert colder.double().mean(0).tolist() == pytest.approx([0, 0.1, 1], abs=0.012)
    mixed = Drawing(argmax_share=0.5).yes(logits, chance)
    assert mixed.double().mean(0).tolist() == pytest.approx([0, 0.125, 1], abs=0.012)
    assert Drawing(argmax_share=1).yes(logits[0], chance).tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": 0.0}, "temperature is above 0"),
        ({"temperature": math.nan}, "temperature is above 0"),
        ({"temperature": math.inf}, "temperature is above 0 and at most 1000"),
        ({"top_k": -1}, "top_k is 0"),
        ({"top_p": 0.0}, "top_p is above 0"),
        ({"top_p": 1.5}, "top_p is above 0"),
        ({"argmax_share": 1.1}, "argmax_share is from 0 to 1"),
    ],
)
def test_what_can_not_be_drawn_by_is_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        Drawing(**settings)


@pytest.mark.parametrize("drawing", [Drawing(), Drawing(temperature=0.5, top_p=0.9)], ids=["plain", "cold"])
def test_what_is_no_number_can_not_be_drawn_from(drawing: Drawing) -> None:
    with pytest.raises(SettingError, match=r"no number .* its weights are broken"):
        found(drawing, torch.tensor([0.5, math.nan]))
