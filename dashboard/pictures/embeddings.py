"""Embeddings of tokens on a plane: circles for keys going down, crosses for keys going up, coloured by pitch
(E6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.pictures.frame import Axis, Frame, cross, dot
from music.settings import SettingError

_LOW, _HIGH = 21, 108


@dataclass(frozen=True, slots=True)
class Placed:
    """A token on the plane; of a chord, `pitch` is the mean of its pitches."""

    x: float
    y: float
    pitch: float
    is_off: bool = False


def map_of(tokens: Sequence[Placed], title: str) -> str:
    """All tokens that have a pitch."""
    if not tokens:
        raise SettingError("no token has a pitch, so there is nothing to place")
    frame = Frame(
        title,
        Axis.around("", [token.x for token in tokens]),
        Axis.around("", [token.y for token in tokens]),
    )
    parts = [
        (cross if token.is_off else dot)(frame.place((token.x, token.y)), colour_of(token.pitch))
        for token in tokens
    ]
    names = {"low": colour_of(36), "middle": colour_of(60), "high": colour_of(84)}
    return frame.around(parts, names)


def colour_of(pitch: float) -> str:
    """From violet, low, over green to red, high."""
    share = min(max((pitch - _LOW) / (_HIGH - _LOW), 0.0), 1.0)
    return f"hsl({round(280 * (1 - share))} 75% 42%)"
