"""The system's MIDI ports, by way of python-rtmidi. The only file that imports it.

Its callbacks hold the interpreter, so what they do must be short: whoever receives stamps and queues.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import sleep
from typing import Any

import rtmidi

from realtime.midi.ports import OutputPort, Port, PortError, Receive

INPUTS, OUTPUTS, LISTS = "Antiphon keys", "Antiphon", "Antiphon list"  # what patch bays show us as
LAST_MESSAGES_S = (
    0.1  # JACK sends with its next period, at most 85 ms on; a port closed before loses the last releases
)
_WITHOUT_OWN_PORTS = ("winmm", "dummy")


def system_names() -> list[str]:
    """The drivers that python-rtmidi was built with, by the names that `--midi-api` takes."""
    return [rtmidi.get_api_name(api) for api in rtmidi.get_compiled_api()]


def open_system(name: str | None = None) -> "RtMidiSystem":
    """The driver by name, or the first that works; `PortError` says why none does."""
    known = {rtmidi.get_api_name(api): api for api in rtmidi.get_compiled_api()}
    if name is not None and name not in known:
        raise PortError(f"no MIDI system named {name!r} here; there are: {', '.join(known) or 'none'}")
    reasons = []
    for candidate in [name] if name is not None else known:
        try:
            return RtMidiSystem(candidate, known[candidate])
        except PortError as reason:
            reasons.append(str(reason))
    raise PortError(f"no MIDI system ({'; '.join(reasons) or 'python-rtmidi was built without any'})")


class RtMidiSystem:
    """One driver. Listing uses clients of its own, kept open, so that polling makes no new ones."""

    def __init__(self, name: str, api: int) -> None:
        self.name = name
        self._api = api
        self._list_inputs = self._client(rtmidi.MidiIn, LISTS)
        self._list_outputs = self._client(rtmidi.MidiOut, LISTS)

    @property
    def makes_ports(self) -> bool:
        """Whether the system lets programs offer ports to each other."""
        return self.name not in _WITHOUT_OWN_PORTS

    def input_names(self) -> list[str]:
        """The inputs there are, of other programs and devices."""
        return self._names(self._list_inputs)

    def output_names(self) -> list[str]:
        """The outputs there are."""
        return self._names(self._list_outputs)

    def open_input(self, name: str, receive: Receive) -> Port:
        """Open an input by its full name."""
        client = self._client(rtmidi.MidiIn, INPUTS)
        return _Input(client, name, receive, place=self._place(client, name))

    def open_output(self, name: str) -> OutputPort:
        """Open an output by its full name."""
        client = self._client(rtmidi.MidiOut, OUTPUTS)
        return _Output(client, name, place=self._place(client, name))

    def make_input(self, name: str, receive: Receive) -> Port:
        """Offer an input of our own."""
        return _Input(self._client(rtmidi.MidiIn, INPUTS), name, receive, place=None)

    def make_output(self, name: str) -> OutputPort:
        """Offer an output of our own."""
        return _Output(self._client(rtmidi.MidiOut, OUTPUTS), name, place=None)

    def close(self) -> None:
        """Give the listing clients back."""
        for client in (self._list_inputs, self._list_outputs):
            client.delete()

    def _client(self, kind: Any, name: str) -> Any:
        try:
            with _quiet_libraries():
                return kind(self._api, name)
        except rtmidi.RtMidiError as reason:
            raise PortError(f"{self.name}: {_first_line(reason)}") from reason

    def _names(self, client: Any) -> list[str]:
        return [name for name in self._all_names(client) if LISTS not in name]

    def _place(self, client: Any, name: str) -> int:
        names = self._all_names(client)
        if name not in names:
            raise PortError(f"no port named {name!r}; there are: {', '.join(names) or 'none'}")
        return names.index(name)

    def _all_names(self, client: Any) -> list[str]:
        try:
            return list(client.get_ports())
        except (rtmidi.RtMidiError, UnicodeDecodeError) as reason:
            raise PortError(f"{self.name}: {_first_line(reason)}") from reason


class _Input:
    def __init__(self, client: Any, name: str, receive: Receive, place: int | None) -> None:
        self.name = name
        self._client = client
        client.ignore_types(sysex=True, timing=True, active_sense=True)
        client.set_callback(lambda stamped, _: receive(bytes(stamped[0])))
        _open(client, name, place)

    def close(self) -> None:
        self._client.cancel_callback()
        _close(self._client)


class _Output:
    def __init__(self, client: Any, name: str, place: int | None) -> None:
        self.name = name
        self._client = client
        _open(client, name, place)

    def send(self, message: bytes) -> None:
        try:
            self._client.send_message(message)
        except rtmidi.RtMidiError as reason:
            raise PortError(f"{self.name!r}: {_first_line(reason)}") from reason

    def close(self) -> None:
        sleep(LAST_MESSAGES_S)
        _close(self._client)


def _open(client: Any, name: str, place: int | None) -> None:
    try:
        if place is None:
            client.open_virtual_port(name)
        else:
            client.open_port(place, name)
    except (rtmidi.RtMidiError, NotImplementedError) as reason:
        raise PortError(f"{name!r} doesn't open: {_first_line(reason)}") from reason


def _close(client: Any) -> None:
    with suppress(rtmidi.RtMidiError):  # its device may be gone already, which is all we want
        client.close_port()
    client.delete()


def _first_line(reason: BaseException) -> str:
    return str(reason).strip().splitlines()[0] if str(reason).strip() else type(reason).__name__


@contextmanager
def _quiet_libraries() -> Iterator[None]:
    """ALSA and JACK print to the process's standard error when they are missing; we say it in a line."""
    try:
        saved = os.dup(2)
    except OSError:  # no standard error at all
        yield
        return
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(nowhere)
        os.close(saved)
