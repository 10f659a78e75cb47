"""What a graph draws, where sums of many shares are rounded: always one of the symbols that there are."""

import pytest
import torch
from torch import Tensor

from export.drawing.choices import CERTAIN, MOST_TOP_P, drawn


@pytest.mark.parametrize("chance", [0.5, CERTAIN])
def test_where_rounded_sums_stay_below_the_most_that_is_asked_for_one_is_drawn_all_the_same(
    chance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    added = Tensor.cumsum
    # as a runtime that adds thousands of shares in single precision may have it
    monkeypatch.setattr(Tensor, "cumsum", lambda shares, dim: added(shares, dim) * (1 - 2e-4))
    logits = torch.arange(4.0)[None]
    number = drawn(logits, torch.full((1, 1), MOST_TOP_P), torch.ones(1, 1), torch.full((1, 1), chance))
    assert int(number) == (3 if chance == 0.5 else 0)  # of e^3, e^2, e, 1 the first is more than half
