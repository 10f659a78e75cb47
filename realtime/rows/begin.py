"""The first row: what instrument this is, and what can be turned on it. Knows knobs and rules."""

import time
from collections.abc import Sequence
from pathlib import Path

from realtime.knobs import KNOBS, Knob
from realtime.performer.offers import offer_in
from realtime.performer.rules import Rules
from realtime.performer.state import FRESH
from realtime.rows.kinds import Row
from realtime.rows.standing import controls_standing


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
) -> Row:
    """The first row: what instrument this is."""
    return {
        "kind": "begin",
        "at": at,
        "wall": time.time(),  # once, to place this moment in another process; nothing live is timed by it
        "model": model,
        "device": device,
        "seed": seed,
        "inputs": list(inputs),
        "outputs": list(outputs),
        "take": None if take is None else str(take.absolute()),
        "about": list(about),
        **controls_standing(rules),
        "knobs": [_described(knob) for knob in KNOBS.values()],
        "limits": {name: [knob.lowest, knob.highest] for name, knob in KNOBS.items()},
        "steps": {name: knob.steps() for name, knob in KNOBS.items()},
        "offer": offer_in(FRESH).value,
    }


def _described(knob: Knob) -> dict[str, str]:
    """A knob in the words that the page shows."""
    return {"name": knob.name, "unit": knob.unit, "about": knob.about, "low": knob.low, "high": knob.high}
