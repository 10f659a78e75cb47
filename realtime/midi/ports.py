"""What a MIDI port is to us, and how ports are found by name.

Knows names and the faces of ports. Must not know a driver: `rtmidi_ports.py` has the real ones, `loopback.py`
some that lead from one end of a program to the other.
"""

import re
from collections.abc import Callable, Sequence
from typing import Protocol

OWN_INPUT, OWN_OUTPUT = "Antiphon in", "Antiphon out"
Receive = Callable[[bytes], None]

# Ports that are there without anybody having plugged in a keyboard.
_NOT_KEYBOARDS = (
    "midi through",
    "antiphon",
    "fluid",
    "timidity",
    "qsynth",
    "network",
    "iac driver",
    "loopmidi",
    "microsoft gs",
    "rtpmidi",
    "monitor",
)
_FIRST_DEVICE, _FIRST_PROGRAM = (
    16,
    128,
)  # ALSA's client numbers: below the one the system's own, from the other on programs


class PortError(Exception):
    """A port or a MIDI system that can't be had: one line with the value and the remedy."""


class Port(Protocol):
    """An open port."""

    @property
    def name(self) -> str:
        """Its name, as the system lists it."""
        ...

    def close(self) -> None:
        """Give it back; nothing more is received or sent."""
        ...


class OutputPort(Port, Protocol):
    """An open port that messages go out of."""

    def send(self, message: bytes) -> None:
        """Send one message now; `PortError` where the port is gone."""
        ...


class PortSystem(Protocol):
    """A driver's ports. What an input receives goes to `receive` on a thread of the driver's, at once."""

    @property
    def name(self) -> str:
        """The driver's name."""
        ...

    @property
    def makes_ports(self) -> bool:
        """Whether other programs can be offered ports of our own."""
        ...

    def has_failed(self) -> bool:
        """Whether its server is gone or hangs, as far as is known; to be asked about once a second."""
        ...

    def anew(self) -> "PortSystem | None":
        """After it has failed: itself if it answers again, another if its server is a new one, or None.

        The ports of the one before are lost with its server, and must not be closed.
        """
        ...

    def leave(self) -> None:
        """Never touch its ports again, not even at the end: its server is gone, or hangs."""
        ...

    def input_names(self) -> list[str]:
        """The inputs there are, of other programs and devices."""
        ...

    def output_names(self) -> list[str]:
        """The outputs there are."""
        ...

    def open_input(self, name: str, receive: Receive) -> Port:
        """Open an input by its full name."""
        ...

    def open_output(self, name: str) -> OutputPort:
        """Open an output by its full name."""
        ...

    def make_input(self, name: str, receive: Receive) -> Port:
        """Offer an input of our own."""
        ...

    def make_output(self, name: str) -> OutputPort:
        """Offer an output of our own."""
        ...


def lasting_name(name: str, system: str) -> str:
    """A port's name without the number that changes when its device is plugged in again."""
    number = {"alsa": r"\s\d+:\d+$", "winmm": r"\s\d+$"}.get(system)
    return re.sub(number, "", name) if number else name


def is_own(name: str) -> bool:
    """Whether a port, as listed, is one of those that we offer."""
    return OWN_INPUT.lower() in name.lower() or OWN_OUTPUT.lower() in name.lower()


def named(names: Sequence[str], wanted: str, direction: str = "port") -> str:
    """The port with this name, or the first that has it as a part, whatever the case."""
    lower = wanted.lower()
    fitting = [name for name in names if name.lower() == lower] or [
        name for name in names if lower in name.lower()
    ]
    if not fitting:
        raise PortError(f"no {direction} named {wanted!r}; there are: {', '.join(names) or 'none'}")
    others = [name for name in fitting if not is_own(name)]
    if not others:
        raise PortError(
            f"{fitting[0]!r} is Antiphon's own: what it plays would come back as a call; choose another"
        )
    return others[0]


def obvious_keyboard(names: Sequence[str], system: str) -> str | None:
    """The only input that can be a keyboard, if there is just one.

    Of a device with several ports, the first.
    """
    keyboards = [name for name in names if _may_be_a_keyboard(name, system)]
    devices = {name.split(":")[0].lower() for name in keyboards}
    return keyboards[0] if len(devices) == 1 else None


def _may_be_a_keyboard(name: str, system: str) -> bool:
    """Whether it is a device's port, as far as its name shows; with ALSA and JACK programs have ports too."""
    if any(word in name.lower() for word in _NOT_KEYBOARDS):
        return False
    if system == "jack":
        return name.startswith(("system:", "a2j"))
    client = re.search(r"\s(\d+):\d+$", name)
    return client is None or _FIRST_DEVICE <= int(client[1]) < _FIRST_PROGRAM
