"""Runs and how they learn: curves of several together, and what each is made of."""

import sys
from typing import Any

import streamlit as st

from dashboard import charts
from dashboard.places import Places, places_from
from dashboard.runs import Run, default_reports, find_runs
from dashboard.views.choosing import tell_no_runs, tell_troubles

_MOST_AT_FIRST = 4
_REFRESH_S = 10.0


def show(places: Places) -> None:
    """The page."""
    st.title("Runs")
    found = find_runs(places)
    tell_troubles(found.troubles)
    if not found.runs:
        tell_no_runs(places)
        _show_default(places)
        return
    names = [run.name for run in found.runs]
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    chosen = left.multiselect("Runs, newest first", names, default=names[:_MOST_AT_FIRST], key="runs")
    right.toggle("Follow", key="follow", help=f"read the curves again every {_REFRESH_S:.0f} seconds")
    if right.button("Refresh", icon=":material/refresh:", width="stretch"):
        st.rerun()
    every = _REFRESH_S if st.session_state.get("follow") else None
    st.fragment(_show_chosen, run_every=every)(places, tuple(chosen))


def _show_chosen(places: Places, names: tuple[str, ...]) -> None:
    by_name = {run.name: run for run in find_runs(places).runs}
    runs = [by_name[name] for name in names if name in by_name]
    if not runs:
        st.write("Choose a run to see its curves.")
        return
    st.dataframe([_row(run) for run in runs], hide_index=True, width="stretch")
    _show_curves([run for run in runs if run.train or run.validation])
    without = [run.name for run in runs if not (run.train or run.validation)]
    if without:
        st.caption(f"Not a step told yet: {', '.join(without)}.")


def _show_curves(runs: list[Run]) -> None:
    if not runs:
        return
    longest = max(run.done for run in runs)
    since = st.slider(
        "From step", 0, max(longest - 1, 1), 0, help="leave out the steep beginning", key="since"
    )
    left, right = st.columns(2)
    with left:
        st.subheader("Learning", help="Nats an event: train music as a thin line, held-out pieces as dots.")
        _draw(charts.loss_curves(runs, since=since))
    with right:
        st.subheader(
            "Held-out pieces", help="Nats a note, the figure that models are compared by. Less is better."
        )
        _draw(charts.held_out_curves(runs, since=since))
    with left:
        st.subheader("Learning rate")
        _draw(charts.train_curves(runs, "rate", "rate", ".0e"))
    with right:
        st.subheader("Speed")
        _draw(charts.train_curves(runs, "events_a_second", "events a second", ",d"))


def _row(run: Run) -> dict[str, Any]:
    model = run.told["recipe"].get("model", {})
    return {
        "run": run.name,
        "steps": f"{run.done:,} of {run.steps:,}",
        "best, nats a note": None if run.best is None else round(run.best, 3),
        "learnt from": run.learnt_from,
        "tier": run.told["tier"],
        "size": " × ".join(str(model[name]) for name in ("layers", "width") if name in model),
        "what it is": run.told["recipe"]["about"],
    }


def _show_default(places: Places) -> None:
    reports = default_reports(places)
    if not reports:
        st.write("Its evaluation is not here yet: `antiphon evaluate realtime/models/default.onnx` makes it.")
        return
    for report in reports:
        st.subheader(report.title)
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
