"""How a model goes on from a call, row by row, as far ahead as there is time for.

A row depends on the seed, the turn, the attempt and its number alone, so it is the same whether it was drawn
ahead or when it was needed. Knows a session and rows. Must not know notes or time.
"""

from dataclasses import dataclass, field

import numpy as np

from music.continuing.continuation import Rows
from realtime.answerers.daring import heats
from realtime.answerers.passages.candidates import TOP_P
from realtime.inference.rows.row_session import Array, RowControls, RowSession
from realtime.inference.session import ModelState

HEARD_AT_ONCE = 8  # rows of a call that are read in one step of thinking


@dataclass
class Drawing:
    """The rows after a call's. `taken` of them have been played; those beyond may be drawn anew."""

    session: RowSession
    heard: Rows
    chance: tuple[int, int, int]  # seed, turn and attempt
    knob: float
    taken: int = 0
    _to_hear: list[Array] = field(init=False, repr=False)
    _drawn: list[Array] = field(default_factory=list, init=False, repr=False)  # each 1 x F
    _before: list[ModelState] = field(init=False, repr=False)  # the state before each row's predecessor

    def __post_init__(self) -> None:
        begins = [self.session.begin()] if self.session.bundle.header.reads_begin else []
        self._to_hear = [*begins, *(row[None] for row in self.heard)][::-1]
        self._before = [self.session.silent_state()]

    @property
    def drawn(self) -> int:
        """How many rows there are already."""
        return len(self._drawn)

    def think(self) -> None:
        """Hear some more of the call, or draw one row more."""
        for _ in range(HEARD_AT_ONCE):
            if len(self._to_hear) == 1:
                self._draw()
                return
            self._hear()

    def rows(self, rows: int) -> Rows:
        """So many rows from the first one on (rows x F), drawn now if they weren't yet."""
        while len(self._to_hear) > 1:
            self._hear()
        while self.drawn < rows:
            self._draw()
        return np.concatenate(self._drawn[:rows]).astype(self.heard.dtype)

    def turn(self, knob: float) -> None:
        """Draw what follows anew, from what has been played."""
        self.knob = knob
        del self._drawn[self.taken :]
        del self._before[self.taken + 1 :]

    def _hear(self) -> None:
        self._before[0] = self.session.feed(self._to_hear.pop(), self._before[0])

    def _draw(self) -> None:
        last = self._drawn[-1] if self._drawn else self._to_hear[0]
        luck = np.random.default_rng([*self.chance, self.drawn]).random((1, self.session.chances))
        gap, key, _ = heats(self.knob)
        # a row says when and what at once
        controls = RowControls((gap + key) / 2, TOP_P, self._wishes(last))
        row, _, after = self.session.step(last, luck, self._before[self.drawn], controls)
        self._drawn.append(row)
        self._before.append(after)

    def _wishes(self, last: Array) -> Array | None:
        """The symbols that may follow: those of the encoding's format, and none that it did not learn."""
        encoding, header = self.session.bundle.encoding, self.session.bundle.header
        if header.wishes is None or len(header.fields) > 1 or not header.reads_symbols:
            return None
        number = int(last[0, 0])
        begins = number >= header.wishes.count
        allowed = np.ones(header.wishes.count, np.bool_) if begins else encoding.allowed_after(number).copy()
        if encoding.unknown is not None:
            allowed[encoding.unknown] = False
        return allowed[None].astype(np.float32)
