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
from evaluation.scoring.scorer import Scorer
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
    if scorer.encoding != EventEncoding().fingerprint:
        raise SettingError(
            f"the model reads another encoding (fingerprint {scorer.encoding}) than 'event' as it stands "
            f"({EventEncoding().fingerprint}), in which music is judged"
        )
    pieces = max((stretch.piece for stretch in stretches), default=-1) + 1
    nats, notes = np.zeros((pieces, len(EVENT_FIELDS))), np.zeros(pieces, np.int64)
    longest_first = sorted(stretches, key=lambda stretch: -len(stretch.events))
    for first in range(0, len(longest_first), scorer.lanes):
        lanes = longest_first[first : first + scorer.lanes]
        for stretch, found in zip(lanes, _nats_of(scorer, lanes), strict=True):
            gap, key, _ = stretch.events.T
            nats[stretch.piece] += found
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


def _nats_of(scorer: Scorer, lanes: Sequence[Stretch]) -> NDArray[np.float64]:
    """Nats of each lane (lanes x fields), the longest first; beyond the end of a lane nothing is counted."""
    longest = len(lanes[0].events)
    events = np.zeros((len(lanes), longest, len(EVENT_FIELDS)), np.int64)
    counts = np.zeros((len(lanes), longest, 1), bool)
    for lane, stretch in enumerate(lanes):
        events[lane, : len(stretch.events)] = stretch.events
        counts[lane, : len(stretch.events)] = True
    state = scorer.begin(np.stack([stretch.sounding for stretch in lanes]))
    nats = np.zeros((len(lanes), len(EVENT_FIELDS)))
    for begin in range(0, longest, _WINDOW):
        window = slice(begin, begin + _WINDOW)
        window_nats, state = scorer.score(state, events[:, window])
        nats += np.where(counts[:, window], window_nats, 0.0).sum(1)
    return nats
