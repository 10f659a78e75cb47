"""Tokens in another tempo, key and loudness, without decoding them: how pieces are varied from epoch to
epoch.

Knows how `event` and `note` number their fields; other writings are not varied. A transposition that would
leave the keyboard goes only as far as it can. A stretched length of time is rounded up or down by chance, so
that the tempo is right on average though cells are coarse. Velocities move by whole bins of four. Must not
know models or corpora.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from music.listening.beat_time import cells_of
from music.notes import KEYS
from music.settings import SettingError
from music.tokens.scales import CELLS_PER_S, GAPS, VELOCITIES_PER_BIN, gap_cells, gap_number
from pieces.corpus import PieceRecord
from training.feeds.augmentation import UNCHANGED, Augmentation, Variant
from training.feeds.lanes import Varied

_CELLS = np.array([gap_cells(gap) for gap in range(GAPS)])
_GAP_OF = np.array([gap_number(cells) for cells in range(40 * CELLS_PER_S)])
Field = NDArray[Any]


def variation(encoding: str, augmentation: Augmentation, seed: int) -> Varied | None:
    """How a piece is varied in an epoch, or not at all; asked of a writing that can't be varied, an error."""
    if augmentation == UNCHANGED:
        return None
    if encoding not in _VARIED:
        raise SettingError(
            f"stretches, semitones, louder and spreads vary {' and '.join(map(repr, _VARIED))} alone, not "
            f"{encoding!r}; leave them out, or say data.transforms"
        )
    part = [by for by in augmentation.louder if by % VELOCITIES_PER_BIN]
    if part:
        raise SettingError(
            f"louder moves velocities by whole bins of {VELOCITIES_PER_BIN}, so not by {part[0]}; say a "
            f"multiple of {VELOCITIES_PER_BIN}"
        )
    vary = _VARIED[encoding]

    def varied(
        rows: NDArray[Any], piece: PieceRecord, epoch: int, chance: np.random.Generator
    ) -> NDArray[Any]:
        variant = augmentation.drawn(seed, piece.hash, epoch, in_beats=piece.has_beat)
        if piece.has_beat and encoding == "event":
            rows, variant = stretched_in_beats(rows, variant.stretch), replace(variant, stretch=1.0)
        return vary(rows, variant, chance)

    return varied


def varied_events(
    events: NDArray[np.int64], variant: Variant, chance: np.random.Generator
) -> NDArray[np.int64]:
    """Tokens of `event` (without pedal)."""
    gap, key, velocity = events.T
    key = _transposed(key, key % KEYS, variant.semitones)
    struck = velocity > 0
    velocity = _spread(velocity, velocity[struck], variant.spread, 1, 32)
    louder = np.where(struck, _louder(velocity, variant.louder, 1, 32), 0)
    return np.stack([_stretched(gap, variant.stretch, chance), key, louder], axis=1)


def stretched_in_beats(events: NDArray[np.int64], stretch: float) -> NDArray[np.int64]:
    """Tokens of `event` that count cells in beats, each event moved to its place where the same music lasts
    `stretch` times as many beats."""
    if stretch == 1:
        return events
    cells = np.floor(cells_of(events[:, 0]) * stretch + 0.5).astype(np.int64)
    gaps = np.diff(cells, prepend=0)
    return np.concatenate([_GAP_OF[np.minimum(gaps, len(_GAP_OF) - 1)][:, None], events[:, 1:]], axis=1)


def varied_notes(
    notes: NDArray[np.int64], variant: Variant, chance: np.random.Generator
) -> NDArray[np.int64]:
    """Tokens of `note`."""
    gap, pitch, velocity, length = notes.T
    gap = _stretched(gap, variant.stretch, chance)
    longer = np.maximum(_stretched(length + 1, variant.stretch, chance), 1) - 1
    pitch = _transposed(pitch, pitch, variant.semitones)
    velocity = _spread(velocity, velocity, variant.spread, 0, 31)
    return np.stack([gap, pitch, _louder(velocity, variant.louder, 0, 31), longer], axis=1)


def _stretched(gap: Field, stretch: float, chance: np.random.Generator) -> Field:
    if stretch == 1:
        return gap
    cells = np.floor(_CELLS[gap] * stretch + chance.random(len(gap)))
    return np.where(gap == 0, 0, _GAP_OF[np.minimum(cells.astype(np.int64), len(_GAP_OF) - 1)])


def _transposed(field: Field, keys: Field, semitones: int) -> Field:
    if not semitones or not len(keys):
        return field
    return field + min(max(semitones, -int(keys.min())), KEYS - 1 - int(keys.max()))


def _spread(velocity: Field, struck: Field, factor: float, least: int, most: int) -> Field:
    """Velocities `factor` times as far from the mean of those struck."""
    if factor == 1 or not len(struck):
        return velocity
    mean = struck.mean()
    spread: Field = np.clip(np.floor(mean + (velocity - mean) * factor + 0.5), least, most).astype(
        velocity.dtype
    )
    return spread


def _louder(velocity: Field, by: int, least: int, most: int) -> Field:
    return np.clip(velocity + by // VELOCITIES_PER_BIN, least, most) if by else velocity


_VARIED = {"event": varied_events, "note": varied_notes}
