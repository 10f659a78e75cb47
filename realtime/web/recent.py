"""What a browser that comes later needs to know.

What is held, the last half minute, and the newest of each state.

Takes rows, gives lines. Knows no clock: the moment is given to it.
"""

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from realtime.rows.messages import HAPPENED, RowLine

REMEMBERED_S = 30.0
MOST_ROWS = 8192  # ten fingers and a fine pedal make a third of it

MOST_LOGGED = 600  # rows: an hour and more of turns

_LOGGED = frozenset({"turn", "line", "model", "controls", HAPPENED})
_IN_ORDER = frozenset({"note", "pedal", "turn", "line"})
_STATES = frozenset({"turn", "quiet", "ports", "presets", "model", "controls"})


class Recent:
    """Remembers rows."""

    def __init__(self) -> None:
        self.controls: Mapping[str, Any] = {}
        self.answer_within_s: Sequence[float] | None = None
        self._rows: deque[tuple[float, str]] = deque(maxlen=MOST_ROWS)
        self._log: deque[RowLine] = deque(maxlen=MOST_LOGGED)
        self._down: dict[Hashable, tuple[float, str]] = {}  # keys and pedals that are down, and since when
        self._newest: dict[str, str] = {}

    def take(self, row: RowLine) -> None:
        """Remember a row, and forget the oldest."""
        if row.kind in _STATES:
            self._newest[row.kind] = row.text
        if row.kind in ("begin", "controls"):
            self.controls = row.fields.get("controls", {})
            self.answer_within_s = row.fields.get("answer_within_s")
        if row.kind in _LOGGED:
            self._log_row(row)
        if row.kind in _IN_ORDER:
            self._forget_before(row.at - REMEMBERED_S)
            self._rows.append((row.at, row.text))
            self._take_down_or_up(row)

    def newest(self, kind: str) -> str | None:
        """The newest row of a kind; None before the first."""
        return self._newest.get(kind)

    def log(self) -> list[str]:
        """What happened, oldest first; of controls that move and move only where they came to rest."""
        return [row.text for row in self._log]

    def _log_row(self, row: RowLine) -> None:
        if row.kind == "controls" and self._log and self._log[-1].kind == "controls":
            self._log.pop()
        self._log.append(row)

    def rows(self, now: float) -> list[str]:
        """What is down for longer than is remembered, and then all of the last half minute, in order."""
        self._forget_before(now - REMEMBERED_S)
        since = self._rows[0][0] if self._rows else now
        old = [text for at, text in self._down.values() if at < since]
        return [*old, *(text for _, text in self._rows)]

    def _forget_before(self, at: float) -> None:
        while self._rows and self._rows[0][0] < at:
            self._rows.popleft()

    def _take_down_or_up(self, row: RowLine) -> None:
        named = row.fields.get
        of = (row.kind, named("who"), named("pitch"), named("channel"), named("source"))
        if row.kind in ("note", "pedal"):
            self._down.pop(of, None)
            if named("velocity") or named("depth"):
                self._down[of] = (row.at, row.text)
