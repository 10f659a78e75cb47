"""Charts of a listening test: means with their intervals, and how often each answer came.

The axis holds the whole scale. Must not know Streamlit, nor read files.
"""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.colours import PLAYER_COLOURS
from dashboard.listened.analyses import Heard

Chart = Any  # of Altair's kinds, which share no public name
_ROW, _AXIS = 30, 60  # pixels of a condition, and of what stands below all of them


def mean_dots(heard: Heard) -> Chart:
    """The mean of each condition, and where it lies with 95 %."""
    rows = [
        {"condition": one.condition, "mean": one.mean, "low": one.low, "high": one.high}
        for one in heard.conditions
        if one.mean is not None
    ]
    base = alt.Chart(pd.DataFrame(rows, columns=["condition", "mean", "low", "high"]))
    scale = alt.Scale(domain=[heard.values[0], heard.values[-1]], nice=False)
    y = alt.Y("condition:N", sort=None, title=None, axis=alt.Axis(labelLimit=260))
    tooltip = ["condition:N", *(alt.Tooltip(f"{name}:Q", format=".2f") for name in ("mean", "low", "high"))]
    colour = PLAYER_COLOURS["model"]
    reach = base.mark_rule(strokeWidth=2, color=colour).encode(
        x=alt.X("low:Q", scale=scale, title="mean rating, with its 95 %"), x2="high:Q", y=y
    )
    dots = base.mark_circle(size=110, opacity=1, color=colour).encode(
        x=alt.X("mean:Q", scale=scale), y=y, tooltip=tooltip
    )
    return _styled(alt.layer(reach, dots), len(rows))


def rating_squares(heard: Heard) -> Chart:
    """How many of a condition's ratings were each value: a square a value, the fuller the more."""
    rows = [
        {"condition": one.condition, "value": value, "ratings": count, "share": count / one.ratings}
        for one in heard.conditions
        if one.ratings
        for value, count in sorted(one.histogram.items())
    ]
    base = alt.Chart(pd.DataFrame(rows, columns=["condition", "value", "ratings", "share"]))
    squares = base.mark_rect(color=PLAYER_COLOURS["model"]).encode(
        x=alt.X("value:O", title="rating", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("condition:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
        opacity=alt.Opacity("share:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0.05, 1])),
        tooltip=["condition:N", "value:O", "ratings:Q", alt.Tooltip("share:Q", format=".0%")],
    )
    return _styled(squares, sum(bool(one.ratings) for one in heard.conditions))


def _styled(chart: Chart, rows: int) -> Chart:
    return chart.properties(
        height=_ROW * rows + _AXIS, width="container", background="transparent"
    ).configure_view(strokeWidth=0)
