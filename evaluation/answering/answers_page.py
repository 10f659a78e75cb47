"""Answers to our own calls as a page in Markdown: all pictures, and how each answer keeps to its call.

Must not know who played, nor how a picture is drawn.
"""

from collections.abc import Iterable, Mapping, Sequence

from evaluation.answering.agreement import MEASURES, agreement
from evaluation.answering.own_call import OwnCall
from music.phrase import Phrase, pedal_folded

_IN_A_ROW = 2  # pictures


def answers_page(answered: Sequence[tuple[OwnCall, Phrase]], pictures: Sequence[str]) -> str:
    """The pictures, which lie in these files, and a table of what each answer keeps."""
    shown = [f"![{call.name}]({picture})" for (call, _), picture in zip(answered, pictures, strict=True)]
    rows = [shown[begin : begin + _IN_A_ROW] for begin in range(0, len(shown), _IN_A_ROW)]
    figures = [[call.name, *_kept(call, answer)] for call, answer in answered]
    head = ["call", *(measure.title for measure in MEASURES)]
    return "\n".join([*_table([""] * _IN_A_ROW, rows), "", *_table(head, figures)]) + "\n"


def answers_beside(
    answered: Mapping[str, Sequence[tuple[OwnCall, Phrase]]], pictures: Mapping[str, Sequence[str]]
) -> str:
    """The same of several models, by name: of each call all answers in a row, and a line of figures each."""
    names = list(answered)
    calls = [call for call, _ in next(iter(answered.values()))]
    shown = [
        [call.name, *(f"![{call.name}, {name}]({pictures[name][place]})" for name in names)]
        for place, call in enumerate(calls)
    ]
    figures = [
        [call.name, name, *_kept(call, answered[name][place][1])]
        for place, call in enumerate(calls)
        for name in names
    ]
    head = ["call", "model", *(measure.title for measure in MEASURES)]
    return "\n".join([*_table(["call", *names], shown), "", *_table(head, figures)]) + "\n"


def _kept(call: OwnCall, answer: Phrase) -> list[str]:
    """Each measure of an answer; dashes where it is silent."""
    found = agreement(pedal_folded(call.phrase()), answer) or {}
    return [measure.text(found) for measure in MEASURES]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
