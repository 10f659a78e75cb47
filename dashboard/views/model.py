"""One model: its likelihood of held-out music, its notes, its answers to calls, what it was trained on."""

import sys
from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import charts
from dashboard.alone import alone_beside, load_alone
from dashboard.belonging import belonging_beside, load_belonging
from dashboard.places import Places, places_from
from dashboard.reports import NOTE_FIELDS, JudgedReport
from dashboard.views.choosing import chosen_report, tell_troubles
from dashboard.views.drawing import draw
from evaluation.answering.agreement import MEASURES, PLAYERS
from music.settings import SettingError
from pieces.music_sets import tier_in_words


def show(places: Places) -> None:
    """The page."""
    st.title("One model")
    report = chosen_report(places)
    if report is None:
        return
    _show_figures(report)
    st.subheader(
        "How likely held-out music is to it",
        help="Nats a note on a grid of 10 ms. Carried: it hears each piece from the beginning. "
        "Reset: its memory "
        "is emptied every 2,048 performance events. Baselines only count. A bar with ▶ goes on "
        "beyond the chart: its sum stands beside its name.",
    )
    draw(charts.likelihood_bars(report))
    for name, why in report.left_out:
        st.caption(f"Left out: {name}: {why}.")
    _show_answers(report)
    _show_belonging(report)
    _show_alone(report)
    _show_spreads(report)
    _show_pieces(report)
    _show_origin(report)


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
        draw(charts.agreement_dots(report))


def _show_belonging(report: JudgedReport) -> None:
    for path in belonging_beside(report.path):
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


def _show_alone(report: JudgedReport) -> None:
    for path in alone_beside(report.path):
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
            draw(charts.spread_lines(report, field))
    if not report.agreement:
        st.caption("The model's own notes are missing: it was judged without answers.")


def _show_pieces(report: JudgedReport) -> None:
    chart = charts.pieces_carried_and_reset(report)
    if chart is not None:
        st.subheader(
            "Piece by piece", help="Further right: harder to foretell. Higher: more is lost by forgetting."
        )
        draw(chart)
    along = charts.likelihood_along({report.head.model: report}, [report.head.model])
    if along is not None:
        st.subheader(
            "Along a piece",
            help="The mean over pieces. A model that hears how a piece began finds its end easier.",
        )
        draw(along)


def _show_origin(report: JudgedReport) -> None:
    model, music, machine = report.model, report.music, report.machine
    st.subheader("Where it comes from")
    st.markdown(f"Tier **{model['tier']}**: {tier_in_words(model['tier'])}.")
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
            for corpus in model["learnt_from"]
        ],
        hide_index=True,
        width="stretch",
    )
    st.caption(
        f"Model {model['name']}, hash {model['hash']}, {model.get('runtime', '')}. Judged on "
        f"{music['corpus']} "
        f"({music['split']}, hash {music['hash']}, tier {music['tier']}) on "
        f"{machine.get('date', 'an unknown day')}, "
        f"{machine.get('processor', '')}, with `{machine.get('command', 'antiphon evaluate')}`. "
        f"Read from {report.path}."
    )


if __name__ == "__main__":
    show(places_from(sys.argv[1:]))
