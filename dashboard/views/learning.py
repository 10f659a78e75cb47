"""Runs and how they learn: all in a table with what differs, and the curves of those that are ticked."""

import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard import charts
from dashboard.colours import MANY
from dashboard.comparing.across import Across
from dashboard.comparing.remarks import Remarks, keep, remarks_on, tags_in
from dashboard.comparing.runs import LEARNING, is_alive, table_of
from dashboard.places import Places, places_from
from dashboard.runs import Alike, Experiment, Found, Run, default_reports, find_runs, grouped, written_ns
from dashboard.views import choices
from dashboard.views.choosing import tell_no_runs, tell_troubles
from dashboard.views.drawing import draw, save_rows, show_pictures
from evaluation.scoring.unknown import MOST_UNKNOWN, share_in_words
from music.file_names import readable
from music.settings import SettingError

_MOST_AT_FIRST = 4
_REFRESH_S = 4.0
_ANY = "any"
_LINEAR, _LOGARITHMIC = "linear", "logarithmic"
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
    name = None if experiment is None else experiment.name
    within = _runs_of(found, name)
    if not within:
        st.write("None of its runs has begun yet.")
        return
    folder = places.runs / (name or "")
    is_any_alive = any(is_alive(run, _silent_s(folder, run)) for run in within)
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    left.caption("Tick rows to see their curves. A click on a column's head sorts by it.")
    does_follow = choices.switch(
        right.toggle,
        "Follow",
        name="follow",
        at_first=is_any_alive,
        help=f"read everything again every {_REFRESH_S:.0f} seconds; on by itself while a run is alive",
    )
    st.fragment(_show_runs, run_every=_REFRESH_S if does_follow else None)(places, name)


def _runs_of(found: Found, experiment_name: str | None) -> Sequence[Run]:
    """Those of an experiment, or runs of their own."""
    if experiment_name is None:
        return found.runs
    return next((one.runs for one in found.experiments if one.name == experiment_name), ())


def _silent_s(folder: Path, run: Run) -> float:
    """How long ago it wrote anything last."""
    return (time.time_ns() - written_ns(folder / run.name)) / 1e9


def _show_runs(places: Places, experiment_name: str | None) -> None:
    """The table, and the curves of what is ticked, as the files say now."""
    found, folder = find_runs(places), places.runs / (experiment_name or "")
    by_name = {run.name: run for run in _runs_of(found, experiment_name)}
    remarks = _remarks(folder, by_name)
    tag = _chosen_tag(remarks)
    newest_first = [name for name in by_name if tag == _ANY or tag in remarks.get(name, Remarks()).tags]
    table = "runs" if experiment_name is None else f"runs of {experiment_name}"
    names = choices.steady(newest_first, name=table)
    records = table_of(
        [by_name[name] for name in names],
        {name: _silent_s(folder, by_name[name]) for name in names},
        remarks,
    )
    experiment = next((one for one in found.experiments if one.name == experiment_name), None)
    chosen = choices.ticked(
        st.dataframe,
        records,
        names,
        name=table,
        at_first=names[:_MOST_AT_FIRST] if experiment is None else _one_a_point(experiment),
        hide_index=True,
        width="stretch",
        column_config=_columns(records),
    )
    save_rows(records, "runs")
    runs = [by_name[name] for name in chosen]
    if not runs:
        st.write("Tick a run to see its curves.")
        return
    _tell_diverged([run for run in runs if run.diverged_at is not None])
    _show_curves([run for run in runs if run.train or run.validation])
    show_pictures(folder, [run.name for run in runs])
    without = [run.name for run in runs if not (run.train or run.validation) and run.diverged_at is None]
    if without:
        st.caption(f"No step recorded yet: {', '.join(without)}.")
    _edit_remarks(folder, [run.name for run in runs], remarks)


def _remarks(folder: Path, names: Iterable[str]) -> dict[str, Remarks]:
    """What was remarked on runs; one whose remarks can't be read is left out, and the page says so."""
    found = {}
    for name in names:
        try:
            found[name] = remarks_on(folder / name)
        except SettingError as why:
            tell_troubles([str(why)])
    return found


def _chosen_tag(remarks: Mapping[str, Remarks]) -> str:
    tags = sorted({tag for one in remarks.values() for tag in one.tags})
    return choices.one(st.selectbox, "Tag", [_ANY, *tags], name="tag") if tags else _ANY


