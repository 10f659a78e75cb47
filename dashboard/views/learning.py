"""Runs and how they learn: curves of several together, what each is made of, what came of an experiment."""

import sys
from typing import Any

import streamlit as st

from dashboard import charts
from dashboard.places import Places, places_from
from dashboard.runs import Alike, Experiment, Found, Run, default_reports, find_runs, grouped
from dashboard.views import choices
from dashboard.views.choosing import tell_no_runs, tell_troubles

_MOST_AT_FIRST = 4
_REFRESH_S = 10.0
_HELD_OUT = charts.OUTCOMES["validation"]
_ALONE = "none: runs of their own"


def show(places: Places) -> None:
    """The page."""
    st.title("Runs")
    found = find_runs(places)
    tell_troubles(found.troubles)
    if not found.runs and not found.experiments:
        tell_no_runs(places)
        _show_default(places)
        return
    experiment = _chosen_experiment(found)
    within = found.runs if experiment is None else experiment.runs
    names = [run.name for run in within]
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    chosen = choices.several(
        left.multiselect,
        "Runs, newest first" if experiment is None else f"Runs of {experiment.name}",
        names,
        name="runs" if experiment is None else f"runs of {experiment.name}",
        at_first=names[:_MOST_AT_FIRST] if experiment is None else _one_a_point(experiment),
    )
    does_follow = choices.switch(
        right.toggle, "Follow", name="follow", help=f"read the curves again every {_REFRESH_S:.0f} seconds"
    )
    if right.button("Refresh", icon=":material/refresh:", width="stretch"):
        st.rerun()
    every = _REFRESH_S if does_follow else None
    st.fragment(_show_chosen, run_every=every)(
        places, None if experiment is None else experiment.name, tuple(chosen)
    )


def _chosen_experiment(found: Found) -> Experiment | None:
    """The experiment that is chosen; none where runs of their own are."""
    if not found.experiments:
        return None
    names = [experiment.name for experiment in found.experiments]
    chosen = choices.one(
        st.selectbox,
        "Experiment",
        [_ALONE, *names] if found.runs else names,
        name="experiment",
        help="runs that belong together",
    )
    return next((experiment for experiment in found.experiments if experiment.name == chosen), None)


def _one_a_point(experiment: Experiment) -> list[str]:
    """The first run of each point of an experiment, as far as colours go."""
    begun = {run.name for run in experiment.runs}
    first = [next((name for name in trials if name in begun), None) for trials in experiment.points.values()]
    return [name for name in first if name is not None][: len(charts.RUN_COLOURS)]


def _show_chosen(places: Places, experiment_name: str | None, names: tuple[str, ...]) -> None:
    found = find_runs(places)
    within = found.runs
    for experiment in found.experiments:
        if experiment.name == experiment_name:
            within = experiment.runs
            _show_outcomes(experiment)
    by_name = {run.name: run for run in within}
    runs = [by_name[name] for name in names if name in by_name]
    if not runs:
        st.write("Choose a run to see its curves." if within else "None of its runs has begun yet.")
        return
    st.dataframe([_row(run) for run in runs], hide_index=True, width="stretch")
    _tell_diverged([run for run in runs if run.diverged_at is not None])
    _show_curves([run for run in runs if run.train or run.validation])
    without = [run.name for run in runs if not (run.train or run.validation) and run.diverged_at is None]
    if without:
        st.caption(f"No step recorded yet: {', '.join(without)}.")


def _tell_diverged(runs: list[Run]) -> None:
    for run in runs:
        first = [int(row["step"]) for row in (*run.train[:1], *run.validation[:1])]
        is_drawn = any(step < (run.diverged_at or 0) for step in first)
        st.warning(
            f"**{run.name}** diverged at step {run.diverged_at:,}: from there on its loss is no number. "
            + ("Its curves end with a cross. " if is_drawn else "It has no curve before that. ")
            + "Begin a new run with a lower rate (`--set learning.rate=…`).",
            icon=":material/trending_up:",
        )


def _show_outcomes(experiment: Experiment) -> None:
    st.subheader("What came of it", help="Click on a column's head to rank by it.")
    st.caption(_summary_of(experiment))
    if len(experiment.points) < len(experiment.trials):
        _table(charts.points_of(experiment))
        with st.expander("Run by run"):
            _table(charts.outcomes_of(experiment))
    else:
        _table(charts.outcomes_of(experiment))
    if experiment.outcomes:
        _show_dots(experiment)


