"""The system's ports over a made-up driver: what is opened, in which order, and what is said of faults."""

import os
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from realtime.midi import rtmidi_ports
from realtime.midi.heartbeat import MISSED_MEANS_DEAD
from realtime.midi.ports import PortError
from realtime.midi.rtmidi_ports import (
    AGAIN_IN_S,
    INPUTS,
    LISTS,
    OUTPUTS,
    RtMidiSystem,
    open_system,
    system_names,
)

OUR_LISTS = f"{LISTS} {os.getpid()}"
ALSA, JACK, WINMM = 2, 3, 4
NAMES = {ALSA: "alsa", JACK: "jack", WINMM: "winmm"}
PIANO, SYNTH = "Piano:Piano MIDI 1 20:0", "FLUID Synth:port 128:0"


class DriverError(Exception):
    """What the made-up driver raises, as rtmidi does."""


@dataclass
class Driver:
    """A driver that writes down what is done with it; faults are raised where they are put in."""

    compiled: list[int] = field(default_factory=lambda: [ALSA, JACK])
    inputs: list[str] = field(default_factory=lambda: [PIANO])
    outputs: list[str] = field(default_factory=lambda: [SYNTH])
    faults: dict[str, Exception] = field(default_factory=dict)  # by the name of the call, or of the api
    calls: list[str] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)
    clients: list["Client"] = field(default_factory=list)

    def module(self) -> SimpleNamespace:
        """What stands in for the module `rtmidi`."""
        return SimpleNamespace(
            RtMidiError=DriverError,
            MidiIn=lambda api, name: Client(self, api, name, self.inputs),
            MidiOut=lambda api, name: Client(self, api, name, self.outputs),
            get_compiled_api=lambda: self.compiled,
            get_api_name=NAMES.__getitem__,
        )

    def called(self, call: str, *about: object) -> None:
        """Write a call down; it fails where that was asked for."""
        self.calls.append(" ".join([call, *map(str, about)]))
        if call in self.faults:
            raise self.faults[call]


class Client:
    """A client of the made-up driver, for either direction."""

    def __init__(self, driver: Driver, api: int, name: str, ports: list[str]) -> None:
        if NAMES[api] in driver.faults:
            raise driver.faults[NAMES[api]]
        self.driver, self.name, self.ports = driver, name, ports
        self.callback: Callable[[tuple[list[int], float], object], None] | None = None
        driver.clients.append(self)

    def get_ports(self) -> list[str]:
        if "get_ports" in self.driver.faults:
            raise self.driver.faults["get_ports"]
        return self.ports

    def ignore_types(self, **kinds: bool) -> None:
        self.driver.called("ignore_types", *sorted(kind for kind, ignored in kinds.items() if ignored))

    def set_callback(self, callback: Callable[[tuple[list[int], float], object], None]) -> None:
        self.driver.called("set_callback")
        self.callback = callback

    def cancel_callback(self) -> None:
        self.driver.called("cancel_callback")
        self.callback = None

    def open_port(self, place: int, name: str) -> None:
        self.driver.called("open_port", place, name)

    def open_virtual_port(self, name: str) -> None:
        self.driver.called("open_virtual_port", name)

    def send_message(self, message: bytes) -> None:
        self.driver.called("send_message")
        self.driver.sent.append(message)

    def close_port(self) -> None:
        self.driver.called("close_port")

    def delete(self) -> None:
        self.driver.called("delete", self.name)


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    """The made-up driver in the place of python-rtmidi, and no waiting."""
    made_up = Driver()
    monkeypatch.setattr(rtmidi_ports, "rtmidi", made_up.module())
    monkeypatch.setattr(rtmidi_ports, "sleep", lambda seconds: made_up.called("sleep", seconds))
    return made_up


def ignore(_: bytes) -> None:
    """Receive nothing."""


def test_the_systems_are_those_that_the_library_was_built_with(driver: Driver) -> None:
    assert system_names() == ["alsa", "jack"]
    driver.compiled = []
    assert system_names() == []


