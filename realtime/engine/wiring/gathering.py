"""What the player sends beside keys and pedals, noted together: a wheel sends thousands of messages a second.

Each is passed on as it comes; that it came, whoever watches gets to know of many at once, some moments later.
Nothing is left out. Knows messages by their bytes. Must not know who watches.
"""

from realtime.midi.wire import CONTROL, LEFT_PEDAL
from realtime.rows.turned import MessageCame, MessagesCame

GATHERED_S = 0.05
MOST = 512


class Gathering:
    """Messages that came, until they are noted; `at` is when that must be."""

    def __init__(self) -> None:
        self._came: list[MessageCame] = []

    def take(self, came: MessageCame) -> None:
        """One more."""
        self._came.append(came)

    @property
    def is_full(self) -> bool:
        """Whether they are so many that they are to be noted at once."""
        return len(self._came) >= MOST

    @property
    def at(self) -> float | None:
        """When they are to be noted at the latest; None while there are none."""
        return self._came[0].at + GATHERED_S if self._came else None

    def all(self) -> MessagesCame | None:
        """All of them, in order, and none from here on; None where there are none."""
        if not self._came:
            return None
        came, self._came = tuple(self._came), []
        return MessagesCame(came[0].at, came)


def is_shown(message: bytes) -> bool:
    """Whether a page shows it, so that it is noted at once, and alone: the left pedal."""
    return message[0] & 0xF0 == CONTROL and len(message) > 1 and message[1] == LEFT_PEDAL
