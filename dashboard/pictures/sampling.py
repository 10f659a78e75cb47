"""Indirect sampling likelihood as a run learns, and the trap in it: what no sound at all comes to (C8)."""

import re
from collections.abc import Mapping

from dashboard.pictures.frame import COLOURS, Axis, Frame, Point, dot, stroke
from music.settings import SettingError

_STAGE = re.compile(r"at_(\d+)_isl(_silent)?")
_LOOKS = {"samples": ("", COLOURS[0]), "silence": ('stroke-dasharray="5 3"', COLOURS[1])}


def has_stages(measures: Mapping[str, float]) -> bool:
    """Whether a run's measures have this likelihood at any stage."""
    return any(_STAGE.fullmatch(name) for name in measures)


def by_stage(measures: Mapping[str, float]) -> str:
    """From a run's measures: what its samples come to at each stage, and silence with the same kernel.

    A model whose samples lie no higher than silence has learnt to be quiet, and no more.
    """
    lines: dict[str, list[Point]] = {"samples": [], "silence": []}
    for name, value in measures.items():
        if stage := _STAGE.fullmatch(name):
            lines["silence" if stage[2] else "samples"].append((float(stage[1]), value))
    points = [point for line in lines.values() for point in line]
    if not points:
        raise SettingError("no stage of it has a sampling likelihood; train a recipe with the measure stages")
    frame = Frame(
        "Sampling likelihood of unseen steps, and what silence comes to",
        Axis.around("% learnt", [x for x, _ in points]),
        Axis.around("nats a step", [y for _, y in points]),
    )
    parts = []
    for name, line in lines.items():
        dashes, colour = _LOOKS[name]
        places = [frame.place(point) for point in sorted(line)]
        parts += [stroke(places, colour, 2, dashes), *(dot(place, colour) for place in places)]
    return frame.around(parts, {name: colour for name, (_, colour) in _LOOKS.items()})
