"""A message that goes out into a sound server and comes back: while it does, the server lives.

A server that has ended or hangs says nothing to those who wait for notes: its lists stay as they were, and
what is sent to it vanishes. Knows the two ends by what they do. Must not know a driver.
"""

from collections.abc import Callable
from dataclasses import dataclass

BEAT = b"\xfe"  # active sensing: to whoever should hear it, it means nothing
MISSED_MEANS_DEAD = 3  # in a row; on a busy machine a server loses one now and then


@dataclass
class Heartbeat:
    """Beats when it is asked; `came` is called with what comes back, on a thread of the driver's."""

    beat: Callable[[bytes], None]
    _sent: int = 0
    _came: int = 0
    _missed: int = 0

    def came(self, _: bytes) -> None:
        """A beat came back."""
        self._came = self._sent

    def is_missed(self) -> bool:
        """Whether beats have stopped coming back; asked about once a second, and beats again.

        Where none has ever come back, programs may not connect to themselves: that says nothing.
        """
        self._missed = self._missed + 1 if 0 < self._came < self._sent else 0
        self._sent += 1
        self.beat(BEAT)
        return self._missed >= MISSED_MEANS_DEAD

    def forgive(self) -> None:
        """The server lives all the same: from the next that comes back on, they are counted anew."""
        self._sent = self._came = self._missed = 0
