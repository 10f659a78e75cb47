"""The calls that are sent with their answers: our own, and as many held-out ones as are wished for.

Whoever sends a held-out call hands on music of a corpus, so none goes with it unasked, and none of a corpus
that is for measuring alone. Must not know how they are shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.comparing.models import shared_calls
from dashboard.comparing.side_by_side import side_by_side
from dashboard.places import Places
from dashboard.rolls import Roll
from dashboard.sending.chosen import Chosen
from evaluation.answering.agreement import MEASURES
from music.settings import SettingError

STAYS = "benchmark"  # the tier of music that is for measuring alone
Rows = list[list[str]]  # the first has the heads of the columns


@dataclass(frozen=True, slots=True)
class SentCall:
    """One call: what it is, each answer to see and to hear, and how the models' keep to it."""

    title: str
    about: str
    rolls: tuple[Roll, ...]
    figures: Rows


def sent_calls(places: Places, chosen: Sequence[Chosen], held_out: int) -> list[SentCall]:
    """Our own calls that all of them answered, and so many held-out ones, with how their pieces go on."""
    reports = {one.label: one.report for one in chosen}
    shared = shared_calls(list(reports.values()))
    own = {name: answers for name, answers in shared.items() if answers[0].call_written is not None}
    others = {name: answers for name, answers in shared.items() if name not in own}
    if held_out:
        _refuse(chosen, held_out, len(others))
    credit = _credit(places, chosen[0]) if held_out else ""
    sent = []
    for name, answers in [*own.items(), *list(others.items())[:held_out]]:
        shown = side_by_side(places, reports, answers)
        if shown.lacks:
            raise SettingError(shown.lacks)
        rows = [
            [label, *(measure.text(dict(answered.figures)) for measure in MEASURES)]
            for label, answered in zip(reports, answers, strict=True)
            if answered.figures
        ]
        head = ["", *(measure.title for measure in MEASURES)]
        about = f"{answers[0].about}{credit if answers[0].piece else ''}"
        sent.append(SentCall(name, about, shown.rolls, [head, *rows] if rows else []))
    return sent


def _credit(places: Places, one: Chosen) -> str:
    """Whose the music of held-out calls is, in half a sentence; nothing where its corpus isn't here, of which
    no call is sent."""
    path = places.corpora / f"{one.report.music['corpus']}.safetensors"
    try:
        from pieces.corpus import Corpus  # of an extra that not everybody has
    except ModuleNotFoundError:
        return ""
    if not path.is_file():
        return ""
    described = Corpus(path).description
    return f", of {described.name}: {described.licence}, {described.credit}"


def _refuse(chosen: Sequence[Chosen], held_out: int, there: int) -> None:
    """An error where held-out calls can't be sent, or may not be."""
    if not there:
        raise SettingError(
            "no held-out call was answered by all of them: judge them on the same music, or send our own "
            "calls alone"
        )
    if held_out > there:
        raise SettingError(
            f"{held_out} held-out calls are wished for, and all of them answered {there}: say fewer"
        )
    music = chosen[0].report.music
    if music["tier"] == STAYS:
        raise SettingError(
            f"the corpus {music['corpus']} is for measuring alone (tier {STAYS}), so none of its music is "
            "sent: send our own calls alone"
        )
