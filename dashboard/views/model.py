"""One model: its likelihood of held-out music, its notes, its answers to calls, what it was trained on."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard import charts
from dashboard.alone import alone_beside, load_alone
from dashboard.belonging import belonging_beside, load_belonging
from dashboard.comparing.models import ModelRow, row_of
from dashboard.judged.folders import is_of_events, reports_for_a_row
from dashboard.judged.row_reports import load_rows
from dashboard.places import Places, places_from
from dashboard.reports import NOTE_FIELDS, JudgedReport, load_head, load_report
from dashboard.runs import changed_ns, evaluation_folders
from dashboard.views import choices
from dashboard.views.choosing import report_name, tell_no_reports, tell_troubles
from dashboard.views.drawing import draw, save_rows
from evaluation.answering.agreement import MEASURES, PLAYERS
from music.file_names import readable
from music.settings import SettingError
from pieces.music_sets import tier_in_words


def show(places: Places) -> None:
    """The page."""
    st.title("One model")
    path = _chosen(places)
    if path is None:
        return
    try:
        if is_of_events(path):
            _show_of_events(load_report(path))
        else:
            _show_of_others(row_of(path))
    except SettingError as error:
        tell_troubles([str(error)])


def _chosen(places: Places) -> Path | None:
    """The report that is chosen, of any kind; none where there is none, and the page says so."""
    titles: dict[str, str] = {}
    paths: dict[str, Path] = {}
    troubles = []
    for path in _newest_first(places):
        name = report_name(places, path)
        try:
            titles[name] = load_head(path).title if is_of_events(path) else row_of(path).title
            paths[name] = path
        except SettingError as error:
            troubles.append(str(error))
    tell_troubles(troubles)
    if not paths:
        tell_no_reports(places)
        return None
    chosen = choices.one(
        st.selectbox,
        "Model and music",
        list(paths),
        name="report",
        at_first=next((name for name, path in paths.items() if _is_whole(path)), None),
        format_func=lambda name: titles[name],
    )
    return paths[chosen]


def _newest_first(places: Places) -> list[Path]:
    """On likelihood first: such a report says most."""
    paths = [path for folder in evaluation_folders(places) for path in reports_for_a_row(folder)]
    return sorted(paths, key=lambda path: (not is_of_events(path), -changed_ns(path)))


def _is_whole(path: Path) -> bool:
    try:
        _ = load_report(path) if is_of_events(path) else row_of(path)
    except SettingError:
        return False
    return True


def _show_of_events(report: JudgedReport) -> None:
    _show_figures(report)
    st.subheader(
        "How likely held-out music is to it",
        help="Nats a note on a grid of 10 ms. Carried: it hears each piece from the beginning. "
        "Reset: its memory "
        "is emptied every 2,048 performance events. Baselines only count. A bar with ▶ goes on "
        "beyond the chart: its sum stands beside its name.",
    )
    draw(charts.likelihood_bars(report), "likelihood")
    for name, why in report.left_out:
        st.caption(readable(f"Left out: {name}: {why}."))
    _show_answers(report)
    _show_belonging(report.path)
    _show_alone(report.path)
    _show_spreads(report)
    _show_pieces(report)
    music = report.music
    _show_origin(
        report.path,
        report.model,
        f"on {music['corpus']} ({music['split']}, hash {music['hash']}, tier {music['tier']}) ",
        report.machine,
    )


def _show_of_others(row: ModelRow) -> None:
    """A model of rows, or one whose likelihood nobody asked for."""
    if row.measure:
        found = load_rows(row.path)
        st.subheader(
            "How likely held-out music is to it",
            help="Of rows as this model reads them: it compares with models that read the same rows alone, "
            "and not with nats a note.",
        )
        columns = st.columns(4)
        columns[0].metric(
            found.measure, f"{found.value:.3f}", help=f"± {found.error:.3f} over pieces; less is better"
        )
        columns[1].metric("judged on rows", f"{found.rows:,}", help=f"{found.pieces} pieces, {row.music}")
        columns[2].metric("licence tier", row.tier)
        if found.unknown:
            st.caption(f"Of these, {found.unknown}.")
        if len(found.by_part) > 1:
            table = [{"part": name, found.measure: nats} for name, nats in found.by_part]
            st.dataframe(table, hide_index=True, width="content")
            save_rows(table, "parts")
    else:
        st.info(
            f"Only its answers were judged. `antiphon evaluate {row.model}` says how likely held-out music "
            "is to it.",
            icon=":material/balance:",
        )
    _show_belonging(row.path)
    _show_alone(row.path)
    record = json.loads(row.path.read_text(encoding="utf-8"))
    _show_origin(
        row.path, record["model"], f"on {row.music} " if row.music else "", record.get("machine", {})
    )


def _show_figures(report: JudgedReport) -> None:
    carried, reset, bigram = (report.score(name) for name in ("state carried", "reset", "bigram"))
    columns = st.columns(5)
    if carried:
        columns[0].metric(
            "nats a note, carried", f"{carried.nats:.2f}", help=f"± {carried.error:.2f} over pieces"
        )
    if reset:
        columns[1].metric("nats a note, reset", f"{reset.nats:.2f}")
    if carried and bigram:
        columns[2].metric("better than note bigram by", f"{bigram.nats - carried.nats:.2f}")
    columns[3].metric(
        "judged on notes", f"{report.music['notes']:,}", help=f"{report.music['pieces']} pieces"
    )
    columns[4].metric("licence tier", str(report.model["tier"]))


def _show_answers(report: JudgedReport) -> None:
    if not report.agreement:
        return
    st.subheader(
        "How its answers keep to their calls",
        help="Calls are phrases of held-out pieces. Beside the model's answers stand the true "
        "continuations, which "
        "nobody need beat, and continuations of other pieces, which know nothing of the call.",
    )
    st.dataframe(
        [
            _agreement_row(name, report.agreement[who])
            for who, name in PLAYERS.items()
            if who in report.agreement
        ],
        hide_index=True,
        width="stretch",
    )
    if any(one.figures for one in report.held_out):
        draw(charts.agreement_dots(report), "answers beside calls")


def _show_belonging(report: Path) -> None:
    for path in belonging_beside(report):
        try:
            found = load_belonging(path)
        except SettingError as error:
            tell_troubles([str(error)])
            continue
        st.subheader(
            f"Whether its answers belong to their calls, {found.split} pieces",
            help="In which share of pairs an answer is nearer to how the piece really goes on than another "
            "is (0.5 is chance; 95 % by bootstrap), what anybody would hear at once (gross faults), and how "
            "near it is to its call in each feature.",
        )
        for tab, sort in zip(st.tabs([sort.name for sort in found.sorts]), found.sorts, strict=True):
            with tab:
                st.caption(f"{sort.about}, by `{found.command}`")
                for head, *rows in sort.tables:
                    st.dataframe(
                        [dict(zip(head, row, strict=True)) for row in rows], hide_index=True, width="stretch"
                    )


def _show_alone(report: Path) -> None:
    for path in alone_beside(report):
        try:
            found = load_alone(path)
        except SettingError as error:
            tell_troubles([str(error)])
            continue
        st.subheader(
            f"How it plays by itself, beside people's {found.split} pieces",
            help="Each voice goes on from a call of our own. ! is beyond 95 of 100 people; in brackets "
            "stands the share of its windows that lie where the middle 90 of 100 of people's do.",
        )
        st.caption(f"{found.minutes:g} min from each call, by `{found.command}`")
        head, *rows = found.cells
        st.dataframe([dict(zip(head, row, strict=False)) for row in rows], hide_index=True, width="stretch")


def _agreement_row(name: str, figures: Mapping[str, float]) -> dict[str, Any]:
    texts = {
        title: measure.text(figures, key) for measure in MEASURES for key, title in measure.columns.items()
    }
    return {"": name, "answers": int(figures["answers"]), **texts}


def _show_spreads(report: JudgedReport) -> None:
    st.subheader(
        "What its notes are like",
        help="The model: its answers to held-out calls. The music: all notes of the split. Chance: "
        "every value as likely.",
    )
    columns = st.columns(2)
    for place, field in enumerate(NOTE_FIELDS):
        with columns[place % 2]:
            shared = report.overlap.get("model", {}).get(field)
            st.markdown(
                f"**{field}**" + (f" · {shared:.0%} in common with the music" if shared is not None else "")
            )
            draw(charts.spread_lines(report, field), f"notes by {field}")
    if not report.agreement:
        st.caption("The model's own notes are missing: it was judged without answers.")


def _show_pieces(report: JudgedReport) -> None:
    chart = charts.pieces_carried_and_reset(report)
    if chart is not None:
        st.subheader(
            "Piece by piece", help="Further right: harder to foretell. Higher: more is lost by forgetting."
        )
        draw(chart, "pieces")
    along = charts.likelihood_along({report.head.model: report}, [report.head.model])
    if along is not None:
        st.subheader(
            "Along a piece",
            help="The mean over pieces. A model that hears how a piece began finds its end easier.",
        )
        draw(along, "along a piece")


def _show_origin(report: Path, model: Mapping[str, Any], judged_on: str, machine: Mapping[str, Any]) -> None:
    st.subheader("Where it comes from")
    if tier := model.get("tier"):
        st.markdown(f"Tier **{tier}**: {tier_in_words(str(tier))}.")
    st.dataframe(
        [
            {
                "learnt from": corpus["name"],
                "licence": corpus["licence"],
                "credit": corpus["credit"],
                "tier": corpus.get("tier", ""),
                "pieces": corpus.get("pieces"),
                "hash": corpus.get("hash", ""),
            }
            for corpus in model.get("learnt_from", ())
        ],
        hide_index=True,
        width="stretch",
    )
    st.caption(
        f"Model {model['name']}, hash {model.get('hash', 'unknown')}, {model.get('runtime', '')}. Judged "
        f"{judged_on}on {machine.get('date', 'an unknown day')}, {machine.get('processor', '')}, with "
        f"`{machine.get('command', 'antiphon evaluate')}`. Read from {report}."
    )


if __name__ == "__main__":
    show(places_from(sys.argv[1:]))
