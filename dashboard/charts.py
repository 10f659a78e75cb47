"""Data to figures: curves, likelihood by field, distributions. Altair charts, drawn alike.

Knows runs, reports and colours. Must not know Streamlit, nor read files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log10
from typing import Any

import altair as alt
import pandas as pd

from dashboard.colours import FIELD_COLOURS, MARK, ON_BARS, PLAYER_COLOURS
from dashboard.comparing.across import Across
from dashboard.reports import Answered, JudgedReport, Score, Spread
from dashboard.runs import Experiment, Run, held_out_as_train
from evaluation.answering.agreement import MEASURES
from music.notes import HIGHEST_KEY, LOWEST_KEY

PLAYER_NAMES = {"model": "the model", "music": "the music", "chance": "chance"}
OUTCOMES = {"least_loss": "least loss", "validation": "on held-out pieces"}
_HELD_OUT = OUTCOMES["validation"]
SCORE_NAMES = {"unigram": "note unigram", "bigram": "note bigram"}
_PLAIN = ",.6~f"  # a loss, never as a power of ten
_LEGEND_COLUMNS = 3  # as many names as half a page holds side by side
_AXES = 40  # pixels that axes and their titles take of a chart's height
_MOST_POINTS = 1200  # of a curve: more than a screen has columns
_BUCKETS_A_DECADE = 6  # of gaps and lengths, which are shown on a logarithmic scale
_SHORTEST_S = 0.01

TableRows = list[dict[str, Any]]
Chart = Any  # of Altair's kinds, which share no public name


@dataclass(frozen=True, slots=True)
class Axes:
    """What a curve is drawn across, and whether what goes up is logarithmic."""

    across: Across = Across.STEPS
    is_log: bool = False

    def placed(self, runs: Sequence[Run], rows: TableRows) -> TableRows:
        """Rows with their places; without those that have none on these axes."""
        places = {run.name: place for run in runs if (place := self.across.place_in(run)) is not None}
        return [
            row | {"x": places[row["run"]](row["step"])}
            for row in rows
            if row["run"] in places and (row["value"] > 0 or not self.is_log)
        ]


STEPS = Axes()


def loss_curves(runs: Sequence[Run], measure: str, *, since: int = 0, axes: Axes = STEPS) -> Chart:
    """Losses of runs of one measure: a thin line on train music, dots on held-out pieces."""
    train = [
        {"run": run.name, "step": row["step"], "value": row["loss"]}
        for run in runs
        for row in _thinned(_from(run.train, since))
        if isfinite(row["loss"])
    ]
    train = axes.placed(runs, train)
    held_out = [row | {"value": row["as_train"]} for row in _validation_rows(runs, since)]
    held_out = axes.placed(runs, held_out)
    line = alt.Chart(_data(train)).mark_line(strokeWidth=1.3, opacity=0.7)
    charts = [_curved(chart, runs, measure, axes) for chart in (line, _dotted(held_out))]
    return _styled(_with_crosses(charts, runs, [*train, *held_out]), 300)


def held_out_curves(runs: Sequence[Run], measure: str, *, since: int = 0, axes: Axes = STEPS) -> Chart:
    """The loss on held-out pieces alone: the figure that models are compared by."""
    rows = axes.placed(runs, _validation_rows(runs, since))
    return _styled(_with_crosses([_curved(_dotted(rows), runs, measure, axes)], runs, rows), 300)


def _with_crosses(charts: Sequence[Chart], runs: Sequence[Run], rows: TableRows) -> Chart:
    """With a cross at the last number of each run whose loss ceased to be one."""
    last = {
        run.name: max((row for row in rows if row["run"] == run.name), key=_step, default=None)
        for run in runs
    }
    ends = [
        row | {"diverged at": run.diverged_at}
        for run in runs
        if run.diverged_at is not None and (row := last[run.name]) is not None
    ]
    if not ends:
        return alt.layer(*charts)
    cross = alt.Chart(_data(ends)).mark_point(shape="cross", angle=45, size=190, filled=True)
    tooltip = ["run:N", alt.Tooltip("diverged at:Q", format=",d")]
    encoding = {"x": "x:Q", "y": "value:Q", "color": _by_run(runs), "tooltip": tooltip}
    return alt.layer(*charts, cross.encode(**encoding))


def _step(row: Mapping[str, Any]) -> int:
    return int(row["step"])


def train_curves(
    runs: Sequence[Run], name: str, title: str, format_: str, *, since: int = 0, axes: Axes = STEPS
) -> Chart:
    """Another measurement of the training: `rate` or `rows_a_second`."""
    rows = [
        {"run": run.name, "step": row["step"], "value": row[name]}
        for run in runs
        for row in _thinned(_from(run.train, since))
        if isfinite(row[name])
    ]
    line = alt.Chart(_data(axes.placed(runs, rows))).mark_line(strokeWidth=1.6)
    return _styled(_curved(line, runs, title, axes, format_, is_from_zero=True), 190)


def _dotted(rows: TableRows) -> Chart:
    return alt.Chart(_data(rows)).mark_line(strokeWidth=2.2, point=alt.OverlayMarkDef(size=34, filled=True))


def _curved(
    chart: Chart,
    runs: Sequence[Run],
    title: str,
    axes: Axes,
    format_: str = _PLAIN,
    *,
    is_from_zero: bool = False,
) -> Chart:
    """`value` by its place across, a colour a run."""
    scale = alt.Scale(type="log") if axes.is_log else alt.Scale(zero=is_from_zero)
    form = ",.3~f" if axes.across is Across.HOURS else "~s" if axes.across is Across.ROWS else ",d"
    return chart.encode(
        x=alt.X("x:Q", title=axes.across.value, axis=_axis(form)),
        y=alt.Y("value:Q", title=title, scale=scale, axis=_axis(format_)),
        color=_by_run(runs),
        tooltip=[
            "run:N",
            alt.Tooltip("step:Q", format=",d"),
            alt.Tooltip("value:Q", format=".4~g" if format_ == _PLAIN else format_, title=title),
        ],
    )


def likelihood_bars(report: JudgedReport) -> Chart:
    """Nats a note of the model and of every baseline, one bar each, put together of its fields; their sums
    stand beside their names.

    Chance, and a model before it learnt, are several times as far away as what is compared: their bars run
    off the chart, with a mark.
    """
    labels = {score.name: _label(score) for score in report.scores}
    rows = [
        {"label": labels[score.name], "field": part, "nats": nats, "place": place}
        for score in report.scores
        for place, (part, nats) in enumerate(score.parts)
    ]
    fields = [name for name in FIELD_COLOURS if any(row["field"] == name for row in rows)]
    reach = _reach(report)
    two_lines = alt.Axis(
        labelExpr="split(datum.label, '\\n')",
        labelFontSize=13,
        labelLineHeight=16,
        labelOffset=-8,
        labelLimit=200,
    )
    y = alt.Y("label:N", sort=list(labels.values()), title=None, axis=two_lines)
    colour = alt.Color(
        "field:N",
        title="field",
        scale=alt.Scale(domain=fields, range=[FIELD_COLOURS[name] for name in fields]),
    )
    bars = alt.Chart(_data(rows)).mark_bar(height={"band": 0.62}, clip=True)
    bars = bars.encode(
        x=alt.X(
            "sum(nats):Q",
            title="nats a note (less is better)",
            axis=alt.Axis(tickCount=8),
            scale=alt.Scale(domain=[0, reach], nice=False),
        ),
        y=y,
        color=colour,
        order=alt.Order("place:Q"),
        tooltip=["label:N", "field:N", alt.Tooltip("nats:Q", format=".3f")],
    )
    beyond = [{"label": labels[score.name], "goes on": True} for score in report.scores if score.nats > reach]
    marks = alt.Chart(_data(beyond)).mark_text(align="right", dx=-3, color=ON_BARS, fontSize=15, text="▶")
    charts = [bars, marks.encode(x=alt.value("width"), y=y)] if beyond else [bars]
    return _styled(alt.layer(*charts), 52 * len(labels) + 60)


def _label(score: Score) -> str:
    return f"{SCORE_NAMES.get(score.name, score.name)}\n{score.nats:.2f} ± {score.error:.2f}"


def _reach(report: JudgedReport) -> float:
    """How far the bars' axis goes: to the longest that is compared, or of all if that isn't much further."""
    compared = [score.nats for score in report.scores if score.name not in ("chance", "untrained")]
    longest = max(score.nats for score in report.scores)
    reach = 1.04 * max(compared, default=longest)
    return longest if longest < 1.25 * reach else reach


def pieces_carried_and_reset(report: JudgedReport) -> Chart | None:
    """A dot per piece: nats per note with the state carried, and what a reset costs; None without pieces."""
    if not report.pieces:
        return None
    rows = [
        {
            "piece": piece.name,
            "notes": piece.notes,
            "carried": piece.carried,
            "cost": piece.reset - piece.carried,
        }
        for piece in report.pieces
    ]
    return _styled(
        alt.Chart(_data(rows))
        .mark_circle(color=PLAYER_COLOURS["model"], opacity=0.75)
        .encode(
            x=alt.X("carried:Q", title="nats a note, state carried", scale=alt.Scale(zero=False)),
            y=alt.Y("cost:Q", title="more after resets"),
            size=alt.Size("notes:Q", legend=None),
            tooltip=[
                "piece:N",
                alt.Tooltip("notes:Q", format=",d"),
                alt.Tooltip("carried:Q", format=".3f"),
                alt.Tooltip("cost:Q", format="+.3f"),
            ],
        ),
        240,
    )


def likelihood_along(reports: Mapping[str, JudgedReport], chosen: Sequence[str]) -> Chart | None:
    """How hard pieces are from their beginnings to their ends: the mean over pieces, a line a model; None
    where no report says it. Each of the `chosen` has the same colour in every chart."""
    rows = [
        {"model": name, "part": 100 * (place + 0.5) / len(means), "nats": nats}
        for name, report in reports.items()
        if (means := _means_along(report))
        for place, nats in enumerate(means)
    ]
    if not rows:
        return None
    legend = alt.Legend(columns=_LEGEND_COLUMNS) if len(reports) > 1 else None
    return _styled(
        alt.Chart(_data(rows))
        .mark_line(strokeWidth=2, point=True)
        .encode(
            x=alt.X("part:Q", title="% of a piece", scale=alt.Scale(domain=[0, 100])),
            y=alt.Y("nats:Q", title="nats an event", scale=alt.Scale(zero=False)),
            color=alt.Color("model:N", title=None, scale=alt.Scale(domain=list(chosen)), legend=legend),
            tooltip=["model:N", alt.Tooltip("part:Q", format=".0f"), alt.Tooltip("nats:Q", format=".3f")],
        ),
        220,
    )


def _means_along(report: JudgedReport) -> list[float]:
    lines = [piece.along for piece in report.pieces if piece.along]
    return [sum(part) / len(part) for part in zip(*lines, strict=False)]


def spread_lines(report: JudgedReport, field: str) -> Chart:
    """How many of a hundred notes have each value of a field: model, music and chance together."""
    rows: TableRows = []
    for who in PLAYER_COLOURS:
        spread = report.spreads.get(who, {}).get(field)
        if spread is not None and any(spread.counts):
            rows += [{"who": PLAYER_NAMES[who], **row} for row in _shares(spread, field)]
    there = [who for who in PLAYER_COLOURS if any(row["who"] == PLAYER_NAMES[who] for row in rows)]
    colour = alt.Color(
        "who:N",
        title=None,
        scale=alt.Scale(
            domain=[PLAYER_NAMES[who] for who in there], range=[PLAYER_COLOURS[who] for who in there]
        ),
    )
    encoding = {
        "x": _spread_axis(field),
        "y": alt.Y("share:Q", title="of 100 notes", stack=None),
        "color": colour,
        "tooltip": ["who:N", "symbol:N", alt.Tooltip("share:Q", format=".2f")],
    }
    chart = alt.Chart(_data(rows)).mark_area(
        interpolate="step", opacity=0.14, line={"strokeWidth": 1.8, "opacity": 1}
    )
    return _styled(chart.encode(**encoding), 220)


def agreement_dots(report: JudgedReport) -> Chart:
    """Key and density of each answer beside its call: a dot per answer, and the line of perfect agreement."""
    rows = [
        {"call": one.name, "in_key": one.figure("in_key"), "density": one.figure("density_ratio")}
        for one in report.held_out
        if one.figures
    ]
    dots = (
        alt.Chart(_data(rows))
        .mark_circle(size=70, color=PLAYER_COLOURS["model"], opacity=0.75)
        .encode(
            x=alt.X(
                "density:Q",
                title="density of the answer / of the call",
                scale=alt.Scale(
                    type="log", domain=_around_one([one.figure("density_ratio") for one in report.held_out])
                ),
                axis=alt.Axis(values=[0.125, 0.25, 0.5, 1, 2, 4, 8], format="~g"),
            ),
            y=alt.Y(
                "in_key:Q",
                title="notes in the call's key",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%"),
            ),
            tooltip=[
                "call:N",
                alt.Tooltip("in_key:Q", format=".0%"),
                alt.Tooltip("density:Q", format=".2f", title="density ratio"),
            ],
        )
    )
    line = alt.Chart(_data([{"density": 1.0}])).mark_rule(color=MARK, strokeDash=[4, 4]).encode(x="density:Q")
    return _styled(alt.layer(line, dots), 260)


def figures_of(answered: Sequence[Answered]) -> TableRows:
    """A row for each answer, for a table."""
    return [
        {
            "call": one.name,
            "key": one.key,
            "notes": one.note_count,
            **{measure.title: _rounded(one.figure(measure.name)) for measure in MEASURES},
        }
        for one in answered
    ]


def outcomes_of(experiment: Experiment) -> TableRows:
    """A row for each trial, for a table: how far it is, and what came of it if it is done."""
    begun = {run.name: run for run in experiment.runs}
    return [
        {
            "run": name,
            "steps": begun[name].progress if name in begun else "not begun",
            **{title: _figure(experiment, name, title) for title in titles_of(experiment)},
            "weights": experiment.outcomes.get(name, {}).get("weights"),
            "rows a second": _rounded(experiment.outcomes.get(name, {}).get("rows_a_second")),
        }
        for name in experiment.trials
    ]


def points_of(experiment: Experiment) -> TableRows:
    """A table row for each point of the experiment: the mean over the seeds done, and their range."""
    begun = {run.name: run for run in experiment.runs}
    rows = []
    for point, trials in experiment.points.items():
        done = [name for name in trials if name in experiment.outcomes]
        there = [begun[name] for name in trials if name in begun]
        figures = [_figure(experiment, name, _HELD_OUT) for name in done]
        losses = [loss for loss in figures if loss is not None]
        rows.append(
            {
                "what is tried": point,
                "seeds done": f"{len(done)} of {len(trials)}{_diverged_of(there)}",
                _HELD_OUT: _mean(losses),
                "seeds apart by": max(losses) - min(losses) if len(losses) > 1 else None,
                **{
                    title: _mean([_figure(experiment, name, title) for name in done])
                    for title in titles_of(experiment)
                    if title != _HELD_OUT
                },
            }
        )
    return rows


def _diverged_of(runs: Sequence[Run]) -> str:
    diverged = sum(run.diverged_at is not None for run in runs)
    return f", {diverged} diverged" if diverged else ""


def titles_of(experiment: Experiment) -> list[str]:
    """The titles of all figures of an experiment's runs."""
    measures = sorted({name for outcome in experiment.outcomes.values() for name in outcome["measures"]})
    return [*OUTCOMES.values(), *(measure.replace("_", " ") for measure in measures)]


