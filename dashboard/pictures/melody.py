"""A melody that was learnt by heart, and how it was rebuilt, as piano rolls one over the other (A5)."""

from collections.abc import Mapping, Sequence

from dashboard.pictures.frame import COLOURS, Axis, Frame, stroke
from music.settings import SettingError

Rolls = Mapping[str, Sequence[tuple[float, float, int]]]  # notes: from, to, pitch


def rebuilt_melody(chart: Rolls) -> str:
    """From what the measure `by-heart` keeps: the notes wanted, and over them, thinner, those rebuilt."""
    notes = [note for some in chart.values() for note in some]
    if not notes:
        raise SettingError("neither melody has a note")
    frame = Frame(
        "A melody learnt by heart, and rebuilt",
        Axis.around("seconds", [0.0, *(until for _, until, _ in notes)]),
        Axis.around("pitch", [float(pitch) for _, _, pitch in notes]),
    )
    looks = {"wanted": (COLOURS[4], 6.0), "rebuilt": (COLOURS[0], 2.5)}
    parts = [
        stroke([frame.place((at, pitch)), frame.place((until, pitch))], *looks[name])
        for name in looks
        for at, until, pitch in chart[name]
    ]
    return frame.around(parts, {name: colour for name, (colour, _) in looks.items()})
