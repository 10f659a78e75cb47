"""A trace of a performance, kept in a file: all that the performer takes in, before it does.

The loop only puts a reference on a list; a thread writes a row of JSON for each. So it costs the music
nothing, and what made the performer fail is the last row. Knows rows. Must not know what is done with them.
"""

import json
from collections import deque
from pathlib import Path
from threading import Event as Flag
from threading import Thread

from realtime.performer.events import Event
from realtime.performer.rules import Rules
from realtime.rows.traced import row_of

WRITES_EVERY_S = 0.2


class Trace:
    """Writes into a new file until it is closed."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("x", encoding="utf-8")
        self._taken: deque[tuple[Event, Rules]] = deque()
        self._rules: Rules | None = None
        self._closing = Flag()
        self._writer = Thread(target=self._write_on, name="trace", daemon=True)
        self._writer.start()

    def take(self, event: Event, rules: Rules) -> None:
        """An event that is about to be taken in, and the rules that it meets."""
        self._taken.append((event, rules))

    def close(self) -> None:
        """Write what is left."""
        self._closing.set()
        self._writer.join()
        self._file.close()

    def _write_on(self) -> None:
        while not self._closing.wait(WRITES_EVERY_S):
            self._write()
        self._write()

    def _write(self) -> None:
        while self._taken:
            event, rules = self._taken.popleft()
            if rules is not self._rules:
                self._rules = rules
                self._add(rules)
            self._add(event)
        self._file.flush()

    def _add(self, taken: Event | Rules) -> None:
        self._file.write(json.dumps(row_of(taken)) + "\n")
