"""Pieces side by side in lanes, window by window, so that a model's state can be carried from one to the
next.

A lane that begins a piece says so. Which piece a lane takes next and how it is varied depends on the seed and
on how many were taken before, so a place in the data is a few numbers. Must not know models.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from music.settings import SettingError, check_least
from pieces.corpus import PieceRecord
from pieces.music import Music, Rows
from training.feeds.feed import ALONE, NOT_LEARNT, Batch, Share, after_begin, check_enough

Varied = Callable[[Rows, PieceRecord, int, np.random.Generator], Rows]  # rows, whose, the epoch, chance
Unlearnt = Callable[[Rows, PieceRecord], tuple[int, ...]]  # which fields of a piece teach nothing


@dataclass(frozen=True, slots=True)
class LanesSettings:
    """`carry` keeps each lane's state from window to window, so that a piece is heard as a whole;
    without it each window starts cold."""

    kind: Literal["lanes"] = "lanes"
    lanes: int = 32
    window: int = 256
    carry: bool = True

    def __post_init__(self) -> None:
        check_least(self, 1, "lanes", "window")


@dataclass(frozen=True, slots=True)
class LanePlace:
    """Where a lane is: which piece of all that are taken one after another,
    and how many of its rows are done."""

    piece: int
    done: int


class Lanes:
    """Windows without end. `begin` is read before each piece, `begin_in_beats` before one that keeps a beat;
    none where its first row is given and not predicted."""

    def __init__(
        self,
        pieces: Music,
        begin: tuple[float, ...] | None,
        settings: LanesSettings,
        *,
        seed: int,
        varied: Varied | None = None,
        unlearnt: Unlearnt | None = None,
        begin_in_beats: tuple[float, ...] | None = None,
        place: Any = None,
        share: Share = ALONE,
    ) -> None:
        self.lanes, self._pieces, self._begin, self._settings = settings.lanes, pieces, begin, settings
        self._begin_in_beats = begin if begin_in_beats is None else begin_in_beats
        self._seed, self._varied, self._unlearnt = seed, varied, unlearnt
        self._places = [LanePlace(*lane) for lane in place or ((lane, 0) for lane in range(settings.lanes))]
        if len(self._places) != settings.lanes:
            raise SettingError(f"{settings.lanes} lanes can't go on from a place of {len(self._places)}")
        if settings.lanes % share.of:
            raise SettingError(
                f"{settings.lanes} lanes can't be shared out among {share.of} processes; say data.feed.lanes"
            )
        check_enough(any(self._steps_of(number) >= 1 for number in range(len(pieces))))
        self._mine = range(settings.lanes)[share.of_lanes(settings.lanes)]
        self._order: dict[int, np.ndarray[Any, Any]] = {}
        self._left_out: dict[int, tuple[int, ...]] = {}  # the fields of each piece read that teach nothing
        self._music = {lane: self._read(self._places[lane].piece) for lane in self._mine}
        windows = sum(-(-max(self._steps_of(number), 0) // settings.window) for number in range(len(pieces)))
        self.batches_a_pass = windows / settings.lanes

    @property
    def place(self) -> list[tuple[int, int]]:
        """Each lane's piece and how much of it is done."""
        return [(lane.piece, lane.done) for lane in self._places]

    def next(self) -> Batch:
        """The next window of each lane of ours; `place` stands after it."""
        window = self._settings.window
        read, following, counts, begins = [], [], [], []
        for lane in range(self.lanes):
            self._begin_another_where_done(lane)
            place = self._places[lane]
            length = min(window, self._steps_of(self._piece_at(place.piece)) - place.done)
            if lane in self._music:
                stretch = self._music[lane][place.done : place.done + length + 1]
                read.append(_filled(stretch[:-1], window))
                taught = self._taught(stretch[1:], self._piece_at(place.piece))
                following.append(_filled(taught, window))
                counts.append(np.arange(window) < length)
                begins.append(place.done == 0 or not self._settings.carry)
            self._places[lane] = LanePlace(place.piece, place.done + length)
        return Batch(np.stack(read), np.stack(following), np.stack(counts), np.array(begins))

    def _begin_another_where_done(self, lane: int) -> None:
        place = self._places[lane]
        if place.done < self._steps_of(self._piece_at(place.piece)):
            return
        number = 1 + max(place.piece for place in self._places)
        while self._steps_of(self._piece_at(number)) < 1:
            number += 1
        self._places[lane] = LanePlace(number, 0)
        if lane in self._music:
            self._music[lane] = self._read(number)

    def _taught(self, rows: Rows, piece: int) -> Rows:
        """Rows of a piece as what is to be predicted."""
        fields = self._left_out.get(piece)
        if not fields:
            return rows
        taught = rows.copy()
        taught[:, list(fields)] = NOT_LEARNT
        return taught

    def _steps_of(self, piece: int) -> int:
        """How many rows of a piece are predicted."""
        return self._pieces.length(piece) - (self._begin is None)

    def _piece_at(self, number: int) -> int:
        """Which piece is taken at this number of all that are taken: an order of its own in each epoch."""
        epoch, place = divmod(number, len(self._pieces))
        if epoch not in self._order:
            self._order = {kept: order for kept, order in self._order.items() if kept >= epoch - 1}
            self._order[epoch] = np.random.default_rng([self._seed, epoch]).permutation(len(self._pieces))
        return int(self._order[epoch][place])

    def _read(self, number: int) -> Rows:
        epoch, piece = number // len(self._pieces), self._piece_at(number)
        chance = np.random.default_rng([self._seed, epoch, piece, 1])
        rows = self._pieces.rows(piece, 0, self._pieces.length(piece))
        if self._unlearnt is not None:
            self._left_out[piece] = self._unlearnt(rows, self._pieces.record(piece))
        if self._varied is not None:
            rows = self._varied(rows, self._pieces.record(piece), epoch, chance)
        has_beat = self._pieces.record(piece).has_beat
        return after_begin(self._begin_in_beats if has_beat else self._begin, rows)


def _filled(rows: Rows, window: int) -> Rows:
    """Rows up to the window's length; what is added doesn't count, and has only to be readable."""
    if len(rows) == window:
        return rows
    return np.concatenate([rows, np.repeat(rows[-1:], window - len(rows), axis=0)])
