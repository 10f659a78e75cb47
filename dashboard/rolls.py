"""Phrases as a page of piano rolls that can be heard: HTML with everything in it, nothing fetched.

Knows the player's files and where the live page keeps its piano. Must not know Streamlit or reports.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from music.phrase import Phrase, pedal_folded

_HERE = Path(__file__).parent / "player"
PIANO = Path(__file__).resolve().parents[1] / "realtime" / "web" / "page" / "sound" / "piano.js"
_BODY = "rolls"  # the only place of a page of nothing else
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """Notes of one player: `who` is `call`, `answer` or `continuation`."""

    who: str
    name: str
    phrase: Phrase


@dataclass(frozen=True, slots=True)
class Roll:
    """What is seen and heard together."""

    title: str
    parts: tuple[Part, ...]


def rolls_page(rolls: Sequence[Roll], piano: Path = PIANO, *, columns: int = 0) -> str:
    """The page; without the piano's file the rolls are seen and not heard, and `can_be_heard` says so.

    Rolls stand beside each other as far as there is room, or, smaller, in so many `columns`.
    """
    grid = f' grid" style="--columns: {columns}' if columns else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><style>{rolls_style()}</style><body>'
        f'<main id="{_BODY}" class="rolls{grid}"></main>{rolls_scripts({_BODY: rolls}, piano)}</body></html>'
    )


def rolls_style() -> str:
    """How rolls look, for the head of a page."""
    return (_HERE / "player.css").read_text(encoding="utf-8")


def rolls_scripts(places: Mapping[str, Sequence[Roll]], piano: Path = PIANO) -> str:
    """What draws rolls and lets them be heard, each in the element of its place, an id: for the end of a page
    that has those elements. Rolls of one place have one scale."""
    records = [_record_of(roll) | {"within": place} for place, rolls in places.items() for roll in rolls]
    text = json.dumps(records).replace("<", "\\u003c")
    sound = _one_text(piano) if can_be_heard(piano) else ""
    player = (_HERE / "player.js").read_text(encoding="utf-8")
    return (
        f'<script id="piano" type="text/plain">{_within_a_script(sound)}</script>'
        f'<script type="module">const ROLLS = {text};\n{_within_a_script(player)}</script>'
    )


def _one_text(module: Path) -> str:
    """A module with those that it stands on put before it: in a page of one file nothing can be imported."""
    text = module.read_text(encoding="utf-8")
    before = (_one_text(module.parent / name) for name in _IMPORT.findall(text))
    return "".join(before) + _IMPORT.sub("", text)


def _within_a_script(text: str) -> str:
    return text.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def can_be_heard(piano: Path = PIANO) -> bool:
    """Whether the live page's piano is there to play."""
    return piano.is_file()


def _record_of(roll: Roll) -> dict[str, object]:
    return {
        "title": roll.title,
        "parts": [
            {
                "who": part.who,
                "name": part.name,
                "notes": [
                    [round(note.at, 3), note.pitch, note.velocity, round(note.length_s, 3)]
                    for note in pedal_folded(part.phrase).notes
                ],
            }
            for part in roll.parts
        ],
    }