@pytest.mark.parametrize(
    ("broken", "wanted", "opened"),
    [([], None, "alsa"), (["alsa"], None, "jack"), ([], "jack", "jack"), (["alsa"], "jack", "jack")],
)
def test_the_system_is_the_one_asked_for_or_the_first_that_works(
    driver: Driver, broken: list[str], wanted: str | None, opened: str
) -> None:
    driver.faults = {name: DriverError("no server") for name in broken}
    assert open_system(wanted).name == opened


DOCTOR = "; antiphon doctor says how to mend it"


@pytest.mark.parametrize(
    ("compiled", "broken", "wanted", "message"),
    [
        ([ALSA, JACK], [], "core", "no MIDI system named 'core' here; there are: alsa, jack"),
        ([], [], "alsa", "no MIDI system named 'alsa' here; there are: none"),
        ([], [], None, f"no MIDI system (python-rtmidi was built without any){DOCTOR}"),
        (
            [ALSA, JACK],
            ["alsa", "jack"],
            None,
            f"no MIDI system (alsa: no server; jack: no server){DOCTOR}",
        ),
        (
            [ALSA, JACK],
            ["alsa"],
            "alsa",
            "no MIDI system (alsa: no server)",
        ),  # what was named has no stand-in
    ],
)
def test_where_no_system_works_the_error_names_each_with_its_reason(
    driver: Driver, compiled: list[int], broken: list[str], wanted: str | None, message: str
) -> None:
    driver.compiled = compiled
    driver.faults = {name: DriverError("\nno server\nsecond line") for name in broken}
    with pytest.raises(PortError) as refusal:
        open_system(wanted)
    assert str(refusal.value) == message


@pytest.mark.parametrize(("broken", "pauses"), [("jack", len(AGAIN_IN_S)), ("alsa", 0)])
def test_a_server_that_has_no_time_for_us_is_asked_again_and_no_other_system_is(
    driver: Driver, broken: str, pauses: int
) -> None:
    driver.faults = {broken: DriverError("not now")}
    with pytest.raises(PortError):
        open_system(broken)
    assert [call.split()[0] for call in driver.calls] == ["sleep"] * pauses


