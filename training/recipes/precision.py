"""What numbers products are reckoned in: what a recipe asks for, and what this machine can learn in.

An LSTM learns in bfloat16 on a CPU only where the processor has instructions for it; elsewhere PyTorch
raises. Which processors those are is not looked up: a small one is tried. Every model of a machine has the
same answer, also those without an LSTM, so that trunks of one experiment can be compared. Must not know
recipes or runs.
"""

from collections.abc import Sequence
from functools import cache
from typing import Literal

import torch
from torch import nn

Precision = Literal["float32", "bfloat16"]

_NEEDS = {"cpu": "a CPU with AVX-512 or AMX instructions for it"}


def precision_on(device: torch.device, asked: Precision) -> Precision:
    """What is asked for, or float32 where the device can't learn in it."""
    return asked if asked == "float32" or learns_in_bfloat16(device) else "float32"


def learns_in_bfloat16(device: torch.device) -> bool:
    """Whether an LSTM can be learnt with products in bfloat16 there; tried once for each kind of device."""
    return _tried(device.type)


@cache
def _tried(device: str) -> bool:
    with torch.random.fork_rng(devices=[]), torch.enable_grad():  # a run's random numbers are its own
        cells = nn.LSTM(4, 4, batch_first=True).to(device)
        try:
            with torch.autocast(device, torch.bfloat16):
                made, _ = cells(torch.zeros(1, 2, 4, device=device))
            made.float().sum().backward()
        except RuntimeError:
            return False
    return True


def precision_notes(
    device: torch.device, asked: Precision, since: Sequence[tuple[int, Precision]], step: int
) -> list[str]:
    """What there is to say of the precision at a step, of `since`,
    each with the step that it was taken up at; a line each."""
    lines = [fallback_note(device)] if since[-1][1] != asked else []
    if len(since) > 1 and since[-1][0] == step:
        lines.append(
            f"products are in {since[-1][1]} from step {step} on, and were in {since[-2][1]} before: "
            "it goes on, but not the same to the last bit as in one of them"
        )
    return lines


def fallback_note(device: torch.device) -> str:
    """That products are in float32 although bfloat16 was asked for, why, and what it costs."""
    return (
        f"bfloat16 can't be learnt in here (it takes {_NEEDS.get(device.type, 'a newer device')}), so "
        "products are in float32: "
        "losses differ by rounding alone, and a step of an LSTM takes about 1.8 times as long as in bfloat16"
    )
