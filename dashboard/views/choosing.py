"""What pages share: choosing a report, and telling in words what couldn't be read or isn't there."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from dashboard.places import Places
from dashboard.reports import JudgedReport, ReportHead, load_report
from dashboard.runs import changed_ns, find_reports
from dashboard.views import choices
from music.file_names import readable
from music.settings import SettingError

TRAIN = "antiphon train first-light"


def chosen_report(places: Places) -> JudgedReport | None:
    """The report that is chosen; none where there is none or it can't be read, and the page says so."""
    found = find_reports(places)
    tell_troubles(found.troubles)
    if not found.reports:
        tell_no_reports(places)
        return None
    heads = {
        report_name(places, head.path): head
        for head in sorted(found.reports, key=lambda head: -changed_ns(head.path))
    }
    chosen = choices.one(
        st.selectbox,
        "Model and music",
        list(heads),
        name="report",
        at_first=next((name for name, head in heads.items() if _is_whole(head)), None),
        format_func=lambda name: heads[name].title,
    )
    try:
        return load_report(heads[chosen].path)
    except SettingError as error:
        tell_troubles([str(error)])
        return None


def report_name(places: Places, report: Path) -> str:
    """Where it lies, as a link says it: alike on every machine."""
    above = places.models if places.models in report.parents else places.runs
    return report.relative_to(above).as_posix()


def _is_whole(head: ReportHead) -> bool:
    try:
        load_report(head.path)
    except SettingError:
        return False
    return True


def tell_troubles(troubles: Sequence[str]) -> None:
    """A line for each file that was left out."""
    for trouble in troubles:
        st.warning(readable(trouble), icon=":material/report:")


def tell_no_reports(places: Places) -> None:
    """What to do where no model has been judged."""
    st.info(
        f"No model has been judged yet: no report lies in {_named(places)}. Judge a run with "
        "`antiphon evaluate RUN`, or an exported file with `antiphon evaluate FILE.onnx`.",
        icon=":material/balance:",
    )


def tell_no_runs(places: Places) -> None:
    """What an empty folder means, and how to fill it."""
    there = "has no run" if places.runs.is_dir() else "is not there"
    st.info(
        f"The folder {places.runs} {there} yet. Train a model with `{TRAIN}`, or say where runs "
        "lie with `--runs DIR`. "
        "Meanwhile, here is the model that Antiphon carries.",
        icon=":material/hourglass_empty:",
    )


def _named(places: Places) -> str:
    return f"{places.runs} or {places.models}"
