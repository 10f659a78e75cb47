"""Charts of several models: how far each is ahead of its own baseline, belonging, and pieces one by one.

Axes hold what is compared, and no more. Must not know Streamlit, nor read files.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from dashboard.colours import MARK
from dashboard.comparing.beside import Belongs
from dashboard.comparing.models import ModelRow
from dashboard.reports import JudgedReport

Chart = Any  # of Altair's kinds, which share no public name
_BAR, _AXIS = 30, 80  # pixels of a model, and of what stands below all of them


def ahead_bars(rows: Mapping[str, ModelRow], chosen: Sequence[str]) -> Chart:
    """How many nats a note each model, by its name, is better than counting the same notes; ± its error.

    Of all that are `chosen`, each has the same colour in every chart.
    """
    table = [
        {"model": name, "ahead": row.ahead, "low": row.ahead - error, "high": row.ahead + error}
        for name, row in rows.items()
        if row.ahead is not None
        for error in (row.error or 0.0,)
    ]
    title = "nats a note better than its own note bigram"
    return _bars(
        table,
        [name for name, row in rows.items() if row.ahead is not None],
        "ahead",
        title,
        alt.Scale(),
        chosen,
    )


def belonging_bars(found: Mapping[str, Belongs], chosen: Sequence[str]) -> Chart:
    """How often each model's answers are nearer to the truth than a stranger's, from chance (0.5) on: all of
    them to the same calls."""
    table = [
        {"model": name, "share": one.share, "low": one.low, "high": one.high} for name, one in found.items()
    ]
    lowest = min([0.5, *(one.low for one in found.values())])
    scale = alt.Scale(domain=[lowest, 1.0], nice=False, zero=False)
    title = "nearer to the truth than a stranger (0.5 is chance)"
    return _bars(table, list(found), "share", title, scale, chosen)


def piece_dots(reports: Mapping[str, JudgedReport], chosen: Sequence[str]) -> Chart:
    """How hard each piece is to each model, on the same music: a dot a piece, a tick at the mean."""
    table = pd.DataFrame(
        [
            {"model": name, "piece": piece.name, "nats": piece.carried}
            for name, report in reports.items()
            for piece in report.pieces
        ]
    )
    base = alt.Chart(table)
    x = alt.X("nats:Q", title="nats a note, piece by piece", scale=alt.Scale(zero=False))
    y = _models(list(reports))
    tooltip = ["piece:N", "model:N", alt.Tooltip("nats:Q", format=".2f")]
    dots = base.mark_circle(size=45, opacity=0.6).encode(x=x, y=y, color=_colours(chosen), tooltip=tooltip)
    means = base.mark_tick(color=MARK, thickness=2, size=20).encode(
        x=alt.X("mean(nats):Q", title="nats a note, piece by piece", scale=alt.Scale(zero=False)), y=y
    )
    return _styled(alt.layer(dots, means), len(reports))


def _bars(
    table: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    field: str,
    title: str,
    scale: alt.Scale,
    chosen: Sequence[str],
) -> Chart:
    base = alt.Chart(pd.DataFrame(list(table), columns=["model", field, "low", "high"]))
    y = _models(names)
    x = alt.X(f"{field}:Q", title=title, scale=scale)
    tooltip = ["model:N", *(alt.Tooltip(f"{name}:Q", format=".3f") for name in (field, "low", "high"))]
    bars = base.mark_bar(height=14, clip=True).encode(x=x, y=y, color=_colours(chosen), tooltip=tooltip)
    errors = base.mark_rule(color=MARK, strokeWidth=1.5).encode(x="low:Q", x2="high:Q", y=y)
    return _styled(alt.layer(bars, errors), len(names))


def _models(names: Sequence[str]) -> alt.Y:
    return alt.Y("model:N", sort=list(names), title=None, axis=alt.Axis(labelLimit=260))


def _colours(names: Sequence[str]) -> alt.Color:
    return alt.Color("model:N", legend=None, scale=alt.Scale(domain=list(names)))


def _styled(chart: Chart, models: int) -> Chart:
    """As wide as its place; inks, grounds and the models' colours are the page's."""
    height = _BAR * models + _AXIS
    return chart.properties(height=height, width="container", background="transparent").configure_view(
        strokeWidth=0
    )
