"""What notes are like, as counts: pitch, gap, velocity and length, by the symbols of the `note` encoding.

Counts, not shares, so that pieces and sets can be added up. Must not know how they will be drawn.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from evaluation.baselines.note import NOTE_FIELDS, NoteCounts
from evaluation.scoring.held_out import Notes
from music.encodings.note import NoteEncoding

Counts = dict[str, dict[str, Any]]  # of each field: `symbols`, in order, and `counts` of each


def distributions(pieces: Iterable[Notes]) -> Counts:
    """Of each field its symbols, in order, and how many notes have each."""
    return _by_field([counts.tolist() for counts in NoteCounts.of(pieces).seen])


def even() -> Counts:
    """Every symbol as often: what playing by chance would be like."""
    return _by_field([[1] * size for size in NoteEncoding().vocabulary.sizes])


def overlaps(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, float | None]:
    """For each field the share, 0 to 1, that two distributions have in common; None where one is empty."""
    return {name: _overlap(one[name]["counts"], other[name]["counts"]) for name in NOTE_FIELDS}


def _overlap(one: list[int], other: list[int]) -> float | None:
    if not sum(one) or not sum(other):
        return None
    shares = np.array(one) / sum(one), np.array(other) / sum(other)
    return round(float(np.minimum(*shares).sum()), 4)


def _by_field(counts: list[list[int]]) -> Counts:
    fields = NoteEncoding().vocabulary.fields
    return {
        name: {"symbols": list(field.symbols or ()), "counts": of_field}
        for name, field, of_field in zip(NOTE_FIELDS, fields, counts, strict=True)
    }
