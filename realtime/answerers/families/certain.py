"""The notes of an answer that no row still to come can change, more and more of them.

Rows are decoded a few at a time, together with the call's. A note is certain once it and all before it have
ended before the latest moment that was written. Knows drawings and encodings. Must not know the player's
clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil
from typing import NamedTuple

import numpy as np

from music.continuing.continuation import Rows, parted
from music.notes import Note
from music.tokens.encoding import Encoding
from realtime.answerers.families.drawing import Drawing

_LOOK, _LOOKS_AGAIN = 8, 1.1  # rows more before they are decoded again, and times as many as before


class _Look(NamedTuple):
    """So many rows, and the new notes that are certain by them."""

    rows: int
    notes: tuple[Note, ...]


@dataclass
class Certain:
    """New notes, look by look; of `most` rows all. Notes that span `ahead_s` are drawn ahead."""

    encoding: Encoding
    heard: Rows
    drawing: Drawing
    ahead_s: float  # written seconds
    most: int
    _of_call: tuple[Note, ...] = field(init=False, repr=False)
    _looks: list[_Look] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        self._of_call = self.encoding.decode(self.heard).notes

    def think(self) -> bool:
        """Hear some more of the call, draw a row, or decode what was drawn; whether there is more to do."""
        if self._next <= self.drawing.drawn:
            self._look()
        elif self.drawing.drawn < self.most and not self._is_far_ahead:
            self.drawing.think()
        else:
            return False
        return True

    def __iter__(self) -> Iterator[tuple[Note, ...]]:
        place = 0
        while True:
            if place == len(self._looks):
                self._look()
            look = self._looks[place]
            self.drawing.taken = look.rows
            yield look.notes
            if look.rows == self.most:
                return
            place += 1

    @property
    def known(self) -> tuple[Note, ...]:
        """The notes that are certain by now."""
        return self._looks[-1].notes if self._looks else ()

    def turn(self, knob: float) -> None:
        """What follows the notes given so far is drawn anew."""
        self.drawing.turn(knob)
        self._looks = [look for look in self._looks if look.rows <= self.drawing.taken]

    @property
    def _is_far_ahead(self) -> bool:
        notes = self.known
        return bool(notes) and notes[-1].at - notes[0].at >= self.ahead_s

    @property
    def _next(self) -> int:
        """How many rows the next look takes; more than there ever are after the last."""
        rows = self._looks[-1].rows if self._looks else 0
        return min(ceil(rows * _LOOKS_AGAIN) + _LOOK, self.most) if rows < self.most else self.most + 1

    def _look(self) -> None:
        taken, each_s = self._next, self.encoding.seconds_per_token
        rows = np.concatenate([self.heard, self.drawing.rows(taken)])
        notes = self.encoding.decode(rows).notes
        _, new = parted(notes, self._of_call)
        known_s = notes[-1].at if each_s is None else (len(rows) - 1) * each_s
        certain = next((n for n, note in enumerate(new) if note.until >= known_s), len(new))
        self._looks.append(_Look(taken, new if taken == self.most else new[:certain]))
