"""Motor faders and rings of lights: a control that is moved elsewhere is sent back to its controller.

What a controller shows is known: where it was moved by hand, or where it was sent to. Only what differs is
sent, so a hand never feels its own movement back, and a fader that reports where its motor went changes
nothing: there is no loop. Knows controls and bytes. Must not know pages or drivers.
"""

from collections.abc import Mapping
from threading import Lock

from realtime.engine.controls import place_of, value_at
from realtime.knobs import BUTTONS
from realtime.midi import wire
from realtime.midi.ports import OutputPort, PortError
from realtime.performer.rules import Rules


class Faders:
    """Outputs to controllers with motors or lights, and where these stand."""

    def __init__(self) -> None:
        self._ports: tuple[OutputPort, ...] = ()
        self._changing = Lock()  # the watch adds and removes, and so may the loop when a port fails
        self._stands: dict[int, int] = {}  # by controller
        self._channels: dict[int, int] = {}  # on which it was last heard

    @property
    def ports(self) -> tuple[OutputPort, ...]:
        """Those open at this moment."""
        return self._ports

    def add(self, port: OutputPort) -> None:
        """One more, which stands nobody knows where."""
        with self._changing:
            self._ports = (*self._ports, port)
            self._stands = {}

    def remove(self, port: OutputPort) -> None:
        """One less."""
        with self._changing:
            self._ports = tuple(other for other in self._ports if other is not port)

    def close(self) -> None:
        """Give all ports back."""
        for port in self._ports:
            port.close()
        self._ports = ()

    def hear(self, message: bytes) -> None:
        """A message as it came in: a controller is sent to on the channel that it sends on."""
        if message[0] & 0xF0 == wire.CONTROL:
            self._channels[message[1]] = message[0] & 0x0F

    def is_news(self, turned: wire.ControllerTurned) -> bool:
        """Whether somebody moved a controller; not, where it reports that it stands where it was sent."""
        before, self._stands[turned.number] = self._stands.get(turned.number), turned.value
        return not self._ports or before != turned.value

    def show(self, rules: Rules, controllers: Mapping[int, str]) -> None:
        """Send each controller, by its number, to where its control stands, unless it is there."""
        if not self._ports:
            return
        for number, name in controllers.items():
            place = None if name in BUTTONS else place_of(rules, name)
            stands = self._stands.get(number)
            if place is None or place == stands:
                continue
            if stands is not None and value_at(name, stands) == value_at(name, place):
                continue  # of a choice, any of its places will do
            self._stands[number] = place
            self._send(bytes((wire.CONTROL | self._channels.get(number, 0), number, place)))

    def _send(self, message: bytes) -> None:
        for port in self._ports:
            try:
                port.send(message)
            except PortError:
                self.remove(port)  # the watch sees that it is gone, and says so
