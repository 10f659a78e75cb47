"""Ports without a driver: what is sent to one end is received at the other, on the sender's thread, at once.

For tests and for measuring the loop without a sound system. A device can be plugged in and out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from realtime.midi.ports import PortError, Receive


@dataclass
class LoopbackPort:
    """One open end; `on_send` takes what is sent out of it."""

    name: str
    on_send: Callable[[bytes], None] = lambda _: None
    is_open: bool = True

    def send(self, message: bytes) -> None:
        """Hand a message to the other end."""
        if not self.is_open:
            raise PortError(f"{self.name!r} is closed")
        self.on_send(message)

    def close(self) -> None:
        """Give it back."""
        self.is_open = False


@dataclass
class LoopbackSystem:
    """A driver of devices that are plugged in by name."""

    name: str = "loopback"
    makes_ports: bool = True
    keyboards: list[str] = field(default_factory=list)
    synths: dict[str, Callable[[bytes], None]] = field(default_factory=dict)
    heard_by: Callable[[bytes], None] = lambda _: None  # whoever listens to our own output
    fails: bool = False
    next_server: "LoopbackSystem | None" = None  # that there is after a failure
    _receivers: dict[str, Receive] = field(default_factory=dict)

    def has_failed(self) -> bool:
        """Whether somebody said so."""
        return self.fails

    def anew(self) -> "LoopbackSystem | None":
        """The next server, or this one once it fails no more."""
        return self.next_server if self.fails else self

    def leave(self) -> None:
        """Nothing hangs here."""

    def input_names(self) -> list[str]:
        """The keyboards plugged in."""
        return list(self.keyboards)

    def output_names(self) -> list[str]:
        """The synths plugged in."""
        return list(self.synths)

    def open_input(self, name: str, receive: Receive) -> LoopbackPort:
        """Listen to a keyboard."""
        if name not in self.keyboards:
            raise PortError(f"{name!r} is gone")
        self._receivers[name] = receive
        return LoopbackPort(name)

    def open_output(self, name: str) -> LoopbackPort:
        """Play on a synth; it raises once the synth is unplugged."""
        return LoopbackPort(name, lambda message: self._to_synth(name, message))

    def make_input(self, name: str, receive: Receive) -> LoopbackPort:
        """Offer an input; `play` reaches it by its name."""
        self._receivers[name] = receive
        return LoopbackPort(name)

    def make_output(self, name: str) -> LoopbackPort:
        """Offer an output; `heard_by` hears it."""
        return LoopbackPort(name, self.heard_by)

    def play(self, name: str, message: bytes) -> None:
        """Somebody plays a message on a keyboard, or into an input that we offer."""
        self._receivers[name](message)

    def unplug(self, name: str) -> None:
        """A keyboard or synth goes away."""
        if name in self.keyboards:
            self.keyboards.remove(name)
        self.synths.pop(name, None)

    def _to_synth(self, name: str, message: bytes) -> None:
        if name not in self.synths:
            raise PortError(f"{name!r} is gone")
        self.synths[name](message)
