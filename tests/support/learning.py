"""What every family of models is asked: streaming equals the whole,
in half precision it still learns, a few phrases are learnt by heart."""

from typing import Any

import pytest
import torch
from torch import Tensor

from training.models.model import Model, State
from training.recipes.precision import learns_in_bfloat16

IN_BFLOAT16 = learns_in_bfloat16(torch.device("cpu"))
NEEDS_BFLOAT16 = "needs a CPU on which an LSTM can be learnt in bfloat16 (AVX-512 or AMX)"
needs_bfloat16 = pytest.mark.skipif(not IN_BFLOAT16, reason=NEEDS_BFLOAT16)


def after_begin(model: Model, rows: Tensor) -> Tensor:
    """Rows of pieces (B x T x F) with the row before the first in front."""
    begin = torch.tensor(model.begin_row, dtype=rows.dtype).expand(len(rows), 1, -1)
    return torch.cat([begin, rows], dim=1)


def check_streaming(model: Model, rows: Tensor) -> None:
    """Row by row, and in windows that tell only of their last rows,
    a model is as surprised and remembers the same as over the whole."""
    model.eval()
    read, after = model(rows[:, :-1], model.silent_state(len(rows)))
    whole = model.surprise(read, rows[:, 1:])
    stepped, state = by_steps(model, rows)
    _check_close(stepped, whole)
    _check_states(state, after)
    half = rows.shape[1] // 2
    _, state = model(rows[:, :half], model.silent_state(len(rows)), 1)
    shuffled = dict(sorted(state.items(), reverse=True))  # a state that was stored may come back in any order
    read, state = model(rows[:, half:-1], shuffled, 3)
    _check_close(model.surprise(read, rows[:, -3:]), whole[:, -3:])
    _check_states(state, after)


def by_steps(model: Model, rows: Tensor) -> tuple[Tensor, State]:
    """The surprise at each row after the first, read row by row, and the state in the end."""
    state, nats = model.silent_state(len(rows)), []
    for place in range(rows.shape[1] - 1):
        read, state = model.step(rows[:, place], state)
        nats.append(model.surprise(read, rows[:, place + 1, None]))
    return torch.cat(nats, dim=1), state


def check_bfloat16(model: Model, rows: Tensor) -> None:
    """Products in bfloat16 give finite gradients and nearly the same surprise."""
    model.eval()
    whole = model.surprise(model(rows[:, :-1], model.silent_state(len(rows)))[0], rows[:, 1:])
    with torch.autocast("cpu", torch.bfloat16):
        read, _ = model(rows[:, :-1], model.silent_state(len(rows)))
        coarse = model.surprise(read, rows[:, 1:])
    coarse.sum().backward()  # type: ignore[no-untyped-call]
    assert (coarse - whole).abs().mean() < 0.02 * whole.abs().mean() + 0.01
    assert all(weight.grad is None or weight.grad.isfinite().all() for weight in model.parameters())


def learnt_by_heart(
    model: Model, rows: Tensor, most_steps: int, times: float, rate: float = 3e-2
) -> tuple[float, float]:
    """The mean loss of a row before and after steps on the same rows:
    until it is so many times lower, or so many steps have been taken."""
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    losses = []
    model.train()
    for _ in range(most_steps):
        read, _ = model(rows[:, :-1], model.silent_state(len(rows)))
        loss = model.surprise(read, rows[:, 1:]).sum(-1).mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        if losses[-1] * times < losses[0]:
            break
    return losses[0], losses[-1]


def drawn(model: Model, drawing: Any, seed: int, rows: int, lanes: int = 2) -> Tensor:
    """Rows that a model draws from nothing (B x T x F)."""
    chance = torch.Generator().manual_seed(seed)
    kind = torch.get_default_dtype() if isinstance(model.begin_row[0], float) else torch.long
    row = torch.tensor([model.begin_row] * lanes, dtype=kind)
    state, made = model.silent_state(lanes), []
    model.eval()
    with torch.no_grad():
        for _ in range(rows):
            read, state = model.step(row, state)
            row = model.draw(read, drawing, chance)
            made.append(row)
    return torch.stack(made, dim=1)


def _check_close(one: Tensor, other: Tensor) -> None:
    torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


def _check_states(one: State, other: State) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        torch.testing.assert_close(value, other[name], atol=1e-5, rtol=1e-5, msg=name)