def test_a_server_that_has_time_the_second_time_is_opened(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.faults = {"jack": DriverError("not now")}
    monkeypatch.setattr(rtmidi_ports, "sleep", lambda _: driver.faults.clear())
    assert open_system("jack").name == "jack"


def test_the_clients_that_list_ports_are_not_listed_and_are_made_once(driver: Driver) -> None:
    system = open_system()
    driver.inputs[:] = [f"{LISTS}:in 130:0", PIANO]
    driver.outputs[:] = [SYNTH, f"{LISTS}:out 131:0"]
    for _ in range(3):
        assert (system.input_names(), system.output_names()) == ([PIANO], [SYNTH])
    assert [client.name for client in driver.clients] == [OUR_LISTS] * 2
    system.close()
    assert driver.calls == [f"delete {OUR_LISTS}"] * 2


def test_what_is_plugged_in_later_is_listed(driver: Driver) -> None:
    system = open_system()
    driver.inputs.append("Organ 24:0")
    driver.outputs.clear()
    assert (system.input_names(), system.output_names()) == ([PIANO, "Organ 24:0"], [])


LISTING_FAULTS = [
    (DriverError("listing failed\nsecond line"), "alsa: listing failed"),
    (UnicodeDecodeError("utf-8", b"\xe9", 0, 1, "bad name"), "alsa: 'utf-8' codec can't decode"),
    (DriverError(), "alsa: DriverError"),  # without a word, its kind is said
]


@pytest.mark.parametrize(("fault", "message"), LISTING_FAULTS)
def test_a_listing_that_fails_is_one_line(driver: Driver, fault: Exception, message: str) -> None:
    system = open_system()
    driver.faults["get_ports"] = fault
    acts: list[Callable[[], object]] = [
        system.input_names,
        system.output_names,
        lambda: system.open_input(PIANO, ignore),
        lambda: system.open_output(SYNTH),
    ]
    for act in acts:
        with pytest.raises(PortError) as refusal:
            act()
        assert str(refusal.value).startswith(message)
        assert "\n" not in str(refusal.value)


def test_an_input_is_opened_by_its_place_after_whoever_receives_is_ready(driver: Driver) -> None:
    driver.inputs[:] = ["Other 16:0", PIANO]
    port = open_system().open_input(PIANO, ignore)
    assert port.name == PIANO
    assert driver.clients[-1].name == INPUTS
    assert driver.calls == [
        "ignore_types",  # none: what speaks to the whole instrument passes through too
        "set_callback",
        f"open_port 1 {PIANO}",
    ]


def test_what_an_input_receives_is_handed_on_as_bytes(driver: Driver) -> None:
    received: list[bytes] = []
    open_system().open_input(PIANO, received.append)
    callback = driver.clients[-1].callback
    assert callback is not None
    callback(([0x90, 60, 80], 0.0), None)
    callback(([0xC0, 5], 0.25), None)
    assert received == [b"\x90\x3c\x50", b"\xc0\x05"]
    assert {type(message) for message in received} == {bytes}


def test_an_output_is_opened_by_its_place_and_sends_what_it_is_given(driver: Driver) -> None:
    driver.outputs[:] = ["Other 16:0", "Another 17:0", SYNTH]
    port = open_system().open_output(SYNTH)
    port.send(b"\x90\x3c\x50")
    port.send(b"\x80\x3c\x40")
    assert port.name == SYNTH
    assert driver.clients[-1].name == OUTPUTS
    assert driver.calls[0] == f"open_port 2 {SYNTH}"
    assert driver.sent == [b"\x90\x3c\x50", b"\x80\x3c\x40"]


def test_ports_of_our_own_are_offered_by_name(driver: Driver) -> None:
    system = open_system()
    assert system.make_input("Antiphon in", ignore).name == "Antiphon in"
    assert system.make_output("Antiphon out").name == "Antiphon out"
    opened = [call for call in driver.calls if call.startswith("open")]
    assert opened == ["open_virtual_port Antiphon in", "open_virtual_port Antiphon out"]


@pytest.mark.parametrize(("api", "makes_ports"), [(ALSA, True), (JACK, True), (WINMM, False)])
def test_windows_makes_no_ports(driver: Driver, api: int, makes_ports: bool) -> None:
    driver.compiled = [api]
    assert open_system().makes_ports is makes_ports


@pytest.mark.parametrize(
    "fault", [NotImplementedError("not on Windows\nat all"), DriverError("not on Windows")]
)
def test_a_system_that_refuses_ports_of_our_own_says_so_in_a_line(driver: Driver, fault: Exception) -> None:
    system = open_system()
    driver.faults["open_virtual_port"] = fault
    makes: list[Callable[[], object]] = [
        lambda: system.make_input("Antiphon in", ignore),
        lambda: system.make_output("Antiphon in"),
    ]
    for make in makes:
        with pytest.raises(PortError) as refusal:
            make()
        assert str(refusal.value) == "'Antiphon in' doesn't open: not on Windows"


def open_one(system: RtMidiSystem, direction: str, name: str) -> Any:
    """Open a port of either direction."""
    return system.open_input(name, ignore) if direction == "input" else system.open_output(name)


@pytest.mark.parametrize("direction", ["input", "output"])
@pytest.mark.parametrize(
    ("there_are", "message"),
    [
        ([], "no port named 'Lost 20:0'; there are: none"),
        (["A 20:0", "B 21:0"], "no port named 'Lost 20:0'; there are: A 20:0, B 21:0"),
        (
            ["Lost 20:01"],
            "no port named 'Lost 20:0'; there are: Lost 20:01",
        ),  # a part of a name won't do here
    ],
)
def test_a_port_that_has_vanished_is_refused_with_those_there_are(
    driver: Driver, direction: str, there_are: list[str], message: str
) -> None:
    driver.inputs[:] = driver.outputs[:] = there_are
    with pytest.raises(PortError) as refusal:
        open_one(open_system(), direction, "Lost 20:0")
    assert str(refusal.value) == message


@pytest.mark.parametrize(("direction", "name"), [("input", PIANO), ("output", SYNTH)])
def test_a_port_that_another_program_has_is_refused_in_a_line(
    driver: Driver, direction: str, name: str
) -> None:
    system = open_system()
    driver.faults["open_port"] = DriverError("busy\nsecond line")
    with pytest.raises(PortError) as refusal:
        open_one(system, direction, name)
    assert str(refusal.value) == f"{name!r} doesn't open: busy"


@pytest.mark.parametrize(("direction", "name"), [("input", PIANO), ("output", SYNTH)])
@pytest.mark.parametrize(
    ("seen", "at_the_opening"),
    [(["Other 16:0"], []), ([], ["Other 16:0"]), (["Other 16:0", "Another 17:0"], ["Another 17:0"])],
)
def test_where_programs_come_and_go_while_a_port_is_opened_no_other_one_is_taken(
    driver: Driver,
    monkeypatch: pytest.MonkeyPatch,
    direction: str,
    name: str,
    seen: list[str],
    at_the_opening: list[str],
) -> None:
    joined: list[str] = []

    def open_port(client: Client, place: int, _: str) -> None:
        client.ports[:] = [*at_the_opening, name]
        if place >= len(client.ports):
            raise DriverError("there is no such place")
        joined.append(client.ports[place])

    monkeypatch.setattr(Client, "open_port", open_port)
    monkeypatch.setattr(Client, "close_port", lambda _: joined.clear())
    driver.inputs[:] = driver.outputs[:] = [*seen, name]
    open_one(open_system(), direction, name)
    assert joined == [name]


@pytest.mark.parametrize(("direction", "name"), [("input", PIANO), ("output", SYNTH)])
@pytest.mark.parametrize("fault", ["open_port", "get_ports"])
def test_a_port_that_doesn_t_open_leaves_no_client_behind(
    driver: Driver, direction: str, name: str, fault: str
) -> None:
    system = open_system()
    driver.faults[fault] = DriverError("busy")
    for _ in range(3):  # as the watch tries again and again
        with pytest.raises(PortError):
            open_one(system, direction, name)
    client = INPUTS if direction == "input" else OUTPUTS
    assert driver.calls.count(f"delete {client}") == 3


def test_sending_to_a_device_that_was_pulled_out_is_an_error_in_a_line(driver: Driver) -> None:
    port = open_system().open_output(SYNTH)
    driver.faults["send_message"] = DriverError("no such device\nsecond line")
    with pytest.raises(PortError) as refusal:
        port.send(b"\x90\x3c\x50")
    assert str(refusal.value) == f"{SYNTH!r}: no such device"


WAITING = [f"sleep {rtmidi_ports.LAST_CALLS_S / rtmidi_ports.TURNS}"] * rtmidi_ports.TURNS


def test_a_closed_input_receives_nothing_more_before_its_port_goes(driver: Driver) -> None:
    port = open_system().open_input(PIANO, ignore)
    driver.calls.clear()
    port.close()
    assert driver.calls == [
        "cancel_callback",
        *WAITING,
        "close_port",
        f"delete {INPUTS}",
    ]


def test_what_the_driver_s_thread_may_still_call_lives_until_it_is_through(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = open_system().open_input(PIANO, ignore)
    callback = driver.clients[-1].callback
    assert callback is not None
    called, lived = weakref.ref(callback), []
    del callback
    monkeypatch.setattr(rtmidi_ports, "sleep", lambda _: lived.append(called() is not None))
    port.close()
    assert lived == [True] * rtmidi_ports.TURNS
    assert called() is None


def test_the_clients_that_list_are_given_back_when_no_heartbeat_is_on_its_way_to_them(driver: Driver) -> None:
    system = open_system("jack")
    assert not system.has_failed()
    driver.calls.clear()
    system.close()
    assert driver.calls[: 1 + len(WAITING)] == ["cancel_callback", *WAITING]
    assert [call for call in driver.calls if call.startswith("delete")] == [f"delete {OUR_LISTS}"] * 2


def test_a_closing_output_leaves_the_last_messages_time_to_go_out(driver: Driver) -> None:
    port = open_system().open_output(SYNTH)
    driver.calls.clear()
    port.send(b"\x80\x3c\x40")
    port.close()
    assert driver.calls == [
        "send_message",
        f"sleep {rtmidi_ports.LAST_MESSAGES_S}",
        "close_port",
        f"delete {OUTPUTS}",
    ]


@pytest.mark.parametrize(("direction", "name"), [("input", PIANO), ("output", SYNTH)])
def test_closing_a_port_whose_device_is_gone_still_gives_the_client_back(
    driver: Driver, direction: str, name: str
) -> None:
    port = open_one(open_system(), direction, name)
    driver.faults["close_port"] = DriverError("no such device")
    port.close()
    assert driver.calls[-1].startswith("delete")


def test_what_libraries_print_while_a_client_is_made_is_not_seen(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def chatty(api: int, name: str) -> Client:
        os.write(2, b"ALSA lib seq_hw.c: open /dev/snd/seq failed\n")
        if api == ALSA:
            raise DriverError("no server")
        return Client(driver, api, name, [])

    module = driver.module()
    module.MidiIn = chatty
    monkeypatch.setattr(rtmidi_ports, "rtmidi", module)
    assert open_system().name == "jack"
    os.write(2, b"said afterwards\n")
    assert capfd.readouterr().err == "said afterwards\n"


def test_without_a_standard_error_clients_are_made_all_the_same(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_: int) -> int:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(os, "dup", closed)
    assert open_system().input_names() == [PIANO]


class Server:
    """A server of the made-up driver: what is sent into the heartbeat comes back while it lives."""

    def __init__(self, driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
        self.driver, self.lives = driver, True
        self.seen: list[str] | None = []
        monkeypatch.setattr(rtmidi_ports, "outputs_of_others", lambda _: self.seen)
        driver.compiled = [JACK]
        self.system = open_system("jack")
        self.ear, self.mouth = driver.clients
        self.mouth.ports = [SYNTH, f"{LISTS}:{rtmidi_ports._HEARTBEAT}"]
        self.mouth.send_message = self.send  # type: ignore[method-assign]

    def send(self, message: bytes) -> None:
        if self.lives and self.ear.callback is not None:
            self.ear.callback((list(message), 0.0), None)

    def dies(self) -> None:
        """After it has lived."""
        assert not self.system.has_failed()
        self.lives = False
        assert any(self.system.has_failed() for _ in range(MISSED_MEANS_DEAD + 1))


def test_a_server_that_stops_sending_back_what_it_is_sent_has_failed(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(driver, monkeypatch)
    assert not any(server.system.has_failed() for _ in range(10))
    assert f"open_virtual_port {rtmidi_ports._HEARTBEAT}" in driver.calls
    assert f"open_port 1 {rtmidi_ports._HEARTBEAT}" in driver.calls
    server.dies()
    server.seen = None
    assert server.system.anew() is None


def test_after_a_new_server_all_clients_are_new_and_the_old_are_never_touched(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(driver, monkeypatch)
    server.system.make_output("Antiphon out")
    server.dies()
    driver.calls.clear()
    another = server.system.anew()
    assert another is not None
    assert another is not server.system
    assert len(driver.clients) == 5
    assert driver.calls == []


def test_a_server_that_was_only_late_keeps_its_clients(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(driver, monkeypatch)
    server.dies()
    server.seen = [f"{LISTS}-01:{rtmidi_ports._HEARTBEAT}"]
    assert server.system.anew() is server.system
    assert not server.system.has_failed()


def test_where_the_heartbeat_can_t_be_opened_nothing_is_said_to_have_failed(driver: Driver) -> None:
    driver.compiled = [JACK]
    system = open_system("jack")
    driver.faults["open_virtual_port"] = DriverError("no")
    assert not any(system.has_failed() for _ in range(10))


def test_alsa_has_no_server_that_could_fail(driver: Driver) -> None:
    system = open_system("alsa")
    assert not system.has_failed()
    assert driver.sent == []
