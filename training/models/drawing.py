"""How a choice is drawn from what a model says: by likelihood at a temperature, the likeliest, or a mixture.

`argmax_share` is the paper's mixed scheme (row E4): that share of all choices takes the likeliest, the rest
is drawn. What a model asks for when it draws a row are `Choices`: of torch's chance here, of random numbers
that come in where it is a graph (`export.drawing.choices`), so that each family says once how its rows are
drawn. Must not know models.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from music.settings import SettingError

BARRED = -1e9  # a logit that no softmax notices, and that fp16 may round to -inf without harm
HOTTEST = 1000.0  # hotter, and it would begin to notice
_SURE = 1e-15  # a random number is kept this far from 0 and 1


class Choices(Protocol):
    """How the parts of a row are chosen, one after another; the model says what it would like.

    `part` is the place of a part in the model's `parts`, `field` that of a field in its rows; fields that are
    given can't be drawn. B lanes lie side by side.
    """

    def symbol(self, part: int, logits: Tensor, *, is_field: bool = True) -> Tensor:
        """A symbol of each lane (B) by logits (B x V): the field with the part's number, or no field."""

    def bars(self, part: int, fields: range, like: Tensor, *, answers: int = 1) -> Tensor:
        """Of each field a bar (B x fields): the field is 1 where the logit of that is above it. Of no fields:
        of so many answers that are no fields of the row (B x answers). The lanes are those of `like`."""

    def normal(self, part: int, like: Tensor) -> Tensor:
        """A number of each lane (the shape of `like`, B) from the normal distribution, widened by the
        temperature; 0 where the likeliest is taken."""

    def real(self, field: int, drawn: Tensor) -> Tensor:
        """A number that was drawn (B), or the one that is given in its place."""


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
        drawn = _one_of(shares, chance)
        return torch.where(self._takes_likeliest(drawn, chance), likeliest, drawn)

    def bars(self, shape: tuple[int, ...], like: Tensor, chance: torch.Generator) -> Tensor:
        """Numbers of any shape: it is yes where the logit of yes is above its bar. Known before the logits
        are, so that each of many answers can depend on those before it. top_k and top_p have nothing to
        choose from."""
        likelier = torch.zeros(shape, dtype=torch.double, device=like.device)
        if self.argmax_share == 1:
            return likelier
        drawn = torch.rand(shape, generator=chance, dtype=torch.double, device=like.device)
        bars = torch.logit(drawn, _SURE) * self.temperature
        return torch.where(self._takes_likeliest(bars, chance), likelier, bars)

    def yes(self, logits: Tensor, chance: torch.Generator) -> Tensor:
        """Yes or no (any shape, bool) by logits of yes."""
        return logits > self.bars(tuple(logits.shape), logits, chance)

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


def _one_of(shares: Tensor, chance: torch.Generator) -> Tensor:
    try:
        return torch.multinomial(shares, 1, generator=chance)[:, 0]
    except RuntimeError:
        if bool(torch.isfinite(shares).all()):
            raise
        raise SettingError(
            "what the model says of what comes next is no number (NaN): its weights are broken; take another "
            "run, or train anew with a lower rate"
        ) from None


@dataclass(frozen=True, slots=True)
class ByChance:
    """Choices by torch's chance, nothing given; `allowed` (B x V) bars symbols of the first field."""

    drawing: Drawing
    chance: torch.Generator
    allowed: Tensor | None = None

    def symbol(self, part: int, logits: Tensor, *, is_field: bool = True) -> Tensor:
        """Drawn from what is allowed."""
        if is_field and self.allowed is not None and part == 0:
            logits = logits.masked_fill(~self.allowed, BARRED)
        return self.drawing.symbol(logits, self.chance)

    def bars(self, part: int, fields: range, like: Tensor, *, answers: int = 1) -> Tensor:  # noqa: ARG002
        """By chance."""
        return self.drawing.bars((len(like), len(fields) or answers), like, self.chance)

    def normal(self, part: int, like: Tensor) -> Tensor:  # noqa: ARG002
        """By chance."""
        drawing = self.drawing
        wide = torch.randn(like.shape, generator=self.chance, device=like.device) * drawing.temperature**0.5
        takes_middle = (
            torch.rand(like.shape, generator=self.chance, device=like.device) < drawing.argmax_share
        )
        return torch.where(takes_middle, 0.0, wide)

    def real(self, field: int, drawn: Tensor) -> Tensor:  # noqa: ARG002
        """As drawn."""
        return drawn


def _check(holds: bool, message: str) -> None:
    if not holds:
        raise SettingError(message)
