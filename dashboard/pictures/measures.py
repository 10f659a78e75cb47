"""Pieces on the plane of the corpus' measures, a colour a stage of learning (C9)."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.pictures.frame import COLOURS, FAINT, Axis, Frame, Point, dot

_CORPUS = "the corpus"


def on_the_plane(chart: Mapping[str, Any]) -> str:
    """From what the measure `stages` keeps: `points` by stage, and the `shares` of the variance by axis."""
    points: Mapping[str, Sequence[Point]] = chart["points"]
    everything = [point for some in points.values() for point in some]
    titles = [
        f"{name} component ({share:.0%} of the corpus' variance)"
        for name, share in zip(("first", "second"), chart["shares"], strict=True)
    ]
    frame = Frame(
        "Measures of music: the corpus, and what is drawn as it learns",
        Axis.around(titles[0], [x for x, _ in everything]),
        Axis.around(titles[1], [y for _, y in everything]),
    )
    names = {name: _in_words(name) for name in points}
    colours = dict(zip([name for name in points if name != _CORPUS], COLOURS, strict=False)) | {
        _CORPUS: "#999999"
    }
    parts = [
        dot(
            frame.place(point), colours[name], 3.5, f'stroke="{FAINT}" stroke-width="0.5" fill-opacity="0.75"'
        )
        for name, some in points.items()
        for point in some
    ]
    return frame.around(parts, {names[name]: colours[name] for name in points})


def _in_words(stage: str) -> str:
    return stage if stage == _CORPUS else f"after {stage.removeprefix('at_')} %"
