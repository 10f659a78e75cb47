"""Reports how learning goes: the loss, the speed and the time left,
on the terminal and in the run's curves."""

import time
from collections.abc import Callable

from training.learning.learner import Learner
from training.models.model import measure_of


class Progress:
    """What was done since the last report; the sum of losses is the learner's,
    so that a resumed run reports the same."""

    def __init__(self, learner: Learner, last: int, say: Callable[[str], None]) -> None:
        self._learner, self._last, self._say = learner, last, say
        self._rows, self._rate = 0, 0.0
        self._begin_anew()

    def took(self, surprise: float, rows: int, rate: float) -> None:
        """Another step was taken, with this mean surprise of a row."""
        learner = self._learner
        unreported, unreported_rows = learner.unreported
        learner.unreported = unreported + surprise * rows, unreported_rows + rows
        self._rows, self._rate = self._rows + rows, rate
        if learner.step % learner.recipe.log.every == 0 or learner.step == learner.steps:
            self._report()

    def ended(self) -> None:
        """It ended early: what was not reported yet is reported."""
        if self._learner.unreported[1] and self._rows:
            self._report()

    def _report(self) -> None:
        learner = self._learner
        surprise, rows = learner.unreported
        learner.unreported = 0.0, 0
        if learner.company.is_first:
            self._report_loss(surprise / rows, rows)
        self._begin_anew()

    def _report_loss(self, loss: float, rows: int) -> None:
        learner, rate = self._learner, self._rate
        passed = max(time.monotonic() - self._began_at, 1e-9)
        speed = self._rows / passed
        learner.folder.log(
            {"step": learner.step, "kind": "train", "loss": loss, "rate": rate, "rows_a_second": speed}
            | {
                "rows": rows,
                "seconds": round(passed, 3),
            }  # since the row before, or since it went on
        )
        left = clock((self._last - learner.step) * passed / (learner.step - self._since))
        self._say(
            f"step {learner.step}/{self._last}  {loss:.4f} {measure_of(learner.model)}  "
            f"{speed:,.0f} {learner.model.unit}s/s  {left} left"
        )

    def _begin_anew(self) -> None:
        self._since, self._began_at = self._learner.step, time.monotonic()
        self._rows = 0


def clock(seconds: float) -> str:
    """Hours, minutes and seconds as a person reads them."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
