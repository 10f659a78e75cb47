"""How a run's loss fell, on the music that it learnt and on held-out pieces, by step (A11)."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from dashboard.pictures.frame import COLOURS, Axis, Frame, Point, dot, stroke
from music.settings import SettingError

Rows = Sequence[Mapping[str, Any]]
_MOST_POINTS = 1200  # of a line: more than the picture has places
_ROOM = 3.0  # how high the picture reaches, in spans of what the later half came to


def learning(train: Rows, held_out: Rows) -> str:
    """Rows have `step` and `loss`; the best held-out loss is marked, and named. What was far above the rest
    at the beginning lies above the frame, and is left out."""
    lines = {"learnt": _points(train), "held out": _points(held_out)}
    lines = {name: points for name, points in lines.items() if points}
    points = [point for line in lines.values() for point in line]
    if not points:
        raise SettingError("no step of it has been written down")
    top = _top(points)
    frame = Frame(
        "How the loss fell as it learnt",
        Axis.around("steps", [x for x, _ in points]),
        Axis.around("loss", [y for _, y in points if y <= top]),
    )
    names, colours = {name: name for name in lines}, dict(zip(lines, COLOURS, strict=False))
    parts = [
        stroke([frame.place(point) for point in line if point[1] <= top], colours[name], 1.8)
        for name, line in lines.items()
    ]
    if "held out" in lines:
        best = min(lines["held out"], key=lambda point: point[1])
        parts.append(dot(frame.place(best), colours["held out"], 4.5))
        names["held out"] = f"held out: {best[1]:.2f}"
    return frame.around(parts, {names[name]: colour for name, colour in colours.items()})


def _points(rows: Rows) -> list[Point]:
    """Losses that are numbers, of long lines every so many."""
    points = [(float(row["step"]), float(row["loss"])) for row in rows if isfinite(row["loss"])]
    return points[:: -(-len(points) // _MOST_POINTS) or 1]


def _top(points: Sequence[Point]) -> float:
    """The highest loss that is drawn."""
    last = max(x for x, _ in points)
    later = [y for x, y in points if x >= last / 2]
    return min(max(y for _, y in points), max(later) + _ROOM * (max(later) - min(later) or max(later)))
