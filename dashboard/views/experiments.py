"""Runs that belong together: what came of each point, seeds as points with their mean, and their charts."""

import sys
from pathlib import Path

import streamlit as st

from dashboard import charts
from dashboard.comparing.experiments import MUSIC, apart, class_dots, not_defined, ranges_of
from dashboard.pictures.kept import Picture, classes_in, pictures_of_points
from dashboard.places import Places, places_from
from dashboard.runs import Alike, Experiment, Run, find_runs
from dashboard.views import choices
from dashboard.views.choosing import tell_troubles
from dashboard.views.drawing import draw, save_rows, show_each, show_pictures
from music.settings import SettingError

_OF_CLASSES = dict.fromkeys(("precision", "recall", "F1"), st.column_config.NumberColumn(format="%.3f"))
_HELD_OUT = charts.OUTCOMES["validation"]


def show(places: Places) -> None:
    """The page."""
    st.title("Experiments")
    found = find_runs(places)
    tell_troubles(found.troubles)
    if not found.experiments:
        st.info(
            f"No experiment lies in {places.runs} yet: `antiphon train a4-memory --small` carries one out.",
            icon=":material/science:",
        )
        return
    by_name = {experiment.name: experiment for experiment in found.experiments}
    name = choices.one(
        st.selectbox, "Experiment", list(by_name), name="experiment", help="runs that belong together"
    )
    experiment = by_name[name]
    _show_outcomes(places, experiment)
    _show_charts(places, experiment)


def _show_outcomes(places: Places, experiment: Experiment) -> None:
    st.subheader("What came of it", help="Click on a column's head to rank by it.")
    done = f"{len(experiment.outcomes)} of {len(experiment.trials)} runs are done."
    parts = apart(experiment)
    if sum(alike is not None for alike, _ in parts) > 1:
        done += " Losses of different measures or encodings can't be compared: each has a table of its own."
    st.caption(done)
    for place, (alike, part) in enumerate(parts):
        st.caption(_about(alike))
        _show_part(places.runs / experiment.name, part, place)


def _about(alike: Alike | None) -> str:
    """What the losses of a part are."""
    return "Not begun" if alike is None else f"{alike.measure.capitalize()}, encoding {alike.written}"


def _show_part(folder: Path, part: Experiment, place: int) -> None:
    """Its tables, and one figure at a time as dots."""
    has_seeds = len(part.points) < len(part.trials)
    rows = charts.points_of(part) if has_seeds else charts.outcomes_of(part)
    st.dataframe(rows, hide_index=True, width="stretch")
    save_rows(rows, f"{part.name} {place + 1}")
    if has_seeds:
        with st.expander("Run by run"):
            st.dataframe(charts.outcomes_of(part), hide_index=True, width="stretch")
    if not part.outcomes:
        return
    _show_certainty(part, place)
    name = f"figure of {part.name}" + (f", {place + 1}" if place else "")
    title = choices.one(st.selectbox, "Figure", charts.titles_of(part), name=name, at_first=_HELD_OUT)
    draw(charts.outcome_dots(part, _in_order(part), title), f"{title} of {part.name} {place + 1}")
    st.caption("A dot is a run, the amber mark the mean over its seeds.")
    _show_classes(folder, part, place)


def _show_certainty(part: Experiment, place: int) -> None:
    """How far figures are certain, and why some are missing, where the runs say so."""
    if rows := ranges_of(part):
        with st.expander("Ranges"):
            st.caption("From and to: between these lie 95 of 100 samples of its pieces, drawn again.")
            st.dataframe(rows, hide_index=True, width="stretch")
            save_rows(rows, f"ranges of {part.name} {place + 1}")
    if rows := not_defined(part):
        with st.expander("What is not defined"):
            st.dataframe(rows, hide_index=True, width="stretch")


def _show_classes(folder: Path, part: Experiment, place: int) -> None:
    found = {words: class_dots(part, music) for music, words in MUSIC.items()}
    there = {words: chart for words, chart in found.items() if chart is not None}
    if not there:
        return
    st.subheader(
        "By class",
        help="Precision and recall are means over the symbols that occur or are said, each alike; F1 is "
        "that of the two.",
    )
    for column, (words, chart) in zip(st.columns(len(there)), there.items(), strict=True):
        with column:
            st.markdown(f"**{words}**")
            draw(chart, f"classes, {words}, of {part.name} {place + 1}")
    _show_each_class(folder, part)


def _show_each_class(folder: Path, part: Experiment) -> None:
    """Every symbol of one run with its figures; older runs kept only the averages."""
    found = {}
    for run in _in_order(part):
        try:
            if each := classes_in(folder / run.name):
                found[run.name] = each
        except SettingError as why:
            tell_troubles([str(why)])
    if not found:
        st.caption("Its runs kept averages alone: runs from now on keep every class.")
        return
    name = choices.one(
        st.selectbox, "Class by class, of the run", list(found), name=f"classes of {part.name}"
    )
    for column, (words, rows) in zip(st.columns(len(found[name])), found[name].items(), strict=True):
        with column:
            st.markdown(f"**{words}**")
            st.dataframe(rows, hide_index=True, width="stretch", column_config=_OF_CLASSES)
            save_rows(rows, f"{name}, {words}")


def _in_order(part: Experiment) -> list[Run]:
    done = [run for run in part.runs if run.name in part.outcomes]
    return sorted(done, key=lambda run: part.trials.index(run.name))


def _show_charts(places: Places, experiment: Experiment) -> None:
    """What `antiphon draw` draws of it: the whole first, then run by run."""
    folder = places.runs / experiment.name
    whole: list[tuple[str, Picture]] = []
    try:
        whole = list(pictures_of_points(folder)) if experiment.outcomes else []
    except SettingError as why:
        tell_troubles([str(why)])
    st.subheader("Charts")
    if whole:
        show_each(whole, experiment.name)
    show_pictures(folder, [run.name for run in experiment.runs])
    st.caption(
        f"`antiphon draw {experiment.name} --to DIR` writes them as files. What lies in a run's folder "
        "`pictures`, as its embeddings on a plane (`antiphon draw RUN --embeddings --to RUN/pictures`), is "
        "shown with them."
    )


if __name__ == "__main__":
    show(places_from(sys.argv[1:]))
