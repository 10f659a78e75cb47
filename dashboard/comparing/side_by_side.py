"""The same call, answered by each of several models, the rule and the piece itself among them.

Must not know pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.hearing.asked import Question, answer_to
from dashboard.places import Places
from dashboard.reports import Answered, JudgedReport
from dashboard.rolls import Part, Roll
from dashboard.runs import true_call
from music.settings import SettingError


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Rolls of one call: after it each model's answer, then the others'; `lacks` says why the call, and how
    its piece goes on, are not among them."""

    rolls: tuple[Roll, ...]
    lacks: str = ""


def side_by_side(
    places: Places, reports: Mapping[str, JudgedReport], answers: Sequence[Answered]
) -> SideBySide:
    """Of a call that all of these reports have an answer to, by the models' names."""
    first, others, lacks = answers[0], [], ""
    call = first.call
    if call is None:
        try:
            true = true_call(places, next(iter(reports.values())), first)
        except SettingError as why:
            lacks = str(why)
        else:
            call = true.call
            others = [("How the piece really goes on", Part("continuation", "the piece", true.continuation))]
    if call is not None and call.notes:  # to nothing there is no answer
        others = [("The rule", Part("answer", "its answer", answer_to(Question(call)))), *others]
    before = () if call is None else (Part("call", "the call", call),)
    theirs = [
        (name, Part("answer", "its answer", answered.answer))
        for name, answered in zip(reports, answers, strict=True)
    ]
    return SideBySide(tuple(Roll(title, (*before, part)) for title, part in (*theirs, *others)), lacks)
