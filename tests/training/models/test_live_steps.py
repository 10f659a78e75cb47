"""Every family with every trunk steps, by what a graph can hold, as it reads the whole."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.support.families import TRUNKS, family_recipe, fitted
from tests.support.phrases import improvised
from training.models.catalogue import model_for
from training.models.model import Model

_WITH_TRUNKS = ["event", "note", "symbol", "one-hot", "step", "sigmoid", "strikes", "nade"]
_PAIRS = [*itertools.product(_WITH_TRUNKS, TRUNKS), ("squared", None), ("biaxial", None)]
_LANES = 3


def model_and_rows(family: str, trunk: str | None, length: int) -> tuple[Model, Tensor]:
    """A model, and in three lanes its first row and music made by rule: lanes x (length + 1) x F."""
    recipe = family_recipe(family, trunk)
    encoding = fitted(recipe)
    torch.manual_seed(2)
    model = model_for(recipe.model, encoding).eval()
    pieces = [encoding.encode(improvised(seed, notes=200, pedal=False))[:length] for seed in range(_LANES)]
    rows = np.stack([np.concatenate([[model.begin_row], piece]) for piece in pieces])
    return model, torch.from_numpy(rows.astype(np.int64 if model.reads_symbols else np.float32))


def stepped(model: Model, rows: Tensor) -> tuple[Tensor, Any]:
    """Nats of each row after the first (lanes x T x parts), and the state after the last but one."""
    state, nats = model.turned(model.silent_state(len(rows))), []
    for place in range(rows.shape[1] - 1):
        read, state = model.live_step(rows[:, place], state)
        nats.append(in_time(model, read, rows[:, place + 1, None]))
    return torch.cat(nats, dim=1), model.turned(state)


def in_time(model: Model, read: Any, following: Tensor) -> Tensor:
    """An event's nats are reckoned without an axis of time, as its graph has it."""
    if model.kind == "event":
        return model.surprise(read, following[:, 0])[:, None]
    return model.live_surprise(read, following)


@torch.no_grad()
@pytest.mark.parametrize("length", [1, 2, 7, 40])
@pytest.mark.parametrize(("family", "trunk"), _PAIRS)
def test_step_by_step_is_as_surprised_as_the_whole(family: str, trunk: str | None, length: int) -> None:
    model, rows = model_and_rows(family, trunk, length)
    read, after = model(rows[:, :-1], model.silent_state(_LANES))
    nats, state = stepped(model, rows)
    torch.testing.assert_close(nats, model.surprise(read, rows[:, 1:]), rtol=2e-5, atol=2e-5)
    assert state.keys() == after.keys()
    for name, value in state.items():
        torch.testing.assert_close(value, after[name], rtol=2e-5, atol=2e-5)
