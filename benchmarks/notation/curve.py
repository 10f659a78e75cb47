"""A small line chart as SVG text: numbers in, a picture out, and nothing installed for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 62, 20, 44, 52  # margins
INK, FAINT = "#222222", "#dddddd"


@dataclass(frozen=True, slots=True)
class Line:
    """A named line through points (across, up), in a colour."""

    label: str
    points: Sequence[tuple[float, float]]
    colour: str


@dataclass(frozen=True, slots=True)
class _Axes:
    """From numbers to places in the picture: logarithmic across, even from 0 upwards."""

    least: float
    most: float
    top: float

    def x(self, value: float) -> float:
        span = log(self.most / self.least) or 1.0
        return LEFT + log(value / self.least) / span * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM)


def chart(lines: Sequence[Line], *, title: str, across: str, up: str, marks: Sequence[float]) -> str:
    """Lines over a logarithmic axis with a mark at each of `marks`, and an even axis upwards from 0."""
    highest = max((height for line in lines for _, height in line.points), default=0.0)
    axes = _Axes(min(marks), max(marks), _round_top(highest))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="12" fill="{INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(LEFT, 20, title, "start", 'font-weight="bold"'),
        *_framed(axes, marks),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, across, "middle"),
        _text(16, HEIGHT / 2, up, "middle", f'transform="rotate(-90 16 {HEIGHT / 2:g})"'),
    ]
    for place, line in enumerate(lines):
        parts += _plotted(axes, line, TOP + 14 + 18 * place)
    return "\n".join([*parts, "</svg>", ""])


def _framed(axes: _Axes, marks: Sequence[float]) -> list[str]:
    parts = []
    for value in (axes.top * step / 5 for step in range(6)):
        parts.append(_stroke([(LEFT, axes.y(value)), (WIDTH - RIGHT, axes.y(value))], FAINT, 1))
        parts.append(_text(LEFT - 8, axes.y(value) + 4, f"{value:g}", "end"))
    return parts + [_text(axes.x(mark), HEIGHT - BOTTOM + 18, f"{mark:g}", "middle") for mark in marks]


def _plotted(axes: _Axes, line: Line, label_y: float) -> list[str]:
    points = [(axes.x(value), axes.y(height)) for value, height in line.points]
    dots = [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{line.colour}"/>' for x, y in points]
    label = _text(WIDTH - RIGHT, label_y, line.label, "end", f'style="fill:{line.colour}"')
    return [_stroke(points, line.colour, 2), *dots, label]


def _round_top(value: float) -> float:
    """The next number that five even steps divide well."""
    for top in (5.0, 10.0, 25.0, 50.0, 100.0):
        if value <= top:
            return top
    return ceil(value / 100) * 100.0


def _text(x: float, y: float, text: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(text)}</text>'


def _stroke(points: Iterable[tuple[float, float]], colour: str, width: float) -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="{width:g}"/>'
