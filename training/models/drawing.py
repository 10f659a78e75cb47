"""How a choice is drawn from what a model says: by likelihood at a temperature, the likeliest, or a mixture.

`argmax_share` is the paper's mixed scheme (row E4): that share of all choices takes the likeliest, the rest
is drawn. Must not know models.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from music.settings import SettingError

BARRED = -1e9  # a logit that no softmax notices, and that fp16 may round to -inf without harm
HOTTEST = 1000.0  # hotter, and it would begin to notice


@dataclass(frozen=True, slots=True)
class Drawing:
    """Temperature, the `top_k` likeliest (0: all),
    the likeliest that together have `top_p`, the share of choices that take the likeliest."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    argmax_share: float = 0.0

    def __post_init__(self) -> None:
        _check(
            0 < self.temperature <= HOTTEST,
            f"temperature is above 0 and at most {HOTTEST:g}, not {self.temperature}; for the likeliest "
            "say argmax_share=1",
        )
        _check(self.top_k >= 0, f"top_k is 0 (all) or more, not {self.top_k}")
        _check(0 < self.top_p <= 1, f"top_p is above 0 and at most 1, not {self.top_p}")
        _check(0 <= self.argmax_share <= 1, f"argmax_share is from 0 to 1, not {self.argmax_share}")

    def symbol(self, logits: Tensor, chance: torch.Generator) -> Tensor:
        """One symbol a lane (B), of logits (B x V)."""
        likeliest = logits.argmax(-1)
        if self.argmax_share == 1:
            return likeliest
        above = logits.double() - logits.max(-1, keepdim=True).values  # 0 at most, however cold
        shares = torch.softmax(self._kept(above / self.temperature), dim=-1)
        drawn = torch.multinomial(shares, 1, generator=chance)[:, 0]
        return torch.where(self._takes_likeliest(drawn, chance), likeliest, drawn)

    def yes(self, logits: Tensor, chance: torch.Generator) -> Tensor:
        """Yes or no (any shape, bool) by logits of yes; top_k and top_p have nothing to choose from here."""
        likelier = logits > 0
        if self.argmax_share == 1:
            return likelier
        chances = torch.sigmoid(logits.double() / self.temperature)
        drawn = (
            torch.rand(chances.shape, generator=chance, dtype=chances.dtype, device=chances.device) < chances
        )
        return torch.where(self._takes_likeliest(drawn, chance), likelier, drawn)

    def _kept(self, logits: Tensor) -> Tensor:
        if self.top_k and self.top_k < logits.shape[-1]:
            least = logits.topk(self.top_k, dim=-1).values[..., -1:]
            logits = logits.masked_fill(logits < least, BARRED)
        if self.top_p < 1:
            ranked, order = logits.sort(dim=-1, descending=True)
            shares = torch.softmax(ranked, dim=-1)
            beyond = shares.cumsum(-1) - shares >= self.top_p
            logits = logits.masked_fill(torch.zeros_like(beyond).scatter(-1, order, beyond), BARRED)
        return logits

    def _takes_likeliest(self, like: Tensor, chance: torch.Generator) -> Tensor:
        return torch.rand(like.shape, generator=chance, device=like.device) < self.argmax_share


def _check(holds: bool, message: str) -> None:
    if not holds:
        raise SettingError(message)
