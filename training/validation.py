"""How surprised a model is by held-out music while it learns: nats a note, by field, with the state carried.

A gap wider than 10 ms is charged log(width in cells) more, so that figures compare with models on the plain grid.
"""

import math

import numpy as np
import torch

from music.encodings.scales import GAPS, gap_width
from music.notes import KEYS
from training.dataset import TokenPieces
from training.models.event_model import FIELDS, EventModel, EventState, begin_event

_WINDOW = 512
_LANES = 16
_EXTRA_NATS = np.array([math.log(gap_width(gap)) for gap in range(GAPS)])


class Validation:
    """Held-out pieces, each from its beginning, up to `events` in all."""

    def __init__(self, pieces: TokenPieces, events: int) -> None:
        each = max(events // len(pieces), 1)
        begin = np.array([begin_event()])
        self._music = [np.concatenate([begin, pieces[number][:each]]) for number in range(len(pieces))]

    @torch.no_grad()
    def measured(self, model: EventModel) -> dict[str, float]:
        """Nats a note: all, and of gap, key and velocity; nats an event; how many notes were heard."""
        was_training = model.training
        model.eval()
        nats, notes, events = np.zeros(3), 0, 0
        for first in range(0, len(self._music), _LANES):
            told = _surprise_of(model, self._music[first : first + _LANES])
            nats, notes, events = nats + told[0], notes + told[1], events + told[2]
        model.train(was_training)
        fields = {
            f"{field}_nats_a_note": float(part) / notes for field, part in zip(FIELDS, nats, strict=True)
        }
        total = float(nats.sum())
        return {"nats_a_note": total / notes, **fields, "nats_an_event": total / events, "notes": notes}


def _surprise_of(model: EventModel, music: list[np.ndarray]) -> tuple[np.ndarray, int, int]:
    device = next(model.parameters()).device
    longest = max(len(piece) for piece in music)
    padded = np.tile(np.array(begin_event()), (len(music), longest, 1))
    counts = np.zeros((len(music), longest), bool)
    for lane, piece in enumerate(music):
        padded[lane, : len(piece)] = piece
        counts[lane, : len(piece)] = True
    state: EventState = model.silent_state(len(music))
    nats = np.zeros(3)
    for begin in range(0, longest - 1, _WINDOW):
        window = torch.from_numpy(padded[:, begin : begin + _WINDOW + 1]).to(device)
        read, state = model(window[:, :-1], state)
        told = model.surprise(read, window[:, 1:].clamp(max=2 * KEYS - 1)).cpu().numpy()
        nats += told[counts[:, begin + 1 : begin + _WINDOW + 1]].sum(0)
    heard = padded[:, 1:][counts[:, 1:]]
    nats[0] += _EXTRA_NATS[heard[:, 0]].sum()
    return nats, int((heard[:, 1] < KEYS).sum()), len(heard)