def outcome_dots(experiment: Experiment, runs: Sequence[Run], title: str) -> Chart:
    """One figure of the runs that are done: a line per point, a dot per seed, a tick at their mean."""
    names = {run.name for run in runs}
    rows = [
        {"point": point, "run": name, "value": value}
        for point, trials in experiment.points.items()
        for name in trials
        if name in names and (value := _figure(experiment, name, title)) is not None
    ]
    points = list(dict.fromkeys(str(row["point"]) for row in rows))
    y = alt.Y("point:N", sort=points, title=None, axis=alt.Axis(labelLimit=260, grid=True))
    scale = alt.Scale(zero=False, nice=True)
    base = alt.Chart(_data(rows))
    dots = base.mark_circle(size=80, color=PLAYER_COLOURS["model"], opacity=0.8).encode(
        x=alt.X("value:Q", title=title, scale=scale, axis=_axis(_PLAIN)),
        y=y,
        tooltip=["run:N", alt.Tooltip("value:Q", format=".4~g", title=title)],
    )
    means = base.mark_tick(color=PLAYER_COLOURS["music"], thickness=2, size=16).encode(
        x=alt.X("mean(value):Q", title=title, scale=scale, axis=_axis(_PLAIN)), y=y
    )
    return _styled(alt.layer(dots, means), 24 * len(points) + 50)


