"""The greatest so far is the same by torch's own means and by what a graph can hold."""

import pytest
import torch

from training.models.trunks.greatest import greatest_so_far


@pytest.mark.parametrize("steps", [1, 2, 3, 8, 13])
def test_a_graph_finds_the_same(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    values = torch.randn(2, steps, 3, generator=torch.Generator().manual_seed(steps))
    wanted = greatest_so_far(values)
    assert all((wanted[:, place] == values[:, : place + 1].amax(1)).all() for place in range(steps))
    monkeypatch.setattr(torch.compiler, "is_exporting", lambda: True)
    assert (greatest_so_far(values) == wanted).all()
