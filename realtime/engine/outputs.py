"""Every open output at once, and the actions that they carry out.

Knows ports and bytes. Must not know turns. Sending never raises: an output that fails is dropped and
reported, and the others sound on.
"""

from collections.abc import Callable, Sequence
from threading import Lock

from realtime.engine.wiring.delays import Delays
from realtime.midi import wire
from realtime.midi.ports import OutputPort, PortError
from realtime.performer.actions import Action, LiftPedal, PassLate, PassOn, PlayNote, Silence, StopNote


class Outputs:
    """The open outputs. With `thru` the player's own notes sound through them too; and with
    `passes_system` the clock, start and stop, active sensing and system exclusives go with them."""

    def __init__(
        self,
        ports: Sequence[OutputPort] = (),
        *,
        thru: bool = True,
        passes_system: bool = True,
        now: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`now` tells the time, for outputs that wait."""
        self.thru = thru
        self.passes_system = passes_system
        self.delays = Delays()
        self._now = now
        self.on_lost: Callable[[OutputPort, PortError], None] = lambda _port, _reason: None
        self._ports = tuple(ports)  # replaced as a whole, under the lock: the loop never waits to read it
        self._changing = Lock()  # the watch adds and removes, and so may the loop when a port fails
        self._channels: set[int] = set()  # that anything was sent on
        self._struck: set[bytes] = set()  # status and key of all that was ever struck

    @property
    def ports(self) -> tuple[OutputPort, ...]:
        """Those open at this moment."""
        return self._ports

    def add(self, port: OutputPort) -> None:
        """One more; whatever hung on it from before is ended, and where it was away in an answer, by name."""
        for message in (*wire.silence_everywhere(), *self._every_struck_key_released()):
            port.send(message)
        with self._changing:
            self._ports = (*self._ports, port)

    def remove(self, port: OutputPort) -> None:
        """One less."""
        with self._changing:
            self._ports = tuple(other for other in self._ports if other is not port)
        self.delays.forget(port)

    def send(self, message: bytes) -> None:
        """One message to every output, at once or when its delay is over."""
        if message[0] < wire.FIRST_SYSTEM_STATUS:
            self._channels.add(message[0] & 0x0F)
            if message[0] & 0xF0 == wire.NOTE_ON:
                self._struck.add(message[:2])
        for port in self._ports:
            if not self.delays.holds_back(port, message, self._now()):
                self._send(port, message)

    def send_due(self, now: float) -> bool:
        """What has waited long enough; whether that was anything."""
        due = self.delays.due(now)
        for port, message in due:
            self._send(port, message)
        return bool(due)

    def send_all(self) -> None:
        """What waits still, at once: nobody will ask later."""
        for port, message in self.delays.all():
            self._send(port, message)

    def _send(self, port: OutputPort, message: bytes) -> None:
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
        if isinstance(action, PassOn | PassLate):
            return (wire.bytes_of(action.event),) if self.thru else ()
        if isinstance(action, LiftPedal):
            return (wire.lifted(action.channel),) if self.thru else ()
        if isinstance(action, Silence):
            return wire.silence(action.channel)
        return ()

    def silence(self) -> None:
        """End everything on every channel."""
        for message in wire.silence_everywhere():
            self.send(message)
        self.send_all()

    def let_go(self) -> None:
        """Let go of everything once more, on the channels that were played on.

        Whoever ends has ended each note already; but a link may lose messages, and nobody would end a note
        whose release was the last of them. On the same link this must be sent a moment later. Each key
        that was struck is named, as not everybody knows "all notes off".
        """
        for message in self._every_struck_key_released():
            self.send(message)
        for channel in sorted(self._channels):
            for message in wire.let_go(channel):
                self.send(message)
        self.send_all()

    def _every_struck_key_released(self) -> list[bytes]:
        return [wire.released(status & 0x0F, pitch) for status, pitch in sorted(self._struck.copy())]

    def close(self) -> None:
        """Give all ports back."""
        self.send_all()
        ports, self._ports = self._ports, ()
        for port in ports:
            port.close()
