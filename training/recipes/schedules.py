"""How the learning rate goes: by a curve that is known beforehand, or annealed when progress slows (row E3).

A schedule's memory is a few numbers, recorded and given back, so that a run goes on exactly. Must not know
models.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from music.settings import check_least, check_shares


@dataclass(frozen=True, slots=True)
class CosineSettings:
    """A rise over `warmup` steps, then half a cosine down to `last_rate`."""

    kind: Literal["cosine"] = "cosine"
    warmup: int = 200
    last_rate: float = 1e-5

    def __post_init__(self) -> None:
        check_least(self, 0, "warmup", "last_rate")


@dataclass(frozen=True, slots=True)
class ConstantSettings:
    """A rise over `warmup` steps, and then no change."""

    kind: Literal["constant"] = "constant"
    warmup: int = 0

    def __post_init__(self) -> None:
        check_least(self, 0, "warmup")


@dataclass(frozen=True, slots=True)
class SlowingSettings:
    """Times `factor` whenever the mean loss of `interval` steps has not fallen by the share `least` for
    `patience` intervals."""

    kind: Literal["slowing"] = "slowing"
    warmup: int = 0
    interval: int = 50
    patience: int = 2
    least: float = 0.01
    factor: float = 0.5
    last_rate: float = 1e-6

    def __post_init__(self) -> None:
        check_least(self, 0, "warmup", "last_rate")
        check_least(self, 1, "interval", "patience")
        check_shares(self, "least", "factor")


ScheduleSettings = CosineSettings | ConstantSettings | SlowingSettings


@dataclass(slots=True)
class _Memory:
    """What slowing progress is noticed by."""

    scale: float = 1.0
    best: float = math.inf
    waited: int = 0
    sum: float = 0.0
    count: int = 0


class Schedule:
    """The rate of each step, given the losses of those before."""

    def __init__(self, settings: ScheduleSettings, rate: float, steps: int, record: Any = None) -> None:
        self._settings, self._rate, self._steps = settings, rate, steps
        self._memory = _Memory(**record) if record else _Memory()

    def rate_at(self, step: int) -> float:
        """The rate of the step that follows so many."""
        settings = self._settings
        if step < settings.warmup:
            return self._rate * (step + 1) / settings.warmup
        match settings:
            case CosineSettings():
                done = (step - settings.warmup) / max(self._steps - settings.warmup, 1)
                falling = 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
                return settings.last_rate + (self._rate - settings.last_rate) * falling
            case SlowingSettings():
                return max(self._rate * self._memory.scale, settings.last_rate)
        return self._rate

    def took(self, loss: float) -> None:
        """A step was taken, with this loss."""
        settings, memory = self._settings, self._memory
        if not isinstance(settings, SlowingSettings):
            return
        memory.sum, memory.count = memory.sum + loss, memory.count + 1
        if memory.count < settings.interval:
            return
        mean, memory.sum, memory.count = memory.sum / memory.count, 0.0, 0
        if mean < memory.best - settings.least * abs(memory.best) or not math.isfinite(memory.best):
            memory.best, memory.waited = mean, 0
            return
        memory.waited += 1
        if memory.waited >= settings.patience:
            memory.scale, memory.waited = memory.scale * settings.factor, 0

    def record(self) -> dict[str, Any]:
        """Its memory, as JSON can hold it."""
        memory = asdict(self._memory)
        return memory | {"best": memory["best"] if math.isfinite(memory["best"]) else 1e300}
