"""The matrix: what comes in on a channel of an input is played as if it had come on another, or not at all.

So the pedal, the echo guard and the performer need not know of it. A key that is held and a pedal that is
down stay on the channel where they began, whatever is turned meanwhile. Knows bytes and names. Must not know
ports.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from music.settings import SettingError
from realtime.knobs import CHANNEL_COUNT
from realtime.midi import wire

ANY, NOWHERE = "*", "none"
AND = ", "  # between several, in words


@dataclass(frozen=True, slots=True)
class Route:
    """From a channel of an input to a channel; both count from 0."""

    port: str  # a part of its name; `*`: any
    channel: int | None  # None: any
    to: int | None  # None: nowhere

    def fits(self, port: str, channel: int) -> bool:
        """Whether it leads from there."""
        is_port = self.port == ANY or self.port.lower() in port.lower()
        return is_port and self.channel in (None, channel)

    @property
    def text(self) -> str:
        """As it is said: keystation:1=3, *:10=none."""
        channel = ANY if self.channel is None else self.channel + 1
        return f"{self.port}:{channel}={NOWHERE if self.to is None else self.to + 1}"


def route_said(text: str) -> Route:
    """The route that a text says; `SettingError` where it says none."""
    place, _, to = text.strip().rpartition("=")
    port, _, channel = place.rpartition(":")
    wrong = not port or AND.strip() in port
    if wrong or not (channel == ANY or _is_channel(channel)) or not (to == NOWHERE or _is_channel(to)):
        raise SettingError(
            f"a part of an input's name (or *), its channel (or *), and the channel to play on (or none), "
            f"such as keystation:1=3, not {text!r}"
        )
    return Route(port, None if channel == ANY else int(channel) - 1, None if to == NOWHERE else int(to) - 1)


def routes_said(text: str) -> tuple[Route, ...]:
    """Several, with commas between them; none in an empty text."""
    return tuple(route_said(one) for one in text.split(AND.strip()) if one.strip())


def _is_channel(text: str) -> bool:
    return text.isdecimal() and len(text) <= 2 and 1 <= int(text) <= CHANNEL_COUNT


class Matrix:
    """Leads messages on. `name_of` says which input a number is."""

    def __init__(self, name_of: Callable[[int], str], routes: Sequence[Route] = ()) -> None:
        self._name_of = name_of
        self._routes = tuple(routes)
        self._held: dict[tuple[int, int, int], int | None] = {}  # input, channel, key: where it was struck
        self._pedals: dict[tuple[int, int], int | None] = {}  # input, channel: where it went down

    def set(self, routes: Sequence[Route]) -> None:
        """Other routes from here on; the first that fits leads the way."""
        self._routes = tuple(routes)

    def channel_of(self, source: int, channel: int) -> int | None:
        """Where a channel of an input leads; None: nowhere."""
        if not self._routes:
            return channel
        name = self._name_of(source)  # asked anew each time: an input may be heard before it is listed
        fitting = next((route for route in self._routes if route.fits(name, channel)), None)
        return channel if fitting is None else fitting.to

    def led(self, message: bytes, source: int) -> bytes | None:
        """A message as it is to be played, or None; what speaks to the whole instrument has no channel."""
        if message[0] >= wire.FIRST_SYSTEM_STATUS:
            return message
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        to = self._led_to(kind, channel, message, source)
        return None if to is None else bytes((kind | to,)) + message[1:]

    def _led_to(self, kind: int, channel: int, message: bytes, source: int) -> int | None:
        to = self.channel_of(source, channel)
        if kind in (wire.NOTE_ON, wire.NOTE_OFF):
            key = (source, channel, message[1])
            if kind == wire.NOTE_ON and message[2]:
                self._held[key] = to
                return to
            return self._held.pop(key, to)
        if kind == wire.CONTROL and message[1] == wire.SUSTAIN:
            place = (source, channel)
            began = self._pedals.pop(place, to)
            if message[2]:
                self._pedals[place] = began
            return began
        return to
