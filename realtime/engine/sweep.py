"""After a silence by hand, a release for every key, little by little: not every synth knows "all notes off".

What is played meanwhile goes first, and what sounds by then is left alone. Knows messages and moments. Must
not know ports or turns.
"""

from collections import deque
from collections.abc import Callable

from realtime.midi import wire

EVERY_S = 0.003
AT_ONCE = 2  # messages: the old cable carries a little more than one a millisecond

Sounds = Callable[[int, int], bool]  # whether a key (channel, pitch) sounds


class Sweep:
    """The releases that are still to be sent."""

    def __init__(self) -> None:
        self.at: float | None = None  # when the next ones are due
        self._left: deque[bytes] = deque()

    def begin(self, channel: int, now: float) -> None:
        """Every key of a channel, after those that are left; a channel that is begun anew counts once."""
        self._left = deque(message for message in self._left if message[0] & 0x0F != channel)
        self._left.extend(wire.every_key_released(channel))
        self.at = now + EVERY_S

    def due(self, now: float, sounds: Sounds) -> list[bytes]:
        """What is to be sent now, if it is time."""
        if self.at is None or now < self.at:
            return []
        sent: list[bytes] = []
        while self._left and len(sent) < AT_ONCE:
            message = self._left.popleft()
            if not sounds(message[0] & 0x0F, message[1]):
                sent.append(message)
        self.at = now + EVERY_S if self._left else None
        return sent
