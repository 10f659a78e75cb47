"""What knowing nothing costs: every gap, every key change that can be, every velocity alike.

Of 88 keys those that sound can go up and the others down, so 88 changes can be at any moment. Any model
should begin near here: an untrained one does. Buckets of gaps are charged as in `likelihood`. Must not know
models.
"""

import math
from collections.abc import Sequence

import numpy as np

from evaluation.scoring.held_out import Piece
from evaluation.scoring.likelihood import EVENT_FIELDS, WIDTH_NATS, Likelihood
from music.notes import KEYS
from music.tokens.scales import GAPS, VELOCITY_BINS


def chance_likelihood(pieces: Sequence[Piece]) -> Likelihood:
    """Of the pieces' events, none likelier than another."""
    events = np.array([len(piece.events) for piece in pieces])
    notes = np.array([int((piece.events[:, 1] < KEYS).sum()) for piece in pieces])
    widths = np.array([WIDTH_NATS[piece.events[:, 0]].sum() for piece in pieces])
    nats = np.stack(
        [
            events * math.log(GAPS) + widths,
            events * math.log(KEYS),
            notes * math.log(VELOCITY_BINS),
        ],
        axis=1,
    )
    return Likelihood(EVENT_FIELDS, nats, notes, int(events.sum()))
