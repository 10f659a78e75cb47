"""The notes that are drawn beside the corpus', or what was learnt, a field at a time (A9, A10, A11, B6)."""

from collections.abc import Mapping
from typing import Any

from dashboard.pictures.frame import COLOURS, Axis, Frame, stroke
from music.settings import SettingError

_NAMES = {"drawn": "drawn", "corpus": "the corpus", "learnt": "what was learnt"}
_EDGE_S = 0.01  # gaps and lengths below one cell are drawn there: 0 has no place on a logarithmic axis


def beside_each_other(chart: Mapping[str, Any], field: str) -> str:
    """From what the measures `likeness`, `original` and `after-learnt` keep: how many of a hundred notes have
    each value of a field."""
    of_each = {name: chart[name][field] for name in _NAMES if name in chart}
    lines = {name: _shares(counted, field) for name, counted in of_each.items() if sum(counted["counts"])}
    if not lines:
        raise SettingError(f"there are no notes, so {field} has no histogram")
    points = [point for line in lines.values() for point in line]
    is_time = field in ("gap", "length")
    frame = Frame(
        f"{field.capitalize()} of notes, drawn and in {_NAMES['learnt' if 'learnt' in chart else 'corpus']}",
        Axis.around(f"{field}, seconds" if is_time else field, [x for x, _ in points], is_log=is_time),
        Axis.around("of 100 notes", [0.0, *(y for _, y in points)]),
    )
    colours = {name: COLOURS[place] for place, name in enumerate(lines)}
    parts = [stroke(map(frame.place, line), colours[name], 1.8) for name, line in lines.items()]
    return frame.around(parts, {_NAMES[name]: colour for name, colour in colours.items()})


def _shares(of: Mapping[str, Any], field: str) -> list[tuple[float, float]]:
    total = sum(of["counts"])
    return [
        (_number(symbol, place, field), 100 * count / total)
        for place, (symbol, count) in enumerate(zip(of["symbols"], of["counts"], strict=True))
    ]


def _number(symbol: str, place: int, field: str) -> float:
    """Where a value lies: seconds of times, MIDI numbers of pitches and loudness."""
    if field in ("gap", "length"):
        return max(float(str(symbol).partition("-")[0]), _EDGE_S)
    return 21.0 + place if field == "pitch" else 2.0 + 4 * place