def _figure(experiment: Experiment, trial: str, title: str) -> float | None:
    """A figure of a trial by its title; none where it isn't done, or wasn't asked for it."""
    outcome = experiment.outcomes.get(trial)
    if outcome is None:
        return None
    figures = {words: outcome[name] for name, words in OUTCOMES.items()}
    figures |= {name.replace("_", " "): value for name, value in outcome["measures"].items()}
    value = figures.get(title)
    return value if value is not None and isfinite(value) else None


def _mean(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _shares(spread: Spread, field: str) -> TableRows:
    total = sum(spread.counts)
    if field in ("gap", "length"):
        return _in_buckets(spread, total)
    first = LOWEST_KEY if field == "pitch" else 2
    step = 1 if field == "pitch" else 4
    return [
        {"x": first + step * place, "symbol": symbol, "share": 100 * count / total}
        for place, (symbol, count) in enumerate(zip(spread.symbols, spread.counts, strict=True))
    ]


def _in_buckets(spread: Spread, total: int) -> TableRows:
    """Seconds in even logarithmic steps, so that a wide symbol doesn't look more likely than it is."""
    counts: dict[int, int] = {}
    for symbol, count in zip(spread.symbols, spread.counts, strict=True):
        begin = max(float(symbol.partition("-")[0]), _SHORTEST_S)
        bucket = int(_BUCKETS_A_DECADE * log10(begin / _SHORTEST_S) + 1e-9)
        counts[bucket] = counts.get(bucket, 0) + count
    return [
        {
            "x": _SHORTEST_S * 10 ** (bucket / _BUCKETS_A_DECADE),
            "symbol": f"{_SHORTEST_S * 10 ** (bucket / _BUCKETS_A_DECADE):.2f} s"
            if bucket
            else "10 ms and less",
            "share": 100 * count / total,
        }
        for bucket, count in sorted(counts.items())
    ]


def _spread_axis(field: str) -> alt.X:
    if field in ("gap", "length"):
        seconds = alt.Axis(values=[0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30], format="~g")
        return alt.X(
            "x:Q", title=f"{field} in seconds", scale=alt.Scale(type="log", nice=False), axis=seconds
        )
    if field == "pitch":
        names = "'C' + (datum.value / 12 - 1)"
        octaves = alt.Axis(values=list(range(24, HIGHEST_KEY + 1, 12)), labelExpr=names)
        scale = alt.Scale(domain=[LOWEST_KEY, HIGHEST_KEY], nice=False)
        return alt.X("x:Q", title="pitch", scale=scale, axis=octaves)
    return alt.X("x:Q", title=field, scale=alt.Scale(domain=[0, 127], nice=False))


def _around_one(ratios: Sequence[float | None]) -> list[float]:
    """A range, alike on both sides of 1, that holds all ratios, and at least a quarter to four."""
    furthest = max((max(ratio, 1 / ratio) for ratio in ratios if ratio), default=1.0)
    reach = max(furthest * 1.15, 4.0)
    return [1 / reach, reach]


def _validation_rows(runs: Sequence[Run], since: int) -> TableRows:
    return [
        {"run": run.name, "step": row["step"], "value": row["loss"], "as_train": held_out_as_train(row)}
        for run in runs
        for row in _from(run.validation, since)
        if isfinite(row["loss"]) and isfinite(held_out_as_train(row))
    ]


def _from(rows: Sequence[Mapping[str, Any]], since: int) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["step"] >= since]


def _thinned(rows: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    step = -(-len(rows) // _MOST_POINTS) if rows else 1
    return rows[::step]


def _by_run(runs: Sequence[Run]) -> alt.Color:
    names = [run.name for run in runs]
    legend = alt.Legend(columns=_LEGEND_COLUMNS)
    return alt.Color("run:N", title=None, scale=alt.Scale(domain=names), legend=legend)


def _data(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """As a table: Altair would check and copy rows one by one, which takes seconds."""
    return pd.DataFrame(list(rows))


def _axis(format_: str) -> alt.Axis:
    return alt.Axis(format=format_)


def _styled(chart: Chart, height: int) -> Chart:
    """As wide as its place; inks and grounds, and the colours of runs, are the page's."""
    return (
        chart.properties(height=height + _AXES, width="container", background="transparent")
        .configure_view(strokeWidth=0)
        .configure_legend(orient="top", labelLimit=260, symbolOpacity=1)
    )
