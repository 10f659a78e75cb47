"""What was found of voices, as tables of text: for the terminal and for the dashboard.

Measures say themselves what stands in their columns. Knows a report's records. Must not know how anything was
measured, nor how tables are drawn.
"""

from collections.abc import Mapping
from typing import Any

from evaluation.belonging.faults import FAULTS, SEVERAL
from evaluation.belonging.measures import MEASURES
from evaluation.belonging.voices import RIVALS, VOICES

OWN = "our own calls"  # the sort of music that has no true continuations
Rows = list[list[str]]  # the first has the heads of the columns


def tables_of(voices: Mapping[str, Any]) -> list[Rows]:
    """How near to the truth each voice is, its gross faults, every measure, and what it recites, as known."""
    found = (_nearer(voices), _faults(voices), _measures(voices), _recited(voices))
    return [rows for rows in found if rows]


def _nearer(voices: Mapping[str, Any]) -> list[list[str]]:
    """In which share of pairs each voice is nearer to the truth than its rivals; none without a truth."""
    head = ["nearer to truth than", *RIVALS.values()]
    rows = [
        [VOICES[voice], *(_share(figures["nearer"].get(rival)) for rival in RIVALS)]
        for voice, figures in voices.items()
        if figures["nearer"]
    ]
    return [head, *rows] if rows else []


def _faults(voices: Mapping[str, Any]) -> list[list[str]]:
    """How many answers have a gross fault, several, and each."""
    head = ["gross faults", "any", f"{SEVERAL} or more", *FAULTS]
    names = ("any", "several", *FAULTS)
    return [
        head,
        *(
            [VOICES[voice], *(_percent(figures["faults"].get(name)) for name in names)]
            for voice, figures in voices.items()
        ),
    ]


def _measures(voices: Mapping[str, Any]) -> list[list[str]]:
    """Every measure of every voice."""
    head = ["beside the call", *(measure.title for measure in MEASURES)]
    return [
        head,
        *(
            [VOICES[voice], *(measure.text(figures) for measure in MEASURES)]
            for voice, figures in voices.items()
        ),
    ]


def _recited(voices: Mapping[str, Any]) -> Rows:
    """The longest run that an answer shares with any train piece; no rows where nobody looked."""
    rows = [
        [VOICES[voice], f"{runs['mean']:.1f}", f"{runs['longest']:.0f}"]
        for voice, figures in voices.items()
        if (runs := figures.get("recited"))
    ]
    return [["shared with train", "mean run", "longest run"], *rows] if rows else []


def _share(share: Mapping[str, float] | None) -> str:
    return "–" if share is None else f"{share['share']:.2f} ({share['low']:.2f}–{share['high']:.2f})"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"
