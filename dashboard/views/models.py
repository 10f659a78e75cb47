"""All models in one table, a row a report; two or more of them beside each other, to see and to hear."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.charts import likelihood_along
from dashboard.comparing import charts
from dashboard.comparing.beside import Belongs, PlaysAlone, alone_of, belongs_of, by_scope
from dashboard.comparing.models import ModelRow, labels_of, records_of, row_of, shared_calls, unlike
from dashboard.comparing.side_by_side import side_by_side
from dashboard.judged.folders import reports_for_a_row
from dashboard.places import Places, places_from
from dashboard.reports import JudgedReport, load_report
from dashboard.runs import evaluation_folders
from dashboard.views import choices
from dashboard.views.choosing import report_name, tell_no_reports, tell_troubles
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
        tell_no_reports(places)
        return
    within = _filtered(rows)
    records = records_of(within, found.belonging, found.alone)
    chosen = choices.ticked(
        st.dataframe,
        records,
        list(within),
        name="beside",
        hide_index=True,
        width="stretch",
        column_config=_columns(records),
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
    alone: Mapping[str, PlaysAlone]


def _all_models(places: Places) -> _Models:
    rows: dict[str, ModelRow] = {}
    belonging: dict[str, Belongs] = {}
    alone: dict[str, PlaysAlone] = {}
    troubles: dict[str, None] = {}  # each once, though it be beside two reports
    for path in (path for folder in evaluation_folders(places) for path in reports_for_a_row(folder)):
        name = report_name(places, path)
        try:
            rows[name] = row_of(path)
        except SettingError as why:
            troubles[str(why)] = None
        belongs, of_belonging = belongs_of(path)
        by_itself, of_alone = alone_of(path)
        troubles |= dict.fromkeys((*of_belonging, *of_alone))
        if belongs is not None:
            belonging[name] = belongs
        if by_itself is not None:
            alone[name] = by_itself
    tell_troubles(list(troubles))
    by_date = sorted(rows, key=lambda name: rows[name].date, reverse=True)
    return _Models({name: rows[name] for name in by_date}, belonging, alone)


_FILTERS: dict[str, Callable[[ModelRow], str]] = {
    "Music": lambda row: row.music,
    "Licence tier": lambda row: row.tier,
    "Family": lambda row: row.family,
    "Precision": lambda row: row.precision,
}
_IN_ADDRESS = {"Music": "music", "Licence tier": "tier", "Family": "family", "Precision": "precision"}


def _filtered(rows: Mapping[str, ModelRow]) -> dict[str, ModelRow]:
    """Those whose name has the letters that are written, and that are all that is chosen."""
    first, *others = st.columns([3, 3, 2, 2, 2], vertical_alignment="bottom")
    letters = choices.words(first.text_input, "Name has", name="called").casefold()
    kept = {name: row for name, row in rows.items() if letters in row.model.casefold()}
    for place, (label, of) in zip(others, _FILTERS.items(), strict=True):
        there = sorted({of(row) for row in rows.values()} - {""})
        wanted = choices.one(place.selectbox, label, [_ANY, *there], name=_IN_ADDRESS[label])
        kept = {name: row for name, row in kept.items() if wanted in (_ANY, of(row))}
    st.caption(
        "A click on a column's head sorts by it. Likelihoods compare on the same music alone, and shares of "
        "answers on the same calls."
    )
    if not kept:
        st.info("No model is all of that: leave a choice out.")
    return kept


def _columns(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    two = st.column_config.NumberColumn(format="%.2f")
    whole = st.column_config.NumberColumn(format="%.0f")
    measures = [name for name in (records[0] if records else ()) if name.startswith(("nats a ", "loss a "))]
    names = (*measures, "±", "note bigram", "better by", "belongs", "s an answer")
    percent = ("gross faults %", "notes in common %", "alone like people %")
    return (
        dict.fromkeys(names, two)
        | dict.fromkeys(percent, whole)
        | {
            "both on": st.column_config.TextColumn(
                width="medium", help="the calls by which answers belong and have faults"
            ),
            "people of": st.column_config.TextColumn(
                width="medium", help="whom it was compared with, playing alone"
            ),
            "MB": st.column_config.NumberColumn(
                format="%.2f", help="of a file; of a run its weights, four bytes each"
            ),
        }
    )


def _compare(places: Places, rows: Mapping[str, ModelRow], belonging: Mapping[str, Belongs]) -> None:
    labels = labels_of(rows)
    ahead = {labels[name]: row for name, row in rows.items() if row.ahead is not None}
    if ahead:
        st.subheader(
            "Better than counting",
            help="By how much the held-out notes are likelier to the model than to a bigram of the same "
            "notes.",
        )
        draw(charts.ahead_bars(ahead, list(labels.values())), "better than counting")
    known = {labels[name]: belonging[name] for name in rows if name in belonging}
    for scope, found in by_scope(known).items():
        st.subheader(f"Whether answers belong to their calls: {scope}")
        draw(charts.belonging_bars(found, list(labels.values())), f"belonging, {scope}")
    reports = _whole(rows)
    for music, group in unlike(rows[name] for name in reports).items():
        st.subheader(f"Piece by piece: {music}")
        paths = {row.path for row in group}
        same_music = {labels[name]: one for name, one in reports.items() if one.path in paths}
        draw(charts.piece_dots(same_music, list(labels.values())), f"pieces, {music}")
        along = likelihood_along(same_music, list(labels.values()))
        if along is not None:
            st.subheader(f"Along a piece: {music}")
            draw(along, f"along a piece, {music}")
    if reports:
        _show_answers(places, {labels[name]: report for name, report in reports.items()})
        offer_file(places, {name: rows[name].path for name in reports})


def _whole(rows: Mapping[str, ModelRow]) -> dict[str, JudgedReport]:
    """The reports of models of events that can be read to their end."""
    reports = {}
    for name, row in rows.items():
        if not row.is_of_events:
            continue
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
