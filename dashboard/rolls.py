"""Phrases as a page of piano rolls that can be heard: HTML with everything in it, nothing fetched.

Knows the player's files and where the live page keeps its piano. Must not know Streamlit or reports.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from music.phrase import Phrase, pedal_folded

_HERE = Path(__file__).parent / "player"
PIANO = Path(__file__).resolve().parents[1] / "realtime" / "web" / "page" / "sound" / "piano.js"
ROLL_HEIGHT = 312  # pixels of one roll with its head


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


def rolls_page(rolls: Sequence[Roll], piano: Path = PIANO) -> str:
    """The page; without the piano's file the rolls are seen and not heard, and `can_be_heard` says so."""
    records = json.dumps([_record_of(roll) for roll in rolls]).replace("<", "\\u003c")
    sound = piano.read_text(encoding="utf-8") if can_be_heard(piano) else ""
    style, player = ((_HERE / name).read_text(encoding="utf-8") for name in ("player.css", "player.js"))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><style>{style}</style><body>'
        f'<script id="piano" type="text/plain">{_within_a_script(sound)}</script>'
        f'<script type="module">const ROLLS = {records};\n{_within_a_script(player)}</script></body></html>'
    )


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
