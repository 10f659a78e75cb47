"""All models in one table, a row a report; two or more of them beside each other, to see and to hear."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.charts import likelihood_along
from dashboard.comparing import charts
from dashboard.comparing.models import (
    Belongs,
    ModelRow,
    alone_of,
    belongs_of,
    labels_of,
    row_of,
    shared_calls,
    unlike,
)
from dashboard.comparing.side_by_side import side_by_side
from dashboard.places import Places, places_from
from dashboard.reports import JudgedReport, load_report
from dashboard.runs import find_reports
from dashboard.views import choices
from dashboard.views.choosing import report_name, tell_troubles
from dashboard.views.drawing import draw, save_rows, show_rolls
from dashboard.views.sending import offer_file
from music.settings import SettingError

_ANY = "any"


def show(places: Places) -> None:
    """The page."""
    st.title("Models")
    found = _all_models(places)
    rows = found.rows
    if not rows:
        st.info(
            f"No model has been judged yet: no report lies in {places.runs}. Judge a run with "
            "`antiphon evaluate RUN`, or an exported file with `antiphon evaluate FILE.onnx`.",
            icon=":material/balance:",
        )
        return
    within = _filtered(rows)
    records = [row.record(found.belonging.get(name), found.alone.get(name)) for name, row in within.items()]
    chosen = choices.ticked(
        st.dataframe,
        records,
        list(within),
        name="beside",
        hide_index=True,
        width="stretch",
        column_config=_columns(),
    )
    save_rows(records, "models")
    if len(chosen) < 2:
        st.caption("Tick two or more rows to see and hear those models beside each other.")
        return
    _compare(places, {name: within[name] for name in chosen}, found.belonging)


@dataclass(frozen=True, slots=True)
class _Models:
    """Rows by where their reports lie, newest first, and what is known beside them."""

    rows: Mapping[str, ModelRow]
    belonging: Mapping[str, Belongs]
    alone: Mapping[str, float]


def _all_models(places: Places) -> _Models:
    found = find_reports(places)
    troubles = list(found.troubles)
    rows: dict[str, ModelRow] = {}
    belonging: dict[str, Belongs] = {}
    alone: dict[str, float] = {}
    for head in found.reports:
        name = report_name(places, head)
        troubles += _read_into(rows, name, head.path, row_of)
        troubles += _read_into(belonging, name, head.path, belongs_of)
        troubles += _read_into(alone, name, head.path, alone_of)
    tell_troubles(troubles)
    by_date = sorted(rows, key=lambda name: rows[name].date, reverse=True)
    return _Models({name: rows[name] for name in by_date}, belonging, alone)


def _read_into(known: dict[str, Any], name: str, path: Path, read: Callable[[Path], Any]) -> list[str]:
    """Add what is known of a report, if anything; a sentence where it can't be read."""
    try:
        value = read(path)
    except SettingError as error:
        return [str(error)]
    if value is not None:
        known[name] = value
    return []


def _filtered(rows: Mapping[str, ModelRow]) -> dict[str, ModelRow]:
    left, middle, right = st.columns([2, 2, 3], vertical_alignment="bottom")
    music = choices.one(
        left.selectbox, "Music", [_ANY, *sorted({row.music for row in rows.values()})], name="music"
    )
    tier = choices.one(
        middle.selectbox, "Licence tier", [_ANY, *sorted({row.tier for row in rows.values()})], name="tier"
    )
    right.caption("A click on a column's head sorts by it. Likelihoods compare on the same music alone.")
    kept = {
        name: row for name, row in rows.items() if music in (_ANY, row.music) and tier in (_ANY, row.tier)
    }
    if not kept:
        st.info("No model is both: choose another music or tier.")
    return kept


def _columns() -> dict[str, Any]:
    two = st.column_config.NumberColumn(format="%.2f")
    whole = st.column_config.NumberColumn(format="%.0f")
    names = ("nats a note", "±", "note bigram", "better by", "belongs", "s an answer", "MB")
    percent = ("gross faults %", "notes in common %", "alone like people %")
    return dict.fromkeys(names, two) | dict.fromkeys(percent, whole)


def _compare(places: Places, rows: Mapping[str, ModelRow], belonging: Mapping[str, Belongs]) -> None:
    labels = labels_of(rows)
    st.subheader(
        "Better than counting",
        help="By how much the held-out notes are likelier to the model than to a bigram of the same notes.",
    )
    draw(charts.ahead_bars({labels[name]: row for name, row in rows.items()}))
    known = {labels[name]: belonging[name] for name in rows if name in belonging}
    if known:
        st.subheader("Whether answers belong to their calls")
        draw(charts.belonging_bars(known, list(labels.values())))
    reports = _whole(rows)
    for music, group in unlike(rows[name] for name in reports).items():
        st.subheader(f"Piece by piece: {music}")
        paths = {row.path for row in group}
        same_music = {labels[name]: one for name, one in reports.items() if one.path in paths}
        draw(charts.piece_dots(same_music, list(labels.values())))
        along = likelihood_along(same_music, list(labels.values()))
        if along is not None:
            st.subheader(f"Along a piece: {music}")
            draw(along)
    _show_answers(places, {labels[name]: report for name, report in reports.items()})
    if reports:
        offer_file(places, {name: rows[name].path for name in reports})


def _whole(rows: Mapping[str, ModelRow]) -> dict[str, JudgedReport]:
    """The reports of rows that can be read to their end."""
    reports = {}
    for name, row in rows.items():
        try:
            reports[name] = load_report(row.path)
        except SettingError as error:
            tell_troubles([str(error)])
    return reports


def _show_answers(places: Places, reports: Mapping[str, JudgedReport]) -> None:
    st.subheader("The same call, answered by each")
    calls = shared_calls(list(reports.values()))
    if not calls:
        st.info("No call was answered by all of them: judge them on the same music, with answers.")
        return
    call = choices.one(st.selectbox, "Call", list(calls), name="call beside")
    shown = side_by_side(places, reports, calls[call])
    if shown.lacks:
        st.info(shown.lacks, icon=":material/inventory_2:")
    show_rolls(shown.rolls, "Piano rolls of a call and its answers")


if __name__ == "__main__":
    show(places_from(sys.argv[1:]))
