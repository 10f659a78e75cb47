"""The system's MIDI ports, by way of python-rtmidi. The only file that imports it.

Its callbacks hold the interpreter, so what they do must be short: whoever receives stamps and queues.
"""

import ctypes
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import sleep
from typing import Any, TypeVar

import rtmidi

from realtime.midi.heartbeat import Heartbeat
from realtime.midi.ports import OutputPort, Port, PortError, Receive
from realtime.midi.probe import outputs_of_others

INPUTS, OUTPUTS, LISTS = "Antiphon keys", "Antiphon", "Antiphon list"  # what patch bays show us as
LAST_MESSAGES_S = (
    0.1  # JACK sends with its next period, at most 85 ms on; a port closed before loses the last releases
)
LAST_CALLS_S = (
    0.05  # a call of ours that has begun ends within this; closing holds the interpreter, for which it waits
)
TURNS = 10
JOINED_IN = 6  # tries, where other programs' ports come and go meanwhile
AGAIN_IN_S = (0.02, 0.05)  # a server that has no time for us is asked again, and a third time
_WITHOUT_OWN_PORTS = ("winmm", "dummy")
_SERVERS = ("jack",)  # systems that are a program, which may end and be started again while we play
_HEARTBEAT = f"heartbeat {os.getpid()}"
# A name of its own in each process: of two clients of two JACK servers that come at one moment by one name,
# neither comes to be, as both wait at a socket that has that name and not the server's.
_OUR_LISTS = f"{LISTS} {os.getpid()}"


Opened = TypeVar("Opened", bound=Port)


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
    none = f"no MIDI system ({'; '.join(reasons) or 'python-rtmidi was built without any'})"
    raise PortError(none if name is not None else f"{none}; antiphon doctor says how to mend it")


def all_outputs_of_others(name: str) -> list[str]:
    """All that can be listened to, our own among it; for the process that asks whether a server answers."""
    system = open_system(name)
    try:
        return system._all_names(system._list_inputs)
    finally:
        system.close()


