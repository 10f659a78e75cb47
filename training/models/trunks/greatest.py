"""The greatest so far, step by step: by what torch has for it, or by what a graph can hold.

Must not know what is compared.
"""

import torch
from torch import Tensor


def greatest_so_far(values: Tensor) -> Tensor:
    """Of each step and all before it (B x T x ...). A traced graph can't hold `cummax`: there each step is
    compared with the one before, then with two before, with four, and so on."""
    if not torch.compiler.is_exporting():
        return values.cummax(1).values
    reach = 1
    while reach < values.shape[1]:
        compared = torch.maximum(values[:, reach:], values[:, :-reach])
        values, reach = torch.cat([values[:, :reach], compared], dim=1), 2 * reach
    return values
