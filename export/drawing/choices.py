"""How a graph draws: each choice is a function of random numbers that come in, so that it can be made again.

Every number from 0 to 1 is taken once, in order, so the draws of a file are those of the same code in torch
for the same numbers. What is given is taken in place of what is drawn, and wishes take nats off what isn't
wished for. Knows torch. Must not know models or ONNX.
"""

import math

import torch
from torch import Tensor

from realtime.inference.bundle import COLDEST, HOTTEST, UNWISHED_NATS

MOST_TOP_P = 1.0 - 1e-5  # the most that top-p can ask for: rounded sums of few shares reach it, and not 1
CERTAIN = 1.0 - 1e-6  # a random number is kept below this, so that no choice without a chance is ever drawn
_LEAST_CHANCE = 1e-7
_NEVER = 1e9  # a bar that no logit passes


class ByNumbers:
    """Choices (`training.models.drawing`) by the controls of a graph. B lanes; P parts, F fields of a row."""

    def __init__(
        self,
        temperature: Tensor,  # B x P
        top_p: Tensor,  # B
        wishes: Tensor,  # B x W: 1 where a choice of the wished part is wished for
        wished: int | None,  # which part that is
        chance: Tensor,  # B x N, each from 0 to 1
        given: Tensor,  # B x F
        is_given: Tensor,  # B x F: bool
    ) -> None:
        self._heats = torch.split(temperature.clamp(COLDEST, HOTTEST), 1, -1)  # B x 1 each
        self._top_p = top_p[:, None].clamp(max=MOST_TOP_P)  # B x 1
        self._wishes, self._wished = (wishes - 1.0) * UNWISHED_NATS, wished
        self._chance = chance.clamp(0.0, CERTAIN)
        self._given, self._is_given = given, is_given
        self.taken = 0  # random numbers so far

    def symbol(self, part: int, logits: Tensor, *, is_field: bool = True) -> Tensor:
        """By the place of the random number among the likeliest that together hold `top_p`."""
        if is_field and part == self._wished:
            logits = logits + self._wishes
        number = drawn(logits, self._top_p, self._heats[part], self._next(1))[:, 0]
        if not is_field:
            return number
        return torch.where(self._is_given[:, part], self._given[:, part].to(number.dtype), number)

    def bars(self, part: int, fields: range, like: Tensor, *, answers: int = 1) -> Tensor:  # noqa: ARG002
        """Of a field that is given a bar that all logits pass, or none does."""
        luck = self._next(len(fields) or answers).clamp(min=_LEAST_CHANCE)
        bars = torch.log(luck / (1.0 - luck)) * self._heats[part]
        if not fields:
            return bars
        if part == self._wished:
            bars = bars - self._wishes
        given = self._given[:, fields.start : fields.stop] > 0
        settled = torch.where(given, -_NEVER, _NEVER)
        return torch.where(self._is_given[:, fields.start : fields.stop], settled, bars)

    def normal(self, part: int, like: Tensor) -> Tensor:  # noqa: ARG002
        """Of two numbers, by Box and Muller."""
        far, where = self._next(2).clamp(min=_LEAST_CHANCE).unbind(-1)
        wide = torch.sqrt(-2.0 * torch.log(far)) * torch.cos(2.0 * math.pi * where)
        return wide * self._heats[part][:, 0].sqrt()

    def real(self, field: int, drawn: Tensor) -> Tensor:
        """What is given, or what was drawn."""
        return torch.where(self._is_given[:, field], self._given[:, field], drawn)

    def _next(self, count: int) -> Tensor:
        first, self.taken = self.taken, self.taken + count
        return self._chance[:, first : self.taken]


def chosen(
    logits: Tensor, top_p: Tensor, temperature: Tensor, chance: Tensor, given: Tensor, is_given: Tensor
) -> Tensor:
    """What is given, or what is `drawn`: B x 1 each, of logits B x V."""
    return torch.where(is_given, given, drawn(logits, top_p, temperature, chance))


def drawn(logits: Tensor, top_p: Tensor, temperature: Tensor, chance: Tensor) -> Tensor:
    """A number (B x 1) drawn at a temperature from the likeliest (B x V) that together hold `top_p`.

    Nothing is divided by zero, so no control makes a NaN. Sorting puts the likeliest first: the cut is then a
    place, and drawing is counting how many sums lie at or below the random number.
    """
    # topk, for sort is exported with its length worked out anew at every call
    shares, numbers = (logits / temperature).softmax(-1).topk(logits.shape[-1])  # B x V each, likeliest first
    sums = shares.cumsum(-1)  # B x V
    # the first sum that holds top_p (B x 1); of thousands of shares the last one may be rounded below it
    kept = torch.where(sums >= top_p, sums, sums[:, -1:]).amin(-1, keepdim=True)
    place = (sums <= kept * chance).sum(-1, keepdim=True)  # B x 1: at which place the random number falls
    return numbers.gather(-1, place)  # B x 1: symbols again
