"""How far apart colours are for eyes of several kinds, and how far from their ground.

People who lack one kind of cone, after Machado, Oliveira and Fernandes (2009), at full severity; differences
as distances in CIELAB, where 2 is just seen side by side; contrast as WCAG 2 reckons it.
"""

from collections.abc import Sequence
from math import dist

_OF_LIGHT = {
    "all three cones": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "no red cones": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green cones": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "no blue cones": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
EYES = tuple(_OF_LIGHT)
_XYZ = (  # of linear sRGB, each beside the white of D65
    (0.4124 / 0.95047, 0.3576 / 0.95047, 0.1805 / 0.95047),
    (0.2126, 0.7152, 0.0722),
    (0.0193 / 1.08883, 0.1192 / 1.08883, 0.9505 / 1.08883),
)


def apart_by(one: str, other: str, eyes: str) -> float:
    """The distance between two colours, `#rrggbb`, as these eyes see them."""
    seen = [
        [min(max(part, 0.0), 1.0) for part in _times(_OF_LIGHT[eyes], _light(colour))]
        for colour in (one, other)
    ]
    return dist(*map(_lab, seen))


def contrast(one: str, other: str) -> float:
    """The ratio of two colours' luminances, from 1 to 21."""
    darker, lighter = sorted(_times(_XYZ, _light(colour))[1] for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def _light(colour: str) -> list[float]:
    values = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]


def _lab(light: Sequence[float]) -> tuple[float, float, float]:
    x, y, z = (
        value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in _times(_XYZ, light)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _times(matrix: Sequence[Sequence[float]], values: Sequence[float]) -> list[float]:
    return [sum(factor * value for factor, value in zip(row, values, strict=True)) for row in matrix]
