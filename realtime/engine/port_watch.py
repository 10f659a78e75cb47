"""Which ports are open, and what happens when a cable is pulled and put back.

Opens what was asked for, then looks at the system's list again and again on a thread of its own, never the
loop's. A sound server that ends or hangs takes all ports with it; when there is one again, they are opened
anew. Knows ports and the inbox. Must not know turns.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from threading import Event as Flag
from threading import Thread

from realtime.engine.clock import Clock
from realtime.engine.inbox import Inbox, Incoming
from realtime.engine.outputs import Outputs
from realtime.engine.wiring.faders import Faders
from realtime.midi.ports import (
    OWN_INPUT,
    OWN_OUTPUT,
    OutputPort,
    Port,
    PortError,
    PortSystem,
    Receive,
    lasting_name,
    named,
    obvious_keyboard,
)
from realtime.performer.events import InputLost, OutputLost

LOOK_EVERY_S = 1.0
# In this time, at the ports alone: one that was away between two would stay deaf. With JACK a glance
# takes 7 µs where there are six ports in all, 0.6 ms where there are 46 (AMD EPYC, 2026-11-28).
GLANCES = 20
JOINED_AFTER_S = 0.1  # JACK joins with its next period, 85 ms on at most, and loses what is sent before
MOST_LOOKS_APART = 5  # at a server that is gone: asking for it costs a process
COMPUTER_KEYBOARD, OWN_INPUT_SOURCE = 0, 1  # sources; the keyboards that are opened count on

log = logging.getLogger(__name__)


@dataclass
class _Wanted:
    """A port that should be open: by its lasting name, and the port while it is."""

    name: str
    source: int = 0
    port: Port | None = None
    output: OutputPort | None = None
    into: Outputs | Faders | None = None


@dataclass
class PortWatch:
    """The instrument's ports. `say` gets a line whenever one comes or goes."""

    system: PortSystem
    inbox: Inbox
    outputs: Outputs
    clock: Clock
    say: Callable[[str], None] = log.info
    offers_input: bool = True
    faders: Faders = field(default_factory=Faders)
    _inputs: list[_Wanted] = field(default_factory=list)
    _outputs_wanted: list[_Wanted] = field(default_factory=list)
    _own_input: Port | None = None
    _finds_keyboard: bool = False
    _stop: Flag = field(default_factory=Flag)
    _thread: Thread | None = None
    _complained: bool = False
    _is_deaf: bool = False  # since the server of the system's failed
    _asked_in_vain: int = 0
    _looks_to_wait: int = 0

    def open(self, inputs: Sequence[str], outputs: Sequence[str], faders: Sequence[str] = ()) -> None:
        """Open ports by parts of their names, or the obvious keyboard, and offer our own.

        To `faders` only where their controls stand is sent.

        Raises `PortError` if one can't be opened.
        """
        self.outputs.on_lost = self._output_failed
        if self.system.makes_ports:
            self._look_for_another()
            self._offer_ports()
        for wanted in inputs:
            self._want_input(named(self.system.input_names(), wanted, "input port"))
        for wanted in outputs:
            self._want_output(named(self.system.output_names(), wanted, "output port"), self.outputs)
        for wanted in faders:
            self._want_output(named(self.system.output_names(), wanted, "port of faders"), self.faders)
        self._finds_keyboard = self.offers_input and not inputs
        if self._finds_keyboard:
            self._find_keyboard()
        self.system.has_failed()  # what it is known by later begins now

    def _look_for_another(self) -> None:
        """A second instrument on one machine is nobody's wish most of the time."""
        if any(OWN_OUTPUT.lower() in name.lower() for name in self.system.input_names()):
            self.say(
                "another Antiphon has its ports open here: what both hear, both will answer; "
                "end one of them, or name a keyboard for each with --in"
            )

    def _offer_ports(self) -> None:
        if self.offers_input:
            self._own_input = self.system.make_input(OWN_INPUT, self._receiver(OWN_INPUT_SOURCE))
        output = self.system.make_output(OWN_OUTPUT)
        self.outputs.add(output)

    @property
    def input_names(self) -> list[str]:
        """The inputs that can be played at this moment."""
        own = [OWN_INPUT] if self._own_input is not None else []
        return own + [wanted.port.name for wanted in self._inputs if wanted.port is not None]

    def input_name(self, source: int) -> str:
        """The name of the input with this number."""
        names = {wanted.source: wanted.name for wanted in self._inputs}
        return names.get(source, OWN_INPUT if source == OWN_INPUT_SOURCE else "an input")

    def glance(self) -> None:
        """Compare what should be open with what there is, once."""
        if not self._is_deaf:
            self._look_at_ports()

    def look(self) -> None:
        """The same, and see whether the system's server answers."""
        if not self._is_deaf and self.system.has_failed():
            self._go_deaf()
        if self._is_deaf:
            self._ask_for_server()
        self.glance()

    def _look_at_ports(self) -> None:
        try:
            inputs, outputs = self.system.input_names(), self.system.output_names()
        except PortError as reason:
            if not self._complained:
                self.say(f"the MIDI system doesn't answer: {reason}")
            self._complained = True
            inputs, outputs = [], []
        else:
            self._complained = False
        for wanted in self._inputs:
            self._look_at_input(wanted, inputs)
        for wanted in self._outputs_wanted:
            self._look_at_output(wanted, outputs)
        if self._finds_keyboard and not self._inputs:
            self._find_keyboard()

    def start(self) -> None:
        """Look every second, and glance between, on a thread."""
        self._thread = Thread(target=self._watch, name="ports", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking, and give every port back."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=LOOK_EVERY_S)
        if self._is_deaf:
            self.system.leave()  # nobody takes the ports back
            return
        for wanted in self._inputs:
            if wanted.port is not None:
                wanted.port.close()
        self.outputs.close()
        self.faders.close()
        if self._own_input is not None:
            self._own_input.close()

    def _go_deaf(self) -> None:
        """The server is gone, or hangs: nothing that is held will be let go, and nobody hears the answer."""
        self._is_deaf = True
        self._asked_in_vain = self._looks_to_wait = 0
        sources = [OWN_INPUT_SOURCE, *(wanted.source for wanted in self._inputs)]
        for source in sources:
            self.inbox.put(InputLost(self.clock.now(), source))
        self.inbox.put(OutputLost(self.clock.now()))
        self.say(f"{self.system.name} doesn't answer any more; its ports come back with it")

    def _ask_for_server(self) -> None:
        """Ask whether the server is back; the longer it is gone, the more seldom."""
        self._looks_to_wait -= 1
        if self._looks_to_wait > 0:
            return
        system = self.system.anew()
        if system is None:
            self._asked_in_vain += 1
            self._looks_to_wait = min(self._asked_in_vain, MOST_LOOKS_APART)
            return
        if system is not self.system:
            try:
                self._move_to(system)
            except PortError as reason:
                log.info("the ports can't be offered yet: %s", reason)
                return
        self._is_deaf = False
        self.say(
            f"{self.system.name} is back, and so are the ports: cables that a DAW or another program made "
            "are to be made again there; those of --in and --out come by themselves"
        )

    def _move_to(self, system: PortSystem) -> None:
        """Offer our ports on another server; those that were opened by name are opened when they are seen."""
        self.system = system
        for port in self.outputs.ports:
            self.outputs.remove(port)
        for port in self.faders.ports:
            self.faders.remove(port)
        for wanted in (*self._inputs, *self._outputs_wanted):
            wanted.port = wanted.output = None
        if system.makes_ports:
            self._offer_ports()

    def _lasting(self, name: str) -> str:
        return lasting_name(name, self.system.name)

    def _watch(self) -> None:
        for count in cycle(range(GLANCES)):
            if self._stop.wait(LOOK_EVERY_S / GLANCES):
                return
            if count:
                self.glance()
            else:
                self.look()

    def _next_source(self) -> int:
        return OWN_INPUT_SOURCE + 1 + len(self._inputs)

    def _receiver(self, source: int) -> Receive:
        """What a port's callback does: stamp, queue, return. It holds the interpreter meanwhile."""
        now, put = self.clock.now, self.inbox.put
        return lambda message: put(Incoming(now(), source, message))

    def _want_input(self, name: str) -> None:
        if any(wanted.port is not None and wanted.port.name == name for wanted in self._inputs):
            return  # two readers on one port would double every note
        source = self._next_source()
        port = self.system.open_input(name, self._receiver(source))
        self._inputs.append(_Wanted(self._lasting(name), source, port=port))

    def _want_output(self, name: str, into: Outputs | Faders) -> None:
        for wanted in self._outputs_wanted:
            if wanted.output is not None and wanted.output.name == name and wanted.into is into:
                return
        output = self.system.open_output(name)
        self._outputs_wanted.append(_Wanted(self._lasting(name), output=output, into=into))
        into.add(output)

    def _find_keyboard(self) -> None:
        name = obvious_keyboard(self.system.input_names(), self.system.name)
        if name is None:
            return
        try:
            self._want_input(name)
        except PortError as reason:
            self.say(f"{name} can't be opened: {reason}")
            self._finds_keyboard = False
        else:
            self.say(f"{name} is being listened to")

    def _seen_as(
        self, name: str, port: Port | None, names: Sequence[str], opened: Sequence[str]
    ) -> str | None:
        """How a port is listed now: as it was opened, or else by another number, where that isn't open."""
        if port is not None and port.name in names:
            return port.name
        return next((one for one in names if self._lasting(one) == name and one not in opened), None)

    def _look_at_input(self, wanted: _Wanted, names: Sequence[str]) -> None:
        opened = [other.port.name for other in self._inputs if other.port is not None]
        there = self._seen_as(wanted.name, wanted.port, names, opened)
        if wanted.port is not None and wanted.port.name != there:
            self.say(f"{wanted.name} is gone; its notes are let go")
            self.inbox.put(InputLost(self.clock.now(), wanted.source))
            wanted.port.close()
            wanted.port = None
        if wanted.port is None and there is not None:
            try:
                wanted.port = self.system.open_input(there, self._receiver(wanted.source))
            except PortError:
                return  # it is only just coming up: the next look tries again
            self.say(f"{there} is back")

    def _look_at_output(self, wanted: _Wanted, names: Sequence[str]) -> None:
        same = [other for other in self._outputs_wanted if other.into is wanted.into]
        opened = [other.output.name for other in same if other.output is not None]
        there = self._seen_as(wanted.name, wanted.output, names, opened)
        assert wanted.into is not None
        if wanted.output is not None and wanted.output.name != there:
            self._output_gone(wanted)
        elif wanted.output is not None and wanted.output not in wanted.into.ports:
            self._output_gone(wanted)  # it failed: the next look tries again
            return
        if wanted.output is None and there is not None:
            try:
                output = self.system.open_output(there)
                self._stop.wait(JOINED_AFTER_S)
                wanted.into.add(output)
            except PortError:
                return
            wanted.output = output
            self.say(f"{there} is back")

    def _output_failed(self, port: OutputPort, _: PortError) -> None:
        """Called by the loop, while sending; the next look closes it and tries again."""
        self.inbox.put(OutputLost(self.clock.now()))
        self.say(f"{port.name} doesn't take notes any more")

    def _output_gone(self, wanted: _Wanted) -> None:
        assert wanted.output is not None
        assert wanted.into is not None
        if wanted.into is self.outputs:
            self.inbox.put(OutputLost(self.clock.now()))
        wanted.into.remove(wanted.output)
        wanted.output.close()
        wanted.output = None
        self.say(f"{wanted.name} is gone")
