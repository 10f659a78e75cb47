"""Takes of the live instrument: who played what, to see and to hear, and the figures of the night."""

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import streamlit as st

from dashboard.hearing import charts
from dashboard.hearing.shelf import rows_of
from dashboard.hearing.takes import Exchange, Night, load_night
from dashboard.places import Places, places_from
from dashboard.rolls import Part, Roll
from dashboard.views import choices
from dashboard.views.choosing import tell_troubles
from dashboard.views.drawing import draw, save_rows, show_rolls
from music.file_names import readable
from music.phrase import Phrase
from music.settings import SettingError
from realtime.kept.folder import shelved_in

_WHOLE = "the whole take"


def show(places: Places) -> None:
    """The page."""
    st.title("Takes")
    try:
        files = {readable(path.name): path for path in shelved_in(places.takes)}
    except SettingError as why:
        tell_troubles([str(why)])
        return
    if not files:
        st.info(
            f"No take lies in {places.takes} yet: `antiphon play` keeps what is played. "
            "Say `--takes DIR` if yours are elsewhere.",
            icon=":material/nightlife:",
        )
        return
    name = choices.one(st.selectbox, "Take, newest first", list(files), name="take")
    _show_shelf(list(files.values()))
    try:
        night = load_night(files[name])
    except SettingError as why:
        tell_troubles([str(why)])
        return
    if night.lacks:
        st.info(night.lacks, icon=":material/history:")
    _show_figures(night)
    _show_roll(night)
    _show_temperature(night)
    _show_lateness(night)
    _show_exchanges(night.exchanges)
    st.caption(" · ".join(night.about))


def _show_shelf(files: Sequence[Path]) -> None:
    """All takes, read once somebody opens the list."""
    place = st.expander(f"All {len(files)} takes", key="all takes", on_change="rerun")
    if not place.open:
        return
    with place:
        rows = rows_of(files)
        has_star = choices.switch(st.toggle, "Only those with a star", name="starred")
        rows = [row for row in rows if row["stars"] or not has_star]
        st.dataframe(rows, hide_index=True, width="stretch")
        save_rows(rows, "takes")


def _show_figures(night: Night) -> None:
    minutes, seconds = divmod(round(night.seconds), 60)
    columns = st.columns(6)
    columns[0].metric("length", f"{minutes}:{seconds:02}")
    columns[1].metric("your notes", f"{len(night.played.notes):,}")
    columns[2].metric("its notes", f"{len(night.answered.notes):,}")
    if not night.exchanges:
        return
    if night.delay_s is not None:
        columns[3].metric(
            "hand-over delay",
            f"{1000 * night.delay_s:.0f} ms",
            help="From the moment at which an answer was asked for to its first note, the middle of all.",
        )
    if night.late_s:
        columns[5].metric(
            "notes late by",
            f"{1000 * median(night.late_s):.1f} ms",
            help="The middle of all notes of its answers, from when a note was due to when it had been sent; "
            f"the latest was {1000 * max(night.late_s):.1f} ms late.",
        )
    cut_in = sum(one.was_cut_in for one in night.exchanges)
    columns[4].metric(
        "cut in upon", f"{cut_in} of {len(night.exchanges)}", help="Answers that a key of yours ended."
    )


def _show_roll(night: Night) -> None:
    parts = {_WHOLE: (night.played, night.answered)}
    for number, one in enumerate(night.exchanges, 1):
        again = f", attempt {one.attempt + 1}" if one.attempt else ""
        star = " ★" if one.is_starred else ""
        parts[f"{number}. turn {one.turn}{again}, at {one.asked_at:.1f} s{star}"] = _from_zero(one)
    chosen = choices.one(st.selectbox, "Which part", list(parts), name="part of take")
    played, answered = parts[chosen]
    roll = Roll(chosen, (Part("call", "you", played), Part("answer", "Antiphon", answered)))
    show_rolls([roll], "Piano roll of a take")


def _from_zero(exchange: Exchange) -> tuple[Phrase, Phrase]:
    notes = (*exchange.call.notes, *exchange.answer.notes)
    begin = min((note.at for note in notes), default=0.0)
    return exchange.call.moved(-begin), exchange.answer.moved(-begin)


def _show_temperature(night: Night) -> None:
    if night.temperature:
        st.subheader("How daring", help="Where the temperature stood, and when answers were asked for.")
        draw(charts.temperature_line(night), "temperature")


def _show_lateness(night: Night) -> None:
    chart = charts.lateness_dots(night)
    if chart is not None:
        st.subheader("How late", help="Each note of its answers: how long after it was due it had been sent.")
        draw(chart, "lateness")
    elif night.exchanges:
        st.caption(
            "This take doesn't say how late notes were sent: older ones don't, nor where time stood still."
        )


def _show_exchanges(exchanges: Sequence[Exchange]) -> None:
    if not exchanges:
        return
    st.subheader("Answer by answer")
    rows = [one.record() for one in exchanges]
    two = st.column_config.NumberColumn(format="%.2f")
    seconds = ("at s", "silence before, s", "then first note after, s", "latest note, ms")
    st.dataframe(rows, hide_index=True, width="stretch", column_config=dict.fromkeys(seconds, two))
    save_rows(rows, "answers of a take")


if __name__ == "__main__":
    show(places_from(sys.argv[1:]))