def _columns(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    best = st.column_config.NumberColumn(format="%.3f")
    measures = [name for name in records[0] if name.startswith("best, ")] if records else []
    return dict.fromkeys(measures, best) | {
        LEARNING: st.column_config.LineChartColumn(LEARNING),
        "tags": st.column_config.ListColumn("tags"),
    }


def _edit_remarks(folder: Path, names: Sequence[str], remarks: Mapping[str, Remarks]) -> None:
    """Tags and a note for one of the runs that are ticked, kept beside it."""
    with st.expander("Tags and notes"):
        name = choices.one(st.selectbox, "Of the run", names, name="remarks of")
        if name not in remarks:
            return
        # As they were when this page showed them first: what changed since is somebody else's.
        before = st.session_state.setdefault(f"remarks before, {name}", remarks[name])
        tags = st.text_input("Tags, with commas between them", ", ".join(before.tags), key=f"tags of {name}")
        note = st.text_area("Note", before.note, key=f"note on {name}")
        if st.button("Keep", icon=":material/save:", key=f"keep remarks on {name}"):
            wanted = Remarks(tags_in(tags), note)
            try:
                keep(folder / name, wanted, before)
            except SettingError as why:
                st.warning(readable(str(why)), icon=":material/report:")
            else:
                st.session_state[f"remarks before, {name}"] = wanted
                st.rerun()


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
    return [name for name in first if name is not None][:MANY]


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


def _tell_unknown(runs: list[Run]) -> None:
    """Of each run whose symbols come from music, how much of the held-out pieces it can't know."""
    for run in runs:
        share = run.validation[-1].get("unknown") if run.validation else None
        if isinstance(share, float):
            words = f"{run.name}: {share_in_words(share, 'held-out row')}."
            (st.warning if share > MOST_UNKNOWN else st.caption)(words)


def _show_curves(runs: list[Run]) -> None:
    """All curves, those of different measures apart."""
    if not runs:
        return
    longest = max(run.done for run in runs)
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    words = [one.value for one in Across]
    across = Across(choices.one(middle.segmented_control, "Across", words, name="across"))
    scale = choices.one(right.segmented_control, "Up", [_LINEAR, _LOGARITHMIC], name="up")
    since = choices.number(
        left.slider, "From step", 0, max(longest - 1, 1), name="since", help="leave out the steep beginning"
    )
    unplaced = [run.name for run in runs if across.place_in(run) is None]
    if unplaced:
        st.caption(f"Older runs don't say their {across.value}, so they are left out: {', '.join(unplaced)}.")
    groups = grouped(runs)
    for alike, group in groups.items():
        if len(groups) > 1:
            st.header(f"{alike.measure.capitalize()}, encoding {alike.written}", divider="gray")
        _show_group(alike, group, since, charts.Axes(across, scale == _LOGARITHMIC))


def _show_group(alike: Alike, runs: list[Run], since: int, axes: charts.Axes) -> None:
    which = f"{alike.measure}, {alike.written} {alike.fingerprint}".strip()
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
        draw(charts.loss_curves(runs, alike.measure, since=since, axes=axes), f"learning, {which}")
    with right:
        st.subheader(
            "Held-out pieces",
            help=f"{alike.held_out_measure.capitalize()}, the figure that models are compared by. "
            "Less is better."
            if alike.is_likelihood
            else f"{alike.held_out_measure.capitalize()}, as it is learnt by.",
        )
        draw(
            charts.held_out_curves(runs, alike.held_out_measure, since=since, axes=axes),
            f"held-out pieces, {which}",
        )
        _tell_unknown(runs)
    with left:
        st.subheader("Learning rate")
        draw(
            charts.train_curves(runs, "rate", "rate", ".0e", since=since, axes=axes),
            f"learning rate, {which}",
        )
    with right:
        st.subheader("Speed")
        title = f"{alike.unit}s a second"
        draw(
            charts.train_curves(runs, "rows_a_second", title, ",d", since=since, axes=axes),
            f"speed, {which}",
        )


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
        draw(charts.likelihood_bars(report), f"likelihood, {report.head.title}")
    st.write("What it answers can be seen and heard under **Calls and answers**.")


if __name__ == "__main__":
    show(places_from(sys.argv[1:]))