class RtMidiSystem:
    """One driver. Listing uses clients of its own, kept open, so that polling makes no new ones."""

    def __init__(self, name: str, api: int) -> None:
        self.name = name
        self._api = api
        self._list_inputs = self._client(rtmidi.MidiIn, _OUR_LISTS)
        self._list_outputs = self._client(rtmidi.MidiOut, _OUR_LISTS)
        self._opened: list[Any] = [self._list_inputs, self._list_outputs]
        self._heartbeat: Heartbeat | None = None

    @property
    def makes_ports(self) -> bool:
        """Whether the system lets programs offer ports to each other."""
        return self.name not in _WITHOUT_OWN_PORTS

    def has_failed(self) -> bool:
        """Whether a server, where the system is one, has stopped sending back what we send ourselves."""
        if self.name not in _SERVERS:
            return False
        if self._heartbeat is None:
            self._heartbeat = self._new_heartbeat()
        return self._heartbeat.is_missed()

    def anew(self) -> "RtMidiSystem | None":
        """Another with clients of its own, if the server is a new one; itself, if it was only late."""
        names = outputs_of_others(self.name)
        if names is None:
            return None
        if any(_HEARTBEAT in name for name in names):
            if self._heartbeat is not None:
                self._heartbeat.forgive()
            return self
        try:
            another = RtMidiSystem(self.name, self._api)
        except PortError:
            return None
        self.leave()
        return another

    def _new_heartbeat(self) -> Heartbeat:
        """One through ports of the clients that list; where it can't be had, one that says nothing."""
        heartbeat = Heartbeat(self._list_outputs.send_message)
        try:
            self._connect(heartbeat)
        except PortError:
            return Heartbeat(lambda _: None)
        return heartbeat

    def _connect(self, heartbeat: Heartbeat) -> None:
        self._list_inputs.ignore_types(sysex=True, timing=True, active_sense=False)
        self._list_inputs.set_callback(lambda stamped, _: heartbeat.came(bytes(stamped[0])))
        _offer(self._list_inputs, _HEARTBEAT)
        names = self._all_names(self._list_outputs)
        seen_as = next((name for name in names if _HEARTBEAT in name), None)
        if seen_as is None:
            raise PortError(f"{_HEARTBEAT!r} is not to be seen")
        self._join(self._list_outputs, seen_as, _HEARTBEAT)

    def leave(self) -> None:
        """Never touch these clients again: closed now, they would take ports of a new server with them.

        Nor may the end of the interpreter destroy them, which is why each is referred to once more.
        """
        for client in self._opened:
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(client))

    def input_names(self) -> list[str]:
        """The inputs there are, of other programs and devices."""
        return self._names(self._list_inputs)

    def output_names(self) -> list[str]:
        """The outputs there are."""
        return self._names(self._list_outputs)

    def open_input(self, name: str, receive: Receive) -> Port:
        """Open an input by its full name."""
        client = self._port_client(rtmidi.MidiIn, INPUTS)
        _receive_with(client, receive)
        with self._closed_if_it_fails(_Input(client, name)) as port:
            self._join(client, name, name)
        return port

    def open_output(self, name: str) -> OutputPort:
        """Open an output by its full name."""
        client = self._port_client(rtmidi.MidiOut, OUTPUTS)
        with self._closed_if_it_fails(_Output(client, name)) as port:
            self._join(client, name, name)
        return port

    def make_input(self, name: str, receive: Receive) -> Port:
        """Offer an input of our own."""
        client = self._port_client(rtmidi.MidiIn, INPUTS)
        _receive_with(client, receive)
        with self._closed_if_it_fails(_Input(client, name)) as port:
            _offer(client, name)
        return port

    def make_output(self, name: str) -> OutputPort:
        """Offer an output of our own."""
        client = self._port_client(rtmidi.MidiOut, OUTPUTS)
        with self._closed_if_it_fails(_Output(client, name)) as port:
            _offer(client, name)
        return port

    def close(self) -> None:
        """Give the listing clients back."""
        if self._heartbeat is not None:
            _hear_no_more(self._list_inputs)
        for client in (self._list_inputs, self._list_outputs):
            client.delete()

    def _port_client(self, kind: Any, name: str) -> Any:
        client = self._client(kind, name)
        self._opened.append(client)
        return client

    @contextmanager
    def _closed_if_it_fails(self, port: Opened) -> Iterator[Opened]:
        """A port that doesn't open may be tried again and again: each client left behind would fill the
        server."""
        try:
            yield port
        except PortError:
            port.close()
            raise

    def _join(self, client: Any, name: str, shown_as: str) -> None:
        """Open a port of others by its full name.

        The driver opens by place, in the list as it then is: where a program came or went since we looked, it
        is another's port, or none. So we look once more.
        """
        reason = PortError(f"{name!r} doesn't open: ports of others come and go all the time")
        for _ in range(JOINED_IN):
            place = self._place(client, name)
            try:
                _open(client, shown_as, place)
            except PortError as refusal:
                reason = refusal
                continue
            if self._all_names(client)[place : place + 1] == [name]:
                return
            with suppress(rtmidi.RtMidiError):
                client.close_port()
        raise reason

    def _client(self, kind: Any, name: str) -> Any:
        for again_in_s in AGAIN_IN_S if self.name in _SERVERS else ():
            with suppress(PortError):
                return self._client_now(kind, name)
            # not as long as whoever came by our name at that moment
            sleep(again_in_s * (1 + os.getpid() % 5))
        return self._client_now(kind, name)

    def _client_now(self, kind: Any, name: str) -> Any:
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
    def __init__(self, client: Any, name: str) -> None:
        self.name = name
        self._client = client

    def close(self) -> None:
        _hear_no_more(self._client)
        _close(self._client)


class _Output:
    def __init__(self, client: Any, name: str) -> None:
        self.name = name
        self._client = client

    def send(self, message: bytes) -> None:
        try:
            self._client.send_message(message)
        except rtmidi.RtMidiError as reason:
            raise PortError(f"{self.name!r}: {_first_line(reason)}") from reason

    def close(self) -> None:
        sleep(LAST_MESSAGES_S)
        _close(self._client)


def _receive_with(client: Any, receive: Receive) -> None:
    """Before its port is opened: what comes first is received too."""
    client.ignore_types(sysex=False, timing=False, active_sense=False)
    client.set_callback(lambda stamped, _: receive(bytes(stamped[0])))


def _open(client: Any, name: str, place: int) -> None:
    with _refused_in_a_line(name):
        client.open_port(place, name)


def _offer(client: Any, name: str) -> None:
    with _refused_in_a_line(name):
        client.open_virtual_port(name)


@contextmanager
def _refused_in_a_line(name: str) -> Iterator[None]:
    try:
        yield
    except (rtmidi.RtMidiError, NotImplementedError) as reason:
        raise PortError(f"{name!r} doesn't open: {_first_line(reason)}") from reason


def _hear_no_more(client: Any) -> None:
    """Before it is closed, as closing waits for the driver's thread, and that may wait for the interpreter.

    The thread has what it calls by a bare pointer, with a message in hand perhaps: that must live until it is
    through, and cancelling alone would free it.
    """
    called = gc.get_referents(client)
    client.cancel_callback()
    for _ in range(TURNS):  # on a busy machine, each lets whoever waits for the interpreter have it
        sleep(LAST_CALLS_S / TURNS)
    del called


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
