"""What every picture stands on: axes that are even or logarithmic, marks, a legend, and SVG around it.

Must not know what is drawn.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 66, 150, 40, 50  # margins; the legend stands at the right
INK, FAINT, GROUND = "#222222", "#dddddd", "#ffffff"
COLOURS = ("#0b6e99", "#c0392b", "#2e8b57", "#8e44ad", "#d68910", "#566573", "#1abc9c", "#a93226")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """From numbers to places between `begin` and `end`, and the numbers that are marked."""

    title: str
    least: float
    most: float
    is_log: bool = False

    @classmethod
    def around(cls, title: str, values: Iterable[float], *, is_log: bool = False) -> "Axis":
        """An axis that all values fit on; on a logarithmic one, those above 0."""
        there = [value for value in values if not is_log or value > 0]
        low, high = (min(there), max(there)) if there else (1.0, 10.0)
        if is_log:
            return cls(
                title,
                10.0 ** floor(log10(low)),
                max(10.0 ** ceil(log10(high)), 10.0 ** (floor(log10(low)) + 1)),
                True,
            )
        margin = 0.05 * (high - low) or 0.5
        return cls(title, low - margin, high + margin)

    def at(self, value: float, begin: float, end: float) -> float:
        """The place of a value."""
        if self.is_log:
            value, least, most = log10(max(value, self.least)), log10(self.least), log10(self.most)
        else:
            least, most = self.least, self.most
        return begin + (value - least) / (most - least) * (end - begin)

    def marks(self) -> list[float]:
        """Powers of ten, or about five round numbers."""
        if self.is_log:
            return [10.0**power for power in range(round(log10(self.least)), round(log10(self.most)) + 1)]
        rough = (self.most - self.least) / 5
        unit = 10.0 ** floor(log10(rough))
        step = next(unit * times for times in (1, 2, 5, 10) if unit * times >= rough)
        return [step * place for place in range(ceil(self.least / step), floor(self.most / step) + 1)]


@dataclass(frozen=True, slots=True)
class Frame:
    """Two axes, and where numbers lie between them."""

    title: str
    across: Axis
    up: Axis

    def place(self, point: Point) -> Point:
        """The place of a point in the picture."""
        return (
            self.across.at(point[0], LEFT, WIDTH - RIGHT),
            self.up.at(point[1], HEIGHT - BOTTOM, TOP),
        )

    def around(self, parts: Sequence[str], legend: Mapping[str, str]) -> str:
        """The whole picture: what is drawn within, and names with their colours."""
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
                f'font-family="sans-serif" font-size="12" fill="{INK}">',
                f"<title>{escape(self.title)}</title>",
                f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{GROUND}"/>',
                text(LEFT, 20, self.title, "start", 'font-weight="bold"'),
                *self._axes(),
                *parts,
                *_legend(legend),
                "</svg>",
                "",
            ]
        )

    def _axes(self) -> list[str]:
        parts = []
        for mark in self.across.marks():
            x, _ = self.place((mark, self.up.least))
            parts += [
                stroke([(x, TOP), (x, HEIGHT - BOTTOM)], FAINT),
                text(x, HEIGHT - BOTTOM + 16, f"{mark:g}"),
            ]
        for mark in self.up.marks():
            _, y = self.place((self.across.least, mark))
            parts += [
                stroke([(LEFT, y), (WIDTH - RIGHT, y)], FAINT),
                text(LEFT - 6, y + 4, f"{mark:g}", "end"),
            ]
        middle = (LEFT + WIDTH - RIGHT) / 2
        turned = f'transform="rotate(-90 16 {HEIGHT / 2:g})"'
        return [
            *parts,
            text(middle, HEIGHT - 12, self.across.title),
            text(16, HEIGHT / 2, self.up.title, "middle", turned),
        ]


def text(x: float, y: float, words: str, anchor: str = "middle", more: str = "") -> str:
    """Words at a place."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'


def stroke(points: Iterable[Point], colour: str, width: float = 1.0, more: str = "") -> str:
    """A line through places."""
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="{width:g}" {more}/>'


def dot(place: Point, colour: str, radius: float = 3.0, more: str = "") -> str:
    """A round dot at a place."""
    return f'<circle cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="{radius:g}" fill="{colour}" {more}/>'


def cross(place: Point, colour: str, reach: float = 3.0) -> str:
    """A cross at a place."""
    x, y = place
    side = f"{2 * reach:g}"
    arms = f"M{x - reach:.1f} {y - reach:.1f}l{side} {side}m0 -{side}l-{side} {side}"
    return f'<path d="{arms}" stroke="{colour}" stroke-width="1.2" fill="none"/>'


def _legend(names: Mapping[str, str]) -> list[str]:
    parts = []
    for place, (name, colour) in enumerate(names.items()):
        y = TOP + 12 + 18 * place
        parts += [dot((WIDTH - RIGHT + 16, y - 4), colour, 4), text(WIDTH - RIGHT + 26, y, name, "start")]
    return parts
