"""How music goes on from a phrase: how far back to the middle, in each feature that an answer aims at.

Of calls of train pieces, and how the pieces go on after them. For each feature the middle and the share of
the way there are sought by which what follows is predicted best: the least mean of how far off it is. An
answer's goal comes from here (`realtime/answerers/passages/goal.py`).
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.belonging.phrase_calls import Call, phrase_calls
from music.manner.features import Features, features_of
from pieces.corpus import Corpus
from realtime.answerers.passages.closing import key_heard
from realtime.answerers.passages.goal import MIDDLES, evenly_in, measured, mixed

CALLS = 400
LOUDNESS = ("loudness", "loudness_spread")  # predicted too, to be seen beside the others
_SHARES = np.linspace(0.0, 1.0, 51)
_DIGITS = 3

Numbers = NDArray[np.float64]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "corpora",
        nargs="+",
        metavar="CORPUS",
        help="files of corpora; those joined by + are one sort of music and share its calls",
    )
    parser.add_argument(
        "--calls", type=int, default=CALLS, metavar="N", help="of each sort of music (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    calls = [call for sort in args.corpora for call in _calls_of(sort.split("+"), args.calls)]
    if not calls:
        raise ValueError(f"{' '.join(args.corpora)}: no train piece has a call; give more music")
    return {"calls": len(calls)} | figures(calls)


def figures(calls: Sequence[Call]) -> dict[str, Any]:
    """Of each feature what predicts it best, and how far off that is, and the call itself."""
    before = [features_of(call.phrase.notes, with_beat=False) for call in calls]
    after = [features_of(call.continuation.notes, with_beat=False) for call in calls]
    keys = [key_heard(call.phrase.notes) for call in calls]
    steps = np.mean([one.intervals for one in after], axis=0)
    numbers = {
        name: back_to_the_middle(
            *(np.array([measured(name, one) for one in side]) for side in (before, after))
        )
        for name in (*MIDDLES, *LOUDNESS)
    }
    return numbers | {
        "pitch_classes": best_share(before, after, _classes, [evenly_in(key) for key in keys]),
        "intervals": best_share(before, after, _steps, [steps] * len(calls))
        | {"steps": " ".join(f"{share:.{_DIGITS}f}" for share in steps)},
    }


def back_to_the_middle(before: Numbers, after: Numbers) -> dict[str, float]:
    """The middle, and the share of the way from a call's number to it, that leave the least to be off."""
    found = []
    for share in _SHARES.tolist():
        rest = after - (1 - share) * before
        goes_to = float(np.median(rest)) if share else 0.0
        found.append((float(np.abs(rest - goes_to).mean()), share, goes_to))
    off, share, goes_to = min(found)
    middle = goes_to / share if share else float(np.median(after))
    return _rounded(
        {"middle": middle, "share": share, "off": off, "off_where_the_call_is": np.abs(after - before).mean()}
    )


def best_share(
    before: Sequence[Features],
    after: Sequence[Features],
    part: Callable[[Features], Numbers],
    others: Sequence[Numbers],
) -> dict[str, Any]:
    """The share of others' that makes a call's shares most like those of what follows."""
    found = []
    for share in _SHARES.tolist():
        off = [
            np.abs(mixed(part(call), other, share) - part(true)).sum() / 2
            for call, true, other in zip(before, after, others, strict=True)
        ]
        found.append((float(np.mean(off)), share))
    off_best, best = min(found)
    return _rounded({"share": best, "off": off_best, "off_where_the_call_is": found[0][0]})


def _classes(features: Features) -> Numbers:
    return features.pitch_classes


def _steps(features: Features) -> Numbers:
    return features.intervals


def _calls_of(files: Sequence[str], most: int) -> list[Call]:
    each = max(most // len(files), 1)
    return [call for file in files for call in phrase_calls(Corpus(Path(file)).phrases("train"), each)]


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(float(value), _DIGITS) for name, value in figures.items()}
