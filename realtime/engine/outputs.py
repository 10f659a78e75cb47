"""Every open output at once, and the actions that they carry out.

Knows ports and bytes. Must not know turns. Sending never raises: an output that fails is dropped and
reported, and the others sound on.
"""

from collections.abc import Callable, Sequence
from threading import Lock

from realtime.midi import wire
from realtime.midi.ports import OutputPort, PortError
from realtime.performer.actions import Action, PassOn, PlayNote, Silence, StopNote


class Outputs:
    """The open outputs. With `thru` the player's own notes sound through them too."""

    def __init__(self, ports: Sequence[OutputPort] = (), *, thru: bool = True) -> None:
        self.thru = thru
        self.on_lost: Callable[[OutputPort, PortError], None] = lambda _port, _reason: None
        self._ports = tuple(ports)  # replaced as a whole, under the lock: the loop never waits to read it
        self._changing = Lock()  # the watch adds and removes, and so may the loop when a port fails
        self._channels: set[int] = set()  # that anything was sent on

    @property
    def ports(self) -> tuple[OutputPort, ...]:
        """Those open at this moment."""
        return self._ports

    def add(self, port: OutputPort) -> None:
        """One more; whatever hung on it from before is ended."""
        for message in wire.silence_everywhere():
            port.send(message)
        with self._changing:
            self._ports = (*self._ports, port)

    def remove(self, port: OutputPort) -> None:
        """One less."""
        with self._changing:
            self._ports = tuple(other for other in self._ports if other is not port)

    def send(self, message: bytes) -> None:
        """One channel message to every output."""
        self._channels.add(message[0] & 0x0F)
        for port in self._ports:
            try:
                port.send(message)
            except PortError as reason:
                self.remove(port)
                self.on_lost(port, reason)

    def messages_of(self, action: Action) -> Sequence[bytes]:
        """What an action means in bytes; nothing for those that aren't for the outputs."""
        if isinstance(action, PlayNote):
            return (wire.struck(action.channel, action.pitch, action.velocity),)
        if isinstance(action, StopNote):
            return (wire.released(action.channel, action.pitch),)
        if isinstance(action, PassOn):
            return (wire.bytes_of(action.event),) if self.thru else ()
        if isinstance(action, Silence):
            return wire.silence(action.channel, action.sparing)
        return ()

    def silence(self) -> None:
        """End everything on every channel."""
        for message in wire.silence_everywhere():
            self.send(message)

    def let_go(self) -> None:
        """Let go of everything once more, on the channels that were played on.

        Whoever ends has ended each note already; but a link may lose messages, and nobody would end a note
        whose release was the last of them. On the same link this must be sent a moment later.
        """
        for channel in sorted(self._channels):
            for message in wire.let_go(channel):
                self.send(message)

    def close(self) -> None:
        """Give all ports back."""
        ports, self._ports = self._ports, ()
        for port in ports:
            port.close()