def _summary_of(experiment: Experiment) -> str:
    done = f"{len(experiment.outcomes)} of {len(experiment.trials)} runs are done."
    groups = list(grouped(experiment.runs))
    if len(groups) > 1:
        return f"{done} Losses of different measures or encodings can't be compared."
    return f"{done} Losses are {groups[0].measure}, encoding {groups[0].written}." if groups else done


def _show_dots(experiment: Experiment) -> None:
    """One figure at a time; runs of different measures or encodings apart, as they can't be compared."""
    titles = charts.titles_of(experiment)
    name = f"figure of {experiment.name}"
    title = choices.one(st.selectbox, "Figure", titles, name=name, at_first=_HELD_OUT)
    done = [run for run in experiment.runs if run.name in experiment.outcomes]
    groups = grouped(_in_order(done, experiment))
    for alike, group in groups.items():
        if len(groups) > 1:
            st.caption(f"{alike.measure.capitalize()}, encoding {alike.written}")
        _draw(charts.outcome_dots(experiment, group, title))
    st.caption("A dot is a run, the amber mark the mean over its seeds.")


def _in_order(runs: list[Run], experiment: Experiment) -> list[Run]:
    return sorted(runs, key=lambda run: experiment.trials.index(run.name))


def _table(rows: charts.TableRows) -> None:
    st.dataframe(rows, hide_index=True, width="stretch")


def _show_curves(runs: list[Run]) -> None:
    """All curves, those of different measures apart."""
    if not runs:
        return
    longest = max(run.done for run in runs)
    since = choices.number(
        st.slider, "From step", 0, max(longest - 1, 1), name="since", help="leave out the steep beginning"
    )
    groups = grouped(runs)
    for alike, group in groups.items():
        if len(groups) > 1:
            st.header(f"{alike.measure.capitalize()}, encoding {alike.written}", divider="gray")
        _show_group(alike, group, since)


def _show_group(alike: Alike, runs: list[Run], since: int) -> None:
    if not alike.is_likelihood:
        st.caption(
            f"A {alike.measure} is no likelihood: it says how a model learns, not how good it is "
            "beside models of another kind."
        )
    left, right = st.columns(2)
    with left:
        st.subheader(
            "Learning",
            help=f"{alike.measure.capitalize()}: train music as a thin line, held-out pieces as dots.",
        )
        _draw(charts.loss_curves(runs, alike.measure, since=since))
    with right:
        st.subheader(
            "Held-out pieces",
            help=f"{alike.held_out_measure.capitalize()}, the figure that models are compared by. "
            "Less is better."
            if alike.is_likelihood
            else f"{alike.held_out_measure.capitalize()}, as it is learnt by.",
        )
        _draw(charts.held_out_curves(runs, alike.held_out_measure, since=since))
    with left:
        st.subheader("Learning rate")
        _draw(charts.train_curves(runs, "rate", "rate", ".0e"))
    with right:
        st.subheader("Speed")
        _draw(charts.train_curves(runs, "rows_a_second", f"{alike.unit}s a second", ",d"))


def _row(run: Run) -> dict[str, Any]:
    return {
        "run": run.name,
        "steps": run.progress,
        "best": None if run.best is None else round(run.best, 3),
        "measure": run.alike.held_out_measure,
        "encoding": run.alike.written,
        "learnt from": run.learnt_from,
        "tier": run.record["tier"],
        "model": run.model,
        "what it is": run.record["recipe"]["about"],
    }


def _show_default(places: Places) -> None:
    reports = default_reports(places)
    if not reports:
        st.write("Its evaluation is not here yet: `antiphon evaluate realtime/models/default.onnx` makes it.")
        return
    for report in reports:
        st.subheader(report.head.title)
        carried, bigram = report.score("state carried"), report.score("bigram")
        columns = st.columns(4)
        if carried:
            columns[0].metric("nats a note", f"{carried.nats:.2f}", help="state carried; less is better")
        if bigram:
            columns[1].metric("note bigram", f"{bigram.nats:.2f}", help="what mere counting knows")
        if "model" in report.agreement and "in_key" in report.agreement["model"]:
            agreement = report.agreement
            columns[2].metric("answers in key", f"{agreement['model']['in_key']:.0%}")
            columns[3].metric("density off by", f"× {agreement['model']['density_off_by']:.2f}")
        _draw(charts.likelihood_bars(report))
    st.write("What it answers can be seen and heard under **Calls and answers**.")


def _draw(chart: charts.Chart) -> None:
    st.altair_chart(chart, theme=None, width="stretch")


if __name__ == "__main__":
    show(places_from(sys.argv[1:]))
