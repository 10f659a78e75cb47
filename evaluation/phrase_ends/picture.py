"""The curves of ways of hearing phrase ends as a picture in SVG, one panel for each sort of music, without a
library.

Across, hand-overs in vain a minute; up, how late the hand-over is where a phrase is over. The nearer a curve
comes to the corner below on the left, the better. Must not know how anything was measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

COLOURS = ("#8a8a8a", "#d9822b", "#1d9a97", "#6a51a3")
_PANEL, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 330, 320, 46, 14, 62, 44
MOST_IN_VAIN, MOST_DELAY_S = 1.0, 1.2  # what is beyond isn't shown
_STEP = 0.2
_STYLE = "text{font:12px sans-serif;fill:#555} .head{font-size:14px;fill:#222} .grid{stroke:#ddd}"


def curves_svg(sorts: Mapping[str, Mapping[str, Any]]) -> str:
    """What `compared` found, by sort of music."""
    width = _PANEL * len(sorts)
    panels = [_Panel(_PANEL * place).drawn(name, found) for place, (name, found) in enumerate(sorts.items())]
    names = list(next(iter(sorts.values()))["ways"])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" role="img" '
        f'aria-label="Hand-overs in vain against delay"><style>{_STYLE}</style>'
        f'<rect width="{width}" height="{_HEIGHT}" fill="#fff"/>'
        + "".join([*_legend(names), *(part for panel in panels for part in panel)])
        + "</svg>\n"
    )


@dataclass(frozen=True, slots=True)
class _Panel:
    """Where a rate and a delay lie in one panel."""

    left: float

    def x(self, in_vain: float) -> float:
        return self.left + _LEFT + in_vain / MOST_IN_VAIN * (_PANEL - _LEFT - _RIGHT)

    def y(self, delay_s: float) -> float:
        return _HEIGHT - _BOTTOM - delay_s / MOST_DELAY_S * (_HEIGHT - _TOP - _BOTTOM)

    def drawn(self, name: str, found: Mapping[str, Any]) -> list[str]:
        title = f'<text x="{self.x(0):.1f}" y="52" class="head">{escape(name)}: {found["ends"]} ends</text>'
        ways = zip(found["ways"].values(), COLOURS, strict=False)
        return [title, *self._grid(), *(part for way, colour in ways for part in self._way(way, colour))]

    def _way(self, way: Mapping[str, Any], colour: str) -> list[str]:
        shown = [(rate, delay_s) for _, rate, delay_s in way["curve"] if _is_shown(rate, delay_s)]
        points = " ".join(f"{self.x(rate):.1f},{self.y(delay_s):.1f}" for rate, delay_s in shown)
        parts = [f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>']
        rate, delay_s = way["default"]["vain_a_minute"], way["default"]["delay_s"]
        if _is_shown(rate, delay_s):
            x, y = self.x(rate), self.y(delay_s)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}"/>')
        return parts

    def _grid(self) -> list[str]:
        lines = []
        for step in range(round(MOST_DELAY_S / _STEP) + 1):
            y = self.y(step * _STEP)
            lines.append(_line(self.x(0), y, self.x(MOST_IN_VAIN), y))
            lines.append(_text(self.x(0) - 6, y + 4, f"{step * _STEP:.1f} s", "end"))
        for step in range(round(MOST_IN_VAIN / _STEP) + 1):
            x = self.x(step * _STEP)
            lines.append(_line(x, self.y(0), x, self.y(MOST_DELAY_S)))
            lines.append(_text(x, _HEIGHT - _BOTTOM + 16, f"{step * _STEP:.1f}", "middle"))
        middle = self.x(MOST_IN_VAIN / 2)
        return [*lines, _text(middle, _HEIGHT - 8, "hand-overs in vain a minute", "middle")]


def _is_shown(rate: float, delay_s: float) -> bool:
    return rate <= MOST_IN_VAIN and delay_s <= MOST_DELAY_S


def _legend(names: Sequence[str]) -> list[str]:
    parts = ['<text x="12" y="24" class="head">Delay at the end of a phrase</text>']
    for place, (name, colour) in enumerate(zip(names, COLOURS, strict=False)):
        x = 240 + 110 * place
        parts.append(f'<rect x="{x}" y="14" width="12" height="12" fill="{colour}"/>')
        parts.append(_text(x + 18, 24, name, "start"))
    return parts


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="grid" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
