"""One thing after another within a step of time, such as the keys from the lowest up: a loop in torch, and
one node of a graph. Must not know what it goes along.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch._higher_order_ops.scan import scan

Kept = Any  # a tensor, or a tuple of tensors


def along(
    step: Callable[[Kept, tuple[Tensor, ...]], tuple[Kept, Tensor]], kept: Kept, rows: tuple[Tensor, ...]
) -> tuple[Kept, Tensor]:
    """What is kept after all rows, and what each step gave (rows x ...); each of `rows` has them first."""
    if torch.compiler.is_exporting():
        return scan(step, kept, rows)
    given = []
    for number in range(len(rows[0])):
        kept, gave = step(kept, tuple(row[number] for row in rows))
        given.append(gave)
    return kept, torch.stack(given)
