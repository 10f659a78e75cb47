"""Charts as HTML that stands by itself: a line a model, with a bar or dots on one scale, and figures beside
them. So they are read at any width, aloud too, and without a script.

Must not know what is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite


@dataclass(frozen=True, slots=True)
class Track:
    """A value by a name, and where it lies with 95 % if that is known; or several, as dots around it."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    dots: tuple[float, ...] = ()

    @property
    def numbers(self) -> list[float]:
        """All that must find room on the scale."""
        there = (self.value, self.low, self.high, *self.dots)
        return [one for one in there if one is not None and isfinite(one)]


@dataclass(frozen=True, slots=True)
class Chart:
    """Tracks on one scale: what is measured, how a value is written, and where bars begin; dots have no
    beginning. `mark` is a value that means something, such as chance."""

    title: str
    about: str
    form: str
    begin: float | None = None
    mark: float | None = None


def chart(what: Chart, tracks: Sequence[Track]) -> str:
    """The whole of it; nothing where nothing is known."""
    numbers = [number for track in tracks for number in track.numbers]
    if not numbers:
        return ""
    fixed = [one for one in (what.begin, what.mark) if one is not None]
    low, high = min([*numbers, *fixed]), max([*numbers, *fixed])
    room = 0.04 * (high - low) or 0.5
    low = low if low in fixed else low - room
    scale = _Scale(low, high + room)
    rows = "".join(_row(what, track, scale) for track in tracks)
    marked = (
        f'<p class="dim">The thin line stands at {format(what.mark, what.form)}.</p>'
        if what.mark is not None
        else ""
    )
    return (
        f"<section><h2>{escape(what.title)}</h2><p>{escape(what.about)}</p>"
        f'<div class="chart">{rows}</div>{marked}</section>'
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float

    def at(self, value: float) -> float:
        """In hundredths of the width."""
        return 100 * (value - self.low) / (self.high - self.low)


def _row(what: Chart, track: Track, scale: _Scale) -> str:
    return (
        f'<div class="track"><span class="name">{escape(track.name)}</span>'
        f'<span class="drawn" aria-hidden="true">{"".join(_marks(what, track, scale))}</span>'
        f'<span class="value">{_words(what, track)}</span></div>'
    )


def _marks(what: Chart, track: Track, scale: _Scale) -> list[str]:
    marks = []
    if what.begin is not None and track.value is not None and isfinite(track.value):
        marks.append(_span("bar", scale.at(what.begin), scale.at(track.value)))
    marks += [_point("dot", scale.at(one)) for one in track.dots if isfinite(one)]
    if track.dots and track.value is not None and isfinite(track.value):
        marks.append(_point("mean", scale.at(track.value)))
    if _is_number(track.low) and _is_number(track.high):
        marks.append(_span("within", scale.at(track.low or 0.0), scale.at(track.high or 0.0)))
    if what.mark is not None:
        marks.append(_point("mark", scale.at(what.mark)))
    return marks


def _words(what: Chart, track: Track) -> str:
    if track.value is None or not isfinite(track.value):
        return "–"
    words = format(track.value, what.form)
    if _is_number(track.low) and _is_number(track.high):
        words += f" ({format(track.low, what.form)} to {format(track.high, what.form)})"
    return words


def _span(kind: str, one: float, other: float) -> str:
    left, right = min(one, other), max(one, other)
    return f'<i class="{kind}" style="left:{left:.2f}%;width:{right - left:.2f}%"></i>'


def _point(kind: str, at: float) -> str:
    return f'<i class="{kind}" style="left:{at:.2f}%"></i>'


def _is_number(value: float | None) -> bool:
    return value is not None and isfinite(value)
