"""The first row: what instrument this is, and what can be turned on it. Knows knobs and rules."""

import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from realtime.knobs import BUTTONS, CONTROLS, FASTEST, KNOBS, SLOWEST, TEMPO, UNLEARN, Knob, Mode
from realtime.performer.offers import offer_in
from realtime.performer.rules import Rules
from realtime.performer.state import FRESH
from realtime.rows.kinds import Row
from realtime.rows.standing import controls_standing

# Consonants that look like nothing else: no word comes of them, and a phone has them on one layout.
_LETTERS = "bcdfghjkmnpqrstvwxz"


def drawn_word() -> str:
    """The word in the page's address: 51 bits in twelve letters, so short that it can be typed."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


def begin_row(
    at: float,
    *,
    model: str,
    device: str,
    seed: int,
    take: Path | None,
    about: Sequence[str],
    rules: Rules,
    inputs: Sequence[str],
    outputs: Sequence[str],
    models: Sequence[str] = (),
    name: str = "",
    midi: str | None = None,
    presets: Sequence[str] = (),
) -> Row:
    """The first row: what instrument this is.

    `models` are the names that can be chosen, `name` the one of them that answers.
    """
    return {
        "kind": "begin",
        "at": at,
        "wall": time.time(),  # once, to place this moment in another process; nothing live is timed by it
        "token": drawn_word(),  # in the page's address: another at each start
        "model": model,
        "device": device,
        "models": list(models),
        "name": name,
        "seed": seed,
        "inputs": list(inputs),
        "outputs": list(outputs),
        "midi": midi,
        "take": None if take is None else str(take.absolute()),
        "about": list(about),
        **controls_standing(rules),
        "knobs": [_described(knob) for knob in KNOBS.values()],
        "limits": {name: [knob.lowest, knob.highest] for name, knob in KNOBS.items()}
        | {TEMPO: [SLOWEST, FASTEST]},
        "modes": [{"name": mode.value, "about": mode.about} for mode in Mode],
        "buttons": [{"name": name, "about": about} for name, about in BUTTONS.items()],
        "presets": list(presets),
        "learnable": [*CONTROLS, UNLEARN],
        "steps": {name: knob.steps() for name, knob in KNOBS.items()},
        "offer": offer_in(FRESH).value,
    }


def _described(knob: Knob) -> dict[str, str]:
    """A knob in the words that the page shows."""
    words = {
        "word": knob.called,
        "about": knob.about,
        "effect": knob.effect,
        "low": knob.low,
        "high": knob.high,
    }
    return {"name": knob.name, "unit": knob.unit} | words
