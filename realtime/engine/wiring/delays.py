"""Outputs that wait: what is sent on them goes so much later, so that what sounds late elsewhere is joined.

Knows names, moments and bytes. Must not know drivers.
"""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from music.settings import SettingError
from realtime.engine.wiring.routes import AND
from realtime.midi.ports import OutputPort

LONGEST_MS = 1000


@dataclass(frozen=True, slots=True)
class Delay:
    """How long an output waits."""

    port: str  # a part of its name
    ms: float

    @property
    def text(self) -> str:
        """As it is said: fluid=40."""
        return f"{self.port}={self.ms:g}"


def delay_said(text: str) -> Delay:
    """The delay that a text says; `SettingError` where it says none."""
    port, _, ms = text.strip().rpartition("=")
    is_number = re.fullmatch(r"\d{1,4}(\.\d+)?", ms) is not None
    if not port or AND.strip() in port or not is_number or float(ms) > LONGEST_MS:
        raise SettingError(
            f"a part of an output's name and 0 to {LONGEST_MS} milliseconds, such as fluid=40, not {text!r}"
        )
    return Delay(port, float(ms))


def delays_said(text: str) -> tuple[Delay, ...]:
    """Several, with commas between them; none in an empty text."""
    return tuple(delay_said(one) for one in text.split(AND.strip()) if one.strip())


Waiting = tuple[float, OutputPort, bytes]


class Delays:
    """What waits, by output, each in the order in which it was sent."""

    def __init__(self) -> None:
        self._delays: tuple[Delay, ...] = ()
        self._waiting: dict[int, deque[Waiting]] = {}  # by the output's identity
        self._seconds: dict[str, float] = {}

    def set(self, delays: Sequence[Delay]) -> None:
        """Other delays from here on; nothing overtakes what waits already."""
        self._delays = tuple(delays)
        self._seconds.clear()

    @property
    def at(self) -> float | None:
        """When the next message is due; None while none waits."""
        if not self._waiting:  # asked for again with each message
            return None
        return min((queue[0][0] for queue in self._waiting.values() if queue), default=None)

    def holds_back(self, port: OutputPort, message: bytes, now: float) -> bool:
        """Whether a message must wait; then it does."""
        delay_s = self._delay_s(port.name) if self._delays else 0.0
        queue = self._waiting.get(id(port))
        if not delay_s and not queue:
            return False
        if queue is None:
            queue = self._waiting[id(port)] = deque()
        due = now + delay_s
        queue.append((max(due, queue[-1][0]) if queue else due, port, message))
        return True

    def due(self, now: float) -> list[tuple[OutputPort, bytes]]:
        """What is to be sent by now."""
        sent = []
        for queue in self._waiting.values():
            while queue and queue[0][0] <= now:
                _, port, message = queue.popleft()
                sent.append((port, message))
        return sent

    def all(self) -> list[tuple[OutputPort, bytes]]:
        """All that waits, at once: nobody will ask later."""
        return self.due(float("inf"))

    def forget(self, port: OutputPort) -> None:
        """An output is gone, and what waits for it."""
        self._waiting.pop(id(port), None)

    def _delay_s(self, name: str) -> float:
        if name not in self._seconds:
            fitting = (delay.ms for delay in self._delays if delay.port.lower() in name.lower())
            self._seconds[name] = next(fitting, 0.0) / 1000
        return self._seconds[name]
