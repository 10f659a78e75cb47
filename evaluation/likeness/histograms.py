"""What notes are like, set beside set: histograms of pitch, gap, length and velocity, and one distance.

The fields are those of the `note` encoding, so every family of models is compared alike, whatever it writes.
The distance of a field is the share of notes that would have to be others (half the sum of differences: 1
less the overlap), and that of two sets is the mean over the fields that both have. An encoding that writes no
loudness has none to be compared. Must not know models.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from statistics import fmean
from typing import Any

import numpy as np

from evaluation.answering.distributions import Counts, distributions, overlaps
from evaluation.baselines.note import NOTE_FIELDS
from evaluation.likeness.defined import Figures, Undefined
from music.encodings.note import NoteEncoding
from music.phrase import Phrase


def histograms_of(pieces: Sequence[Phrase]) -> Counts:
    """How many notes of all pieces have each gap, pitch, velocity and length."""
    encoding = NoteEncoding()
    return distributions(encoding.encode(piece) for piece in pieces)


def distances(one: Mapping[str, Any], other: Mapping[str, Any]) -> Figures:
    """The distance by field, 0 (alike) to 1 (nothing in common), and `distance`, their mean."""
    figures = Figures()
    shared = overlaps(one, other)
    for name in NOTE_FIELDS:
        figures.put(f"{name}_distance", partial(_distance, name, one, other, shared[name]))
    figures.put("distance", lambda: _mean(list(figures.values.values())))
    return figures


def _distance(field: str, one: Mapping[str, Any], other: Mapping[str, Any], overlap: float | None) -> float:
    if overlap is None:
        raise Undefined("one of the two has no note")
    if field == "velocity" and any(np.count_nonzero(of[field]["counts"]) == 1 for of in (one, other)):
        raise Undefined(
            "all notes of one of the two are equally loud, as encodings without loudness write them"
        )
    return 1 - overlap


def _mean(values: Sequence[float]) -> float:
    if not values:
        raise Undefined("one of the two has no note")
    return fmean(values)
