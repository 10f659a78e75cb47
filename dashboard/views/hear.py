"""One call answered by a model file or by the rule, at several temperatures, with several seeds; each answer
is heard by a click."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import streamlit as st

from dashboard.hearing.asked import Question, licence_of
from dashboard.hearing.calls import LONGEST_S, OWN, passage_of
from dashboard.hearing.grid import Cell, cells_of, figures_by_temperature
from dashboard.places import Places, places_from
from dashboard.rolls import Part, Roll
from dashboard.runs import model_files
from dashboard.views import choices
from dashboard.views.drawing import save_rows, show_rolls
from music.file_names import readable
from music.phrase import Phrase
from music.settings import SettingError

_RULE = "the rule, without a network"
_TEMPERATURES = ("0", "0.25", "0.5", "0.75", "0.9", "1", "1.1", "1.25", "1.5", "1.75", "2")
_AT_FIRST = ("0.5", "1", "1.5")
_MOST_SEEDS = 6
_MOST_MB = 8
_LATEST_S = 36_000  # of a passage's beginning: ten hours


def show(places: Places) -> None:
    """The page."""
    st.title("Hear")
    files = model_files(places)
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    who = choices.one(left.selectbox, "Who answers", [*files, _RULE], name="who")
    call = _chosen_call(right)
    left, middle, right = st.columns([3, 1, 1], vertical_alignment="bottom")
    temperatures = choices.several(
        left.pills,
        "Temperatures",
        _TEMPERATURES,
        name="temperatures",
        at_first=_AT_FIRST,
        selection_mode="multi",
    )
    seeds = choices.number(middle.number_input, "Seeds", 1, _MOST_SEEDS, name="seeds", at_first=2)
    with_call = choices.switch(right.toggle, "With the call", name="with call")
    if call is None:
        return
    if not temperatures:
        st.info("Choose a temperature.", icon=":material/thermostat:")
        return
    _tell_licence(files.get(who))
    ordered = sorted(map(float, temperatures))
    cells = _answered(Question(call, files.get(who)), ordered, range(1, seeds + 1))
    if cells:
        _show_grid(call, cells, seeds, with_call=with_call)


def _tell_licence(file: Path | None) -> None:
    """What the weights may be used for, where there are any and the file can be read."""
    if file is not None:
        with suppress(SettingError):
            st.caption(licence_of(file))


def _chosen_call(place: "st.delta_generator.DeltaGenerator") -> Phrase | None:
    """One of our own calls, or a passage of a MIDI file that was dropped in."""
    name = choices.one(place.selectbox, "Call", list(OWN), name="own call")
    file = st.file_uploader(
        "or any music: drop a MIDI file here",
        type=["mid", "midi"],
        max_upload_size=_MOST_MB,
        help="It goes to the dashboard alone, and is kept only while this page is open.",
    )
    if file is None:
        st.caption(f"{OWN[name].about}.")
        return OWN[name].phrase()
    left, right = st.columns(2)
    from_s = choices.number(left.number_input, "From second", 0, _LATEST_S, name="from second")
    length_s = choices.number(right.slider, "Seconds", 2, int(LONGEST_S), name="seconds", at_first=8)
    try:
        return passage_of(file.getvalue(), file.name, from_s, length_s)
    except SettingError as why:
        st.warning(readable(str(why)), icon=":material/music_off:")
        return None


def _answered(question: Question, temperatures: Sequence[float], seeds: Sequence[int]) -> list[Cell]:
    """All answers, with a bar that says how far it is; none where the file can't answer, and why."""
    bar = st.progress(0.0, "Thinking …")
    cells, total = [], len(temperatures) * len(seeds)
    try:
        for cell in cells_of(question, temperatures, seeds):
            cells.append(cell)
            bar.progress(len(cells) / total, f"{len(cells)} of {total} answers")
    except SettingError as why:
        st.warning(readable(str(why)), icon=":material/report:")
    bar.empty()
    return cells


def _show_grid(call: Phrase, cells: Sequence[Cell], seeds: int, *, with_call: bool) -> None:
    st.subheader(
        "The answers", help="A row a temperature, a column a seed. A click in a roll plays from there."
    )
    heard = Part("call", "the call", call)
    rolls = [
        Roll(
            cell.title,
            (heard, Part("answer", "the answer", cell.answer))
            if with_call
            else (Part("answer", "the answer", cell.alone),),
        )
        for cell in cells
    ]
    show_rolls(rolls, "Piano rolls of answers, a row a temperature, a column a seed", columns=seeds)
    with st.expander("The call", expanded=False):
        show_rolls([Roll("The call", (heard,))], "Piano roll of the call")
    st.subheader("How they keep to the call", help="Over the seeds of each temperature.")
    rows = figures_by_temperature(cells)
    st.dataframe(rows, hide_index=True, width="stretch")
    save_rows(rows, "temperatures")


if __name__ == "__main__":
    show(places_from(sys.argv[1:]))
