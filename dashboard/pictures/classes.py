"""F1 of each symbol by how often it occurs: rare ones are where models differ (D5)."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.pictures.frame import COLOURS, Axis, Frame, Point, dot
from music.settings import SettingError

MUSIC = {"learnt": "what it learnt", "unseen": "unseen pieces"}
Counts = Mapping[str, Sequence[Any]]


def by_class(counts: Counts) -> list[dict[str, Any]]:
    """From what the measure `classes` keeps of one music: each class with its figures, in order."""
    columns = (counts[name] for name in ("symbols", "there", "said", "right"))
    rows = [
        {
            "symbol": str(symbol),
            "occurs": int(there),
            "is said": int(said),
            "precision": right / said if said else None,
            "recall": right / there if there else None,
            "F1": 2 * right / (there + said),
        }
        for symbol, there, said, right in zip(*columns, strict=True)
        if there + said
    ]
    return sorted(rows, key=lambda row: (-row["occurs"], row["symbol"]))


def by_frequency(chart: Mapping[str, Counts]) -> str:
    """A dot a symbol, a colour a music; symbols that are said and never occur have no place."""
    points = {music: _points(chart[music]) for music in MUSIC if music in chart}
    points = {music: some for music, some in points.items() if some}
    everything = [point for some in points.values() for point in some]
    if not everything:
        raise SettingError("no symbol occurs, so none has a figure of its own")
    frame = Frame(
        "F1 of each symbol, by how often it occurs",
        Axis.around("of 1000 rows", [x for x, _ in everything], is_log=True),
        Axis.around("F1", [0.0, 1.0]),
    )
    colours = {MUSIC[music]: COLOURS[place] for place, music in enumerate(points)}
    parts = [
        dot(frame.place(point), colours[MUSIC[music]], 3.5, 'fill-opacity="0.6"')
        for music, some in points.items()
        for point in some
    ]
    return frame.around(parts, colours)


def _points(counts: Counts) -> list[Point]:
    rows = by_class(counts)
    total = sum(row["occurs"] for row in rows)
    return [(1000 * row["occurs"] / total, row["F1"]) for row in rows if row["occurs"]]
