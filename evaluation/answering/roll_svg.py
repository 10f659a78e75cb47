"""Notes as a picture: a piano roll in SVG, without a library.

A call in one colour, its answer in another, louder notes fuller, a line for each second and for each C. Must
not know who played.
"""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from music.notes import Note
from music.phrase import Phrase

CALL, ANSWER = "#d9822b", "#1d9a97"  # the page's warm and cool, on white
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 1000, 340, 44, 54, 26
_MARGIN_KEYS = 4
_FEWEST_KEYS = 36


def roll_svg(title: str, call: Phrase, answer: Phrase) -> str:
    """A call and its answer, one after the other."""
    notes = [*call.notes, *answer.notes]
    seconds = max((note.until for note in notes), default=1.0)
    roll = _Roll(seconds, *_range(notes))
    body = [
        *roll.grid(),
        *(roll.bar(note, CALL) for note in call.notes),
        *(roll.bar(note, ANSWER) for note in answer.notes),
        f'<text x="{_LEFT}" y="22" class="title">{escape(title)}</text>',
        *_legend(),
    ]
    style = (
        "text{font:12px sans-serif;fill:#555} .title{font-size:15px;fill:#222} "
        ".grid{stroke:#ddd;stroke-width:1}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title, {chr(34): "&quot;"})}"><style>{style}</style>'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>' + "".join(body) + "</svg>\n"
    )


class _Roll:
    """Where a moment and a pitch lie in the picture."""

    def __init__(self, seconds: float, lowest: int, highest: int) -> None:
        self._seconds, self._lowest, self._highest = seconds, lowest, highest
        self._across = (_WIDTH - _LEFT - 12) / seconds
        self._key = (_HEIGHT - _TOP - _BOTTOM) / (highest - lowest + 1)

    def x(self, at: float) -> float:
        return _LEFT + at * self._across

    def y(self, pitch: int) -> float:
        return _TOP + (self._highest - pitch) * self._key

    def bar(self, note: Note, colour: str) -> str:
        width = max(note.length_s * self._across - 1, 2)
        return (
            f'<rect x="{self.x(note.at):.1f}" y="{self.y(note.pitch):.1f}" width="{width:.1f}" '
            f'height="{max(self._key - 0.6, 1.5):.1f}" rx="1.5" fill="{colour}" '
            f'fill-opacity="{0.3 + 0.7 * note.velocity / 127:.2f}"/>'
        )

    def grid(self) -> list[str]:
        bottom = _HEIGHT - _BOTTOM
        lines = []
        for second in range(int(self._seconds) + 1):
            x = self.x(second)
            lines.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"/>')
            if second % 2 == 0:
                lines.append(f'<text x="{x:.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{second} s</text>')
        for pitch in range(-(-self._lowest // 12) * 12, self._highest + 1, 12):
            y = self.y(pitch) + self._key
            lines.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - 12}" y1="{y:.1f}" y2="{y:.1f}"/>')
            lines.append(f'<text x="{_LEFT - 8}" y="{y:.1f}" text-anchor="end">C{pitch // 12 - 1}</text>')
        return lines


def _range(notes: Sequence[Note]) -> tuple[int, int]:
    """The lowest and highest pitch shown: some room around the notes, and never less than three octaves."""
    lowest = min((note.pitch for note in notes), default=60) - _MARGIN_KEYS
    highest = max((note.pitch for note in notes), default=60) + _MARGIN_KEYS
    lacking = max(_FEWEST_KEYS - (highest - lowest), 0)
    return lowest - lacking // 2, highest + (lacking + 1) // 2


def _legend() -> list[str]:
    """Under the title, which may be long."""
    return [
        f'<rect x="{_LEFT}" y="32" width="12" height="12" fill="{CALL}"/>'
        f'<text x="{_LEFT + 18}" y="42">the call</text>',
        f'<rect x="{_LEFT + 90}" y="32" width="12" height="12" fill="{ANSWER}"/>'
        f'<text x="{_LEFT + 108}" y="42">the answer</text>',
    ]
