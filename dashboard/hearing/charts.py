"""Charts of a take. Must not know Streamlit, nor read files."""

from typing import Any

import altair as alt
import pandas as pd

from dashboard.colours import MARK, PLAYER_COLOURS
from dashboard.hearing.takes import Night, steps_of

Chart = Any  # of Altair's kinds, which share no public name


def temperature_line(night: Night) -> Chart:
    """Where the temperature stood over the take, with a mark at each answer that was asked for."""
    across = _across(night)
    up = alt.Y("temperature:Q", title="temperature", scale=alt.Scale(domain=[0, 2]))
    line = alt.Chart(pd.DataFrame(steps_of(night))).mark_line(
        interpolate="step-after", color=PLAYER_COLOURS["model"], strokeWidth=2
    )
    asked = pd.DataFrame(
        [{"at": one.asked_at, "turn": one.turn, "cut in": one.was_cut_in} for one in night.exchanges],
        columns=["at", "turn", "cut in"],
    )
    marks = alt.Chart(asked).mark_rule(color=MARK, strokeDash=[3, 3])
    charts = [
        line.encode(x=across, y=up),
        marks.encode(x=across, tooltip=["turn:Q", "at:Q", "cut in:N"]),
    ]
    return _styled(alt.layer(*charts))


def lateness_dots(night: Night) -> Chart:
    """How late each note of the answers was sent, where it was struck; None where the take doesn't say it."""
    rows = [{"at": at, "late": late, "turn": one.turn} for one in night.exchanges for at, late in one.late_ms]
    if not rows:
        return None
    dots = alt.Chart(pd.DataFrame(rows)).mark_circle(size=26, opacity=0.7, color=PLAYER_COLOURS["model"])
    return _styled(
        dots.encode(
            x=_across(night),
            y=alt.Y("late:Q", title="milliseconds late"),
            tooltip=["turn:Q", alt.Tooltip("at:Q", format=".2f"), alt.Tooltip("late:Q", format=".1f")],
        )
    )


def _across(night: Night) -> alt.X:
    scale = alt.Scale(domain=[0, max(night.seconds, 1.0)], nice=False)
    return alt.X("at:Q", title="seconds", scale=scale)


def _styled(chart: Chart) -> Chart:
    return chart.properties(height=180, width="container", background="transparent").configure_view(
        strokeWidth=0
    )
