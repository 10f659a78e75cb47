"""Which browser sounds.

It is the one that was asked last to, so that two on one machine never play the same notes twice.

Knows no socket: a browser is a number.
"""


class Sounding:
    """The browsers that may sound, the last that took it at the end."""

    def __init__(self) -> None:
        self._takers: list[int] = []

    @property
    def browser(self) -> int | None:
        """The one that sounds; None before any took it."""
        return self._takers[-1] if self._takers else None

    def take(self, browser: int) -> bool:
        """A browser takes the sound; whether that is a change."""
        return self._changes([taker for taker in self._takers if taker != browser] + [browser])

    def leave(self, browser: int) -> bool:
        """A browser went; if it had the sound, the one that had it before has it again."""
        return self._changes([taker for taker in self._takers if taker != browser])

    def _changes(self, takers: list[int]) -> bool:
        before, self._takers = self.browser, takers
        return self.browser != before
