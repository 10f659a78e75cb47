"""How much a network learns by heart, by number of characters, a line a cell and width (A4, A6)."""

from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Any

from dashboard.pictures.frame import COLOURS, Axis, Frame, dot, stroke
from music.settings import SettingError

FIGURES = {
    "least_loss": ("Least training loss by characters", "nats a character", False),
    "chamfer": ("How far the rebuilt melody lies from its model", "normalised Chamfer distance", True),
}
_LEAST = 1e-4  # a distance of 0 has no place on a logarithmic axis


def capacity(rows: Iterable[Mapping[str, Any]], figure: str) -> str:
    """Rows have `cell`, `width`, `characters`, and the figure; the mean over rows that are alike in these."""
    title, up, is_log = FIGURES[figure]
    found: dict[str, dict[float, list[float]]] = {}
    for row in rows:
        if figure in row:
            called = f"{row['cell'].upper()} {row['width']}"
            found.setdefault(called, {}).setdefault(row["characters"], []).append(max(row[figure], _LEAST))
    if not found:
        raise SettingError(f"no run of it has the figure {figure}; train the recipe a4-memory anew")
    lines = {
        name: [(size, fmean(values)) for size, values in sorted(sizes.items())]
        for name, sizes in sorted(
            found.items(), key=lambda item: (item[0].split()[0], int(item[0].split()[1]))
        )
    }
    points = [point for line in lines.values() for point in line]
    frame = Frame(
        title,
        Axis.around("characters", [x for x, _ in points], is_log=True),
        Axis.around(up, [y for _, y in points], is_log=is_log),
    )
    colours = dict(zip(lines, COLOURS * 4, strict=False))
    parts = []
    for name, line in lines.items():
        places = [frame.place(point) for point in line]
        dashes = 'stroke-dasharray="5 3"' if name.startswith("RNN") else ""
        parts += [stroke(places, colours[name], 2, dashes), *(dot(place, colours[name]) for place in places)]
    return frame.around(parts, colours)


def rows_of(recipes: Mapping[str, Any], outcomes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of an experiment, from what it keeps: its runs' recipes and outcomes."""
    return [
        {
            "cell": recipe["model"]["trunk"]["kind"],
            "width": recipe["model"]["trunk"]["width"],
            "characters": recipe["data"]["most_rows"],
            "least_loss": outcomes[name]["least_loss"],
            **outcomes[name].get("measures", {}),
        }
        for name, recipe in recipes.items()
        if name in outcomes and recipe["data"].get("most_rows") and "trunk" in recipe["model"]
    ]
