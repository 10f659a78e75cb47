"""How likely held-out music is to a model: nats a note, by field, on a plain grid of 10 ms.

Notes are keys going down; all events' nats are shared out over them. A gap's bucket wider than one cell of 10
ms is charged log(width in cells) more, as if each of its cells were as likely, so that a coarse scale gains
nothing. Must not know a runtime.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.scoring.held_out import Stretch
from evaluation.scoring.scorer import Nats, Scorer
from music.encodings.event import EventEncoding
from music.notes import KEYS
from music.settings import SettingError
from music.tokens.scales import GAPS, gap_width

EVENT_FIELDS = ("gap", "key", "velocity")
WIDTH_NATS = np.array([math.log(gap_width(gap)) for gap in range(GAPS)])
_WINDOW = 128  # events scored in one call: changes no figure; small enough for a processor's cache


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Nats by piece and field, and how many notes each piece has."""

    fields: tuple[str, ...]
    nats: NDArray[np.float64]  # pieces x fields
    notes: NDArray[np.int64]  # pieces
    events: int

    @property
    def nats_a_note(self) -> float:
        """Of all notes pooled, all fields together."""
        return float(self.nats.sum() / self.notes.sum())

    @property
    def standard_error(self) -> float:
        """Of nats a note, as pieces are drawn by chance; 0 where there is one piece."""
        pieces = len(self.notes)
        if pieces < 2:
            return 0.0
        apart = self.nats.sum(1) - self.nats_a_note * self.notes
        return float(np.sqrt((apart**2).sum() * pieces / (pieces - 1)) / self.notes.sum())

    def record(self) -> dict[str, float]:
        """Every figure by name, as JSON can hold it."""
        total, notes = float(self.nats.sum()), int(self.notes.sum())
        by_field = (self.nats.sum(0) / notes).tolist()
        return {
            "nats_a_note": total / notes,
            "standard_error": self.standard_error,
            **{f"{field}_nats_a_note": part for field, part in zip(self.fields, by_field, strict=True)},
            "nats_an_event": total / self.events,
            "notes": notes,
            "events": self.events,
        }


def likelihood(scorer: Scorer, stretches: Sequence[Stretch]) -> Likelihood:
    """How surprised a model is by all events of these stretches."""
    return pooled(stretches, scored(scorer, stretches))


def scored(scorer: Scorer, stretches: Sequence[Stretch]) -> list[Nats]:
    """The nats of each stretch's events by field (T x 3), on the scale of gaps that the model has."""
    if scorer.encoding != EventEncoding().fingerprint:
        raise SettingError(
            f"the model reads another encoding (fingerprint {scorer.encoding}) than 'event' as it stands "
            f"({EventEncoding().fingerprint}), in which music is judged"
        )
    longest_first = sorted(range(len(stretches)), key=lambda place: -len(stretches[place].events))
    found: dict[int, Nats] = {}
    for first in range(0, len(stretches), scorer.lanes):
        places = longest_first[first : first + scorer.lanes]
        lanes = [stretches[place] for place in places]
        found |= zip(places, _nats_of(scorer, lanes), strict=True)
    return [found[place] for place in range(len(stretches))]


def pooled(stretches: Sequence[Stretch], each: Sequence[Nats]) -> Likelihood:
    """The nats of stretches by piece and field, on a plain grid."""
    pieces = max((stretch.piece for stretch in stretches), default=-1) + 1
    nats, notes = np.zeros((pieces, len(EVENT_FIELDS))), np.zeros(pieces, np.int64)
    for stretch, found in zip(stretches, each, strict=True):
        gap, key, _ = stretch.events.T
        nats[stretch.piece] += found.sum(0)
        nats[stretch.piece, 0] += WIDTH_NATS[gap].sum()
        notes[stretch.piece] += (key < KEYS).sum()
    if not notes.sum():
        raise SettingError("there is no note in the music that is to be judged")
    if not np.isfinite(nats).all():
        raise SettingError(
            f"the model's nats sum up to {nats.sum()}: its weights are broken; judge another run, "
            "or train anew"
        )
    return Likelihood(EVENT_FIELDS, nats, notes, sum(len(stretch.events) for stretch in stretches))


def _nats_of(scorer: Scorer, lanes: Sequence[Stretch]) -> list[Nats]:
    """Nats of each lane's events (T x 3), the longest lane first; beyond the end of a lane there are none."""
    longest = len(lanes[0].events)
    events = np.zeros((len(lanes), longest, len(EVENT_FIELDS)), np.int64)
    for lane, stretch in enumerate(lanes):
        events[lane, : len(stretch.events)] = stretch.events
    state = scorer.begin(np.stack([stretch.sounding for stretch in lanes]))
    nats = np.zeros(events.shape)
    for begin in range(0, longest, _WINDOW):
        window = slice(begin, begin + _WINDOW)
        nats[:, window], state = scorer.score(state, events[:, window])
    return [nats[lane, : len(stretch.events)] for lane, stretch in enumerate(lanes)]
