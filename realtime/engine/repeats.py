"""The model's releases once more, and again, after its turn has ended: a link may have lost the first.

JACK loses what it is sent in a period that it misses, and on a busy machine it misses several in a row;
nobody would end a note whose release was in one. So every key that was struck in an answer is released
again, each by name, as not every listener knows "all notes off", and the player may hold keys on the same
channel. Knows channels and pitches. Must not know turns.
"""

from collections.abc import Callable

AGAIN_AFTER_S = (0.1, 1.0)  # longer than a period of JACK's (85 ms at most), and than most stalls

Key = tuple[int, int]  # channel, pitch
Sounds = Callable[[int, int], bool]  # whether a key, by channel and pitch, sounds as far as we know


class Repeats:
    """What is to be released again, and when."""

    def __init__(self) -> None:
        self._struck: dict[Key, None] = {}  # in this turn, in order
        self._due: list[tuple[float, list[Key]]] = []

    @property
    def at(self) -> float | None:
        """When there is something to release; None while there isn't."""
        return self._due[0][0] if self._due else None

    def struck(self, channel: int, pitch: int) -> None:
        """The model struck a key."""
        self._struck[channel, pitch] = None

    def turn_ended(self, now: float) -> None:
        """All that it struck has been released: again in a moment."""
        keys, self._struck = list(self._struck), {}
        if keys:
            self._due = sorted([*self._due, *((now + after_s, keys) for after_s in AGAIN_AFTER_S)])

    def due(self, now: float, sounds: Sounds) -> list[Key]:
        """The keys to release now; none before the moment, and none that sounds by now."""
        keys: dict[Key, None] = {}
        while self._due and self._due[0][0] <= now:
            keys |= dict.fromkeys(self._due.pop(0)[1])
        return [key for key in keys if not sounds(*key)]
