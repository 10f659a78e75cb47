"""An experiment in parts that can be compared, and how its runs do class by class.

Must not know pages, nor read files.
"""

from collections.abc import Set as AbstractSet
from typing import Any

import altair as alt
import pandas as pd

from dashboard.charts import TableRows
from dashboard.colours import MARK
from dashboard.runs import Alike, Experiment, grouped

_CLASSES = ("precision", "recall", "f1")
MUSIC = {"learnt": "what it learnt", "unseen": "unseen pieces"}
_BAND, _AXIS = 26, 90  # pixels of a point, and of what stands around all of them


def apart(experiment: Experiment) -> list[tuple[Alike | None, Experiment]]:
    """The experiment in parts, in each of which losses can be compared; trials that have not begun belong to
    the only part, or are one of their own, of which nothing is known."""
    groups: dict[Alike | None, set[str]] = {
        alike: {run.name for run in runs} for alike, runs in grouped(experiment.runs).items()
    }
    waiting = set(experiment.trials) - {run.name for run in experiment.runs}
    if waiting:
        groups.setdefault(next(iter(groups)) if len(groups) == 1 else None, set()).update(waiting)
    return [(alike, _part(experiment, names)) for alike, names in groups.items()]


def _part(experiment: Experiment, names: AbstractSet[str]) -> Experiment:
    return Experiment(
        experiment.name,
        tuple(trial for trial in experiment.trials if trial in names),
        tuple(run for run in experiment.runs if run.name in names),
        {name: outcome for name, outcome in experiment.outcomes.items() if name in names},
    )


def not_defined(experiment: Experiment) -> TableRows:
    """Figures that runs don't have, why, and which runs: a row a figure and reason."""
    found: dict[tuple[str, str], list[str]] = {}
    for name in experiment.trials:
        reasons = experiment.outcomes.get(name, {}).get("not_defined")
        for figure, why in (reasons if isinstance(reasons, dict) else {}).items():
            found.setdefault((figure.replace("_", " "), str(why)), []).append(name)
    return [
        {"figure": figure, "not defined because": why, "runs": ", ".join(names)}
        for (figure, why), names in found.items()
    ]


def ranges_of(experiment: Experiment) -> TableRows:
    """Figures with the range that 95 of 100 redrawn samples of the drawn pieces fall within, a row a run and
    figure; older runs kept none."""
    rows: TableRows = []
    for name in experiment.trials:
        outcome = experiment.outcomes.get(name, {})
        ranges, values = outcome.get("ranges"), outcome.get("measures", {})
        for figure, ends in (ranges if isinstance(ranges, dict) else {}).items():
            if figure in values and isinstance(ends, list) and len(ends) == 2:
                row = {"run": name, "figure": figure.replace("_", " "), "value": values[figure]}
                rows.append(row | {"from": ends[0], "to": ends[1]})
    return rows


def class_dots(experiment: Experiment, music: str) -> Any:
    """Precision, recall and F1 of each point on one of `MUSIC`, a dot a seed and a tick at their mean; None
    where no run was asked for them."""
    rows = [
        {"point": point, "run": name, "figure": figure, "value": experiment.outcomes[name]["measures"][of]}
        for point, trials in experiment.points.items()
        for name in trials
        for figure in _CLASSES
        for of in (f"{music}_{figure}",)
        if name in experiment.outcomes and of in experiment.outcomes[name]["measures"]
    ]
    if not rows:
        return None
    points = list(dict.fromkeys(str(row["point"]) for row in rows))
    base = alt.Chart(pd.DataFrame(rows))
    x = alt.X("value:Q", title="share", scale=alt.Scale(zero=False))
    y = alt.Y("point:N", sort=points, title=None, axis=alt.Axis(labelLimit=200))
    colour = alt.Color(
        "figure:N", title=None, scale=alt.Scale(domain=list(_CLASSES)), legend=alt.Legend(orient="top")
    )
    dots = base.mark_circle(size=60, opacity=0.85).encode(
        x=x,
        y=y,
        yOffset="figure:N",
        color=colour,
        tooltip=["run:N", "figure:N", alt.Tooltip("value:Q", format=".3f")],
    )
    means = base.mark_tick(color=MARK, thickness=2, size=10)
    means = means.encode(x=alt.X("mean(value):Q", title="share"), y=y, yOffset="figure:N")
    return (
        alt.layer(dots, means)
        .properties(height=_BAND * len(points) + _AXIS, width="container", background="transparent")
        .configure_view(strokeWidth=0)
    )
