"""Heads that predict a time in seconds, 0 or above: by its likelihood, or by its squared error.
Must not know what the time is of.
"""

from abc import ABC, abstractmethod
from math import log, pi

import torch
from torch import Tensor, nn
from torch.nn import functional

from music.tokens.scales import CELLS_PER_S
from training.models.drawing import Choices

LEAST_CELLS = 0.01  # a time below it, a tenth of a millisecond, counts as 0
PRESSURE = 10.0  # what each second below 0 costs a squared error, as in the tutorial that row A8 follows
_NARROWEST = (
    0.05  # the least spread of a logarithm, 5 % of a time: with 1 % spikes of likelihood make learning jump
)
_LEAST = log(LEAST_CELLS)
_ERFC = (  # fitted in t = 1 / (1 + z/2) to log erfc(z) + z^2 - log t
    -0.17828042,
    0.98868451,
    -2.19862647,
    2.38983874,
    -1.21783048,
    0.33136605,
    -0.23223118,
    -0.07506069,
    0.08263466,
    0.37501739,
    1.0,
    -1.26551212,
)


class TimeHead(nn.Module, ABC):
    """Says numbers of what a trunk made; these give what a time costs, and draw one."""

    in_nats: bool

    def __init__(self, reads: int, numbers: int) -> None:
        super().__init__()
        self.out = nn.Linear(reads, numbers)

    def forward(self, made: Tensor) -> Tensor:
        """What is said (... x numbers) of what was made (... x reads)."""
        said: Tensor = self.out(made)
        return said.float()

    @abstractmethod
    def cost(self, said: Tensor, seconds: Tensor) -> Tensor:
        """Of each time that followed, differentiable."""

    @abstractmethod
    def drawn(self, said: Tensor, choices: Choices, part: int) -> Tensor:
        """A time of each lane (B) in seconds, of what is said (B x numbers)."""


class SquaredTime(TimeHead):
    """One number, which is the time. It costs its squared error and, below 0, a pressure upwards;
    drawing takes it as it stands, or 0."""

    in_nats = False

    def __init__(self, reads: int) -> None:
        super().__init__(reads, 1)

    def cost(self, said: Tensor, seconds: Tensor) -> Tensor:
        """In squared seconds, and `PRESSURE` a second below 0."""
        predicted = said[..., 0]
        return (predicted - seconds) ** 2 + PRESSURE * functional.relu(-predicted)

    def drawn(self, said: Tensor, choices: Choices, part: int) -> Tensor:  # noqa: ARG002
        """No temperature moves it: one number leaves no choice."""
        return said[:, 0].clamp(min=0)


class LikelyTime(TimeHead):
    """A chance that it is 0, and a mixture of log-normals for what is above;
    its nats are of cells of 10 ms."""

    in_nats = True

    def __init__(self, reads: int, mixture: int) -> None:
        super().__init__(reads, 1 + 3 * mixture)
        self.mixture = mixture
        with torch.no_grad():  # at first the middles lie from 20 ms to 2 s
            self.out.bias[1 + mixture : 1 + 2 * mixture] = torch.linspace(log(2), log(200), mixture)

    def cost(self, said: Tensor, seconds: Tensor) -> Tensor:
        """Nats; of 0 what the log-normals leave below the least time counts too,
        so that all chances sum to 1."""
        nought, shares, middle, spread = self._parts(said)
        cells = (seconds * CELLS_PER_S).clamp(min=LEAST_CELLS).log()[..., None]
        apart = (cells - middle) / spread
        density = -0.5 * apart**2 - spread.log() - 0.5 * log(2 * pi) - cells
        below = _log_below((_LEAST - middle) / spread)
        more = functional.logsigmoid(-nought)
        is_more = more + torch.logsumexp(shares + density, dim=-1)
        is_nought = torch.logaddexp(
            functional.logsigmoid(nought), more + torch.logsumexp(shares + below, dim=-1)
        )
        return -torch.where(seconds * CELLS_PER_S < LEAST_CELLS, is_nought, is_more)

    def drawn(self, said: Tensor, choices: Choices, part: int) -> Tensor:
        """Whether it is 0, which log-normal, and a time of it, its spread widened by the temperature;
        the likeliest is its middle."""
        nought, shares, middle, spread = self._parts(said)
        is_nought = nought > choices.bars(part, range(0), nought)[:, 0]
        which = choices.symbol(part, shares, is_field=False)[:, None]
        middle, spread = (numbers.gather(-1, which)[:, 0] for numbers in (middle, spread))
        cells = (middle + spread * choices.normal(part, middle)).exp()
        return torch.where(is_nought | (cells < LEAST_CELLS), 0.0, cells / CELLS_PER_S)

    def _parts(self, said: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The logit of 0; logarithms of the shares; middles and spreads of the logarithms of cells."""
        nought, shares, middle, spread = torch.split(said, [1, *[self.mixture] * 3], dim=-1)
        return nought[..., 0], shares.log_softmax(-1), middle, _NARROWEST + functional.softplus(spread)


def _log_below(number: Tensor) -> Tensor:
    """Log of the normal distribution up to a number, to six digits however far out, by what a graph can
    hold."""
    out = number.abs() * 0.5**0.5
    near = 1.0 / (1.0 + 0.5 * out)  # 1 at the middle, 0 far out
    fit = torch.full_like(near, _ERFC[0])
    for coefficient in _ERFC[1:]:
        fit = fit * near + coefficient
    tail = near.log() - out * out + fit - log(2.0)
    return torch.where(number < 0, tail, torch.log1p(-tail.exp()))
