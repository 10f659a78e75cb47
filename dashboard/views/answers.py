"""Calls and answers, to see and to hear: our own calls, and held-out ones with how they really go on."""

import sys
from dataclasses import replace

import streamlit as st

from dashboard import charts
from dashboard.places import Places, places_from
from dashboard.reports import Answered, JudgedReport
from dashboard.rolls import Part, Roll
from dashboard.runs import true_call
from dashboard.views import choices
from dashboard.views.choosing import chosen_report
from dashboard.views.drawing import save_rows, show_rolls
from evaluation.answering.agreement import MEASURES
from music.file_names import readable
from music.midi.writing import midi_bytes
from music.phrase import Phrase
from music.piece import Part as Voice
from music.settings import SettingError

_OURS, _HELD_OUT = "Our own calls", "Held-out pieces"
_BESIDE = 5  # figures side by side
_VOICES = (Voice(0, "Call", channel=0), Voice(1, "Answer", channel=1, pedalled=False))


def show(places: Places) -> None:
    """The page."""
    st.title("Calls and answers")
    report = chosen_report(places)
    if report is None:
        return
    kinds = {_OURS: report.own, _HELD_OUT: report.held_out}
    there = [kind for kind, answered in kinds.items() if answered]
    if not there:
        why = dict(report.left_out).get("answers", "it was judged without answers; judge it again")
        st.info(readable(f"This model has no answers to show: {why}."), icon=":material/music_off:")
        return
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    kind = choices.one(left.segmented_control, "Calls", there, name="kind")
    by_name = {one.name: one for one in kinds[kind]}
    name = choices.one(
        right.selectbox,
        "Call",
        list(by_name),
        name=f"call {kind}",
        format_func=lambda name: _label(by_name[name]),
    )
    answered = by_name[name]
    st.caption(f"{answered.about}. By its notes the call is nearest to {answered.key}.")
    call, rolls = _rolls(places, report, answered)
    show_rolls(rolls, "Piano rolls of a call and its answer")
    _show_figures(report, answered)
    if call is not None:
        st.download_button(
            "MIDI file",
            _midi(call, answered.answer),
            file_name=f"{answered.name}.mid",
            mime="audio/midi",
            icon=":material/download:",
        )
    st.subheader("All of them")
    figures = charts.figures_of(kinds[kind])
    st.dataframe(figures, hide_index=True, width="stretch")
    save_rows(figures, "answers")


def _rolls(places: Places, report: JudgedReport, answered: Answered) -> tuple[Phrase | None, list[Roll]]:
    """What there is to see of a call: the answer, and the call and its continuation where they are here."""
    answer = Part("answer", "the model", answered.answer)
    if answered.call is not None:
        call = Part("call", "the call", answered.call)
        return answered.call, [Roll("The call, and what the model answers", (call, answer))]
    try:
        true = true_call(places, report, answered)
    except SettingError as why:
        st.info(readable(str(why)), icon=":material/inventory_2:")
        return None, [Roll("What the model answers", (replace(answer, phrase=_from_zero(answered.answer)),))]
    call = Part("call", "the call", true.call)
    goes_on = Part("continuation", "the piece", true.continuation)
    return true.call, [
        Roll("The call, and what the model answers", (call, answer)),
        Roll("The call, and how the piece really goes on", (call, goes_on)),
    ]


def _show_figures(report: JudgedReport, answered: Answered) -> None:
    if not answered.figures:
        st.caption("The model answered nothing to this call.")
        return
    figures, mean = dict(answered.figures), report.agreement.get("model", {})
    for begin in range(0, len(MEASURES), _BESIDE):
        for column, measure in zip(st.columns(_BESIDE), MEASURES[begin : begin + _BESIDE], strict=False):
            usual = f"over all held-out calls {measure.text(mean)}" if measure.name in mean else None
            column.metric(measure.title, measure.text(figures), help=usual)


def _label(answered: Answered) -> str:
    return f"{answered.name} · {answered.key}" if answered.piece else f"{answered.name}: {answered.about}"


def _from_zero(phrase: Phrase) -> Phrase:
    return phrase.moved(-phrase.notes[0].at) if phrase.notes else phrase


def _midi(call: Phrase, answer: Phrase) -> bytes:
    notes = [*call.notes, *(replace(note, voice=1) for note in answer.notes)]
    return midi_bytes(Phrase.of(notes, call.pedals), parts=_VOICES)


if __name__ == "__main__":
    show(places_from(sys.argv[1:]))
