"""What curves are drawn across: steps, hours of learning, or rows read.

Hours and rows are added up from what each row on train music says of the time since the one before. Must not
know charts.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from enum import Enum
from itertools import accumulate
from math import isfinite

from dashboard.runs import Run

Place = Callable[[int], float]  # of a step


class Across(Enum):
    """What lies on the axis that goes across."""

    STEPS = "step"
    HOURS = "hours"
    ROWS = "rows read"

    def place_in(self, run: Run) -> Place | None:
        """Where each step of a run lies; None of a run that doesn't say."""
        if self is Across.STEPS:
            return float
        name, unit = _COLUMNS[self]
        added = run.curves.train.column(name)
        if not len(added) or not all(map(isfinite, added)):
            return None
        steps = [0.0, *run.curves.train.column("step")]
        sums = [0.0, *(total / unit for total in accumulate(added))]
        return lambda step: _between(steps, sums, step)


_COLUMNS: Mapping[Across, tuple[str, float]] = {Across.HOURS: ("seconds", 3600.0), Across.ROWS: ("rows", 1.0)}


def seconds_left(run: Run) -> float | None:
    """How long a run will still take, at the speed of its last rows; None where it doesn't say enough."""
    train = run.train[-5:]
    if not run.steps or len(train) < 2:
        return None
    taken = [float(row["seconds"]) for row in train[1:]]
    done = int(train[-1]["step"]) - int(train[0]["step"])
    if done <= 0 or not all(map(isfinite, taken)):
        return None
    return max(run.steps - run.done, 0) * sum(taken) / done


def _between(steps: list[float], sums: list[float], step: float) -> float:
    """The sum at a step, in a straight line between those that are known."""
    place = bisect_left(steps, step)
    if place >= len(steps):
        return sums[-1]
    if place == 0 or steps[place] == step:
        return sums[place]
    share = (step - steps[place - 1]) / (steps[place] - steps[place - 1])
    return sums[place - 1] + share * (sums[place] - sums[place - 1])
