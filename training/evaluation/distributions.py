"""What notes are like, as counts: pitch, gap, velocity and length, by the symbols of the `note` encoding.

Counts, not shares, so that pieces and sets can be added up. Must not know how they will be drawn.
"""

from collections.abc import Iterable
from typing import Any

from music.encodings.note import NoteEncoding
from training.evaluation.held_out import Notes
from training.evaluation.note_baselines import FIELDS, NoteCounts


def distributions(pieces: Iterable[Notes]) -> dict[str, Any]:
    """Of each field its symbols, in order, and how many notes have each."""
    seen = NoteCounts.of(pieces).seen
    fields = NoteEncoding().vocabulary.fields
    return {
        name: {"symbols": list(field.symbols or ()), "counts": counts.tolist()}
        for name, field, counts in zip(FIELDS, fields, seen, strict=True)
    }
