"""Ports that come and go, over loopback ports: what is opened, and what a pulled cable does.

The watch is looked at by hand, as its thread would do every second; the engine's loop is the real one.
"""

from dataclasses import dataclass, field
from threading import Event as Flag

import pytest

from realtime.engine.controls import Controls
from realtime.engine.desks.answering import PromptDesk
from realtime.engine.loop import Loop
from realtime.engine.outputs import Outputs
from realtime.engine.port_watch import MOST_LOOKS_APART, PortWatch
from realtime.midi import wire
from realtime.midi.loopback import LoopbackSystem
from realtime.midi.ports import OWN_INPUT, OWN_OUTPUT, PortError
from realtime.performer.phases import Phase
from tests.support.clock import ManualClock, ManualInbox
from tests.support.ports import ScriptedAnswerer, sounding_after

ON, OFF = b"\x90\x3c\x50", b"\x80\x3c\x40"


@dataclass
class Stand:
    """A loop, its watch, and a system with keyboards and a listener."""

    keyboards: list[str] = field(default_factory=list)
    synths: tuple[str, ...] = ()
    makes_ports: bool = True
    said: list[str] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    synth_heard: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = ManualClock(1.0)
        self.inbox = ManualInbox(self.clock)
        self.outputs = Outputs()
        self.system = LoopbackSystem(
            keyboards=self.keyboards,
            synths=dict.fromkeys(self.synths, self.synth_heard.append),
            heard_by=self.heard.append,
            makes_ports=self.makes_ports,
        )
        self.watch = PortWatch(self.system, self.inbox, self.outputs, self.clock, say=self.said.append)
        desk = PromptDesk(ScriptedAnswerer(), self.clock, self.inbox.put)
        self.loop = Loop(self.clock, self.inbox, self.outputs, desk, Controls())

    def work(self) -> None:
        """The loop takes what has come in."""
        while self.inbox.items:
            self.loop.take(self.inbox.next(None))

    @property
    def sounding(self) -> set[tuple[int, int]]:
        return sounding_after(self.heard)


def test_our_own_ports_are_offered_and_carry_notes_through() -> None:
    stand = Stand()
    stand.watch.open([], [])
    stand.system.play(OWN_INPUT, ON)
    stand.work()
    assert stand.heard[-1] == ON


def test_where_no_ports_can_be_made_named_ones_serve() -> None:
    stand = Stand(["Piano"], ("Synth",), makes_ports=False)
    stand.watch.open(["pia"], ["syn"])
    stand.system.play("Piano", ON)
    stand.work()
    assert stand.synth_heard[-1] == ON
    assert stand.heard == []


def test_a_named_port_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(PortError, match="no input port named 'organ'; there are: Piano"):
        Stand(["Piano"]).watch.open(["organ"], [])
    with pytest.raises(PortError, match="no output port named 'organ'; there are: none"):
        Stand(["Piano"]).watch.open([], ["organ"])


def test_one_port_named_twice_is_opened_once() -> None:
    stand = Stand(["Piano"])
    stand.watch.open(["Piano", "piano"], [])
    assert stand.watch.input_names == [OWN_INPUT, "Piano"]


def test_the_one_keyboard_is_opened_by_itself_also_when_it_comes_later() -> None:
    stand = Stand()
    stand.watch.open([], [])
    assert stand.watch.input_names == [OWN_INPUT]
    stand.keyboards.append("Piano")
    stand.watch.look()
    assert stand.watch.input_names == [OWN_INPUT, "Piano"]
    stand.watch.look()
    assert stand.said == ["Piano is being listened to"]


def test_an_input_has_its_name_by_its_number() -> None:
    stand = Stand(["Piano"])
    stand.watch.open(["Piano"], [])
    assert [stand.watch.input_name(source) for source in (1, 2, 9)] == [OWN_INPUT, "Piano", "an input"]


def test_with_two_keyboards_none_is_chosen_for_the_player() -> None:
    stand = Stand(["Piano", "Organ"])
    stand.watch.open([], [])
    assert stand.watch.input_names == [OWN_INPUT]


def test_a_keyboard_unplugged_while_a_key_is_held_has_its_notes_let_go() -> None:
    stand = Stand(["Piano"])
    stand.watch.open(["Piano"], [])
    stand.system.play("Piano", ON)
    stand.system.play("Piano", b"\xb0\x40\x7f")
    stand.work()
    assert stand.sounding == {(0, 60)}
    stand.system.unplug("Piano")
    stand.watch.look()
    stand.work()
    assert stand.sounding == set()
    assert stand.said[-1] == "Piano is gone; its notes are let go"
    assert stand.loop.state.phase is Phase.WAITING


def test_a_keyboard_that_is_back_plays_again() -> None:
    stand = Stand(["Piano"])
    stand.watch.open(["Piano"], [])
    stand.system.unplug("Piano")
    stand.watch.look()
    stand.watch.look()
    stand.keyboards.append("Piano")
    stand.watch.look()
    assert stand.said == ["Piano is gone; its notes are let go", "Piano is back"]
    stand.system.play("Piano", ON)
    stand.work()
    assert stand.sounding == {(0, 60)}


def plugged_anew(stand: Stand, name: str, again: str) -> None:
    """A keyboard goes and comes back before anybody looks, as ALSA lists it then."""
    stand.system.name = "alsa"
    stand.watch.open([name], [])
    stand.system.play(name, ON)
    stand.work()
    stand.system.unplug(name)
    stand.keyboards.append(again)


def test_a_keyboard_that_was_back_before_anybody_looked_is_heard_under_its_new_number() -> None:
    stand = Stand(["Piano:MIDI 1 20:0"])
    plugged_anew(stand, "Piano:MIDI 1 20:0", "Piano:MIDI 1 24:0")
    stand.watch.glance()
    stand.work()
    assert not stand.sounding
    assert stand.watch.input_names == [OWN_INPUT, "Piano:MIDI 1 24:0"]
    stand.system.play("Piano:MIDI 1 24:0", ON)
    stand.work()
    assert stand.sounding == {(0, 60)}
    stand.watch.glance()
    assert stand.said == ["Piano:MIDI 1 is gone; its notes are let go", "Piano:MIDI 1 24:0 is back"]


class Away(Flag):
    """What the watch waits by, on a clock of its own: a keyboard is away from one moment to another."""

    def __init__(self, stand: Stand, name: str, since: float, until: float) -> None:
        super().__init__()
        self.now, self._stand, self._name, self._since, self._until = 0.0, stand, name, since, until

    def wait(self, timeout: float | None = None) -> bool:
        self.now += timeout or 0.0
        if self._since <= self.now < self._until:
            self._stand.system.unplug(self._name)
        elif self._name not in self._stand.keyboards:
            self._stand.keyboards.append(self._name)
        return self.now > self._until + 2.0


@pytest.mark.parametrize("since", [0.26, 0.99, 1.07])
def test_a_keyboard_that_is_away_for_a_tenth_of_a_second_and_has_the_same_name_again_is_opened_again(
    since: float,
) -> None:
    stand = Stand(["Piano"])
    stand.watch.open(["Piano"], [])
    stand.watch._stop = Away(stand, "Piano", since, since + 0.1)
    stand.watch._watch()
    assert stand.said == ["Piano is gone; its notes are let go", "Piano is back"]


def test_of_two_alike_that_are_both_listened_to_neither_is_heard_twice_when_one_goes() -> None:
    stand = Stand(["Piano 20:0", "Piano 24:0"])
    stand.system.name = "alsa"
    stand.watch.open(["Piano 20:0", "Piano 24:0"], [])
    stand.system.unplug("Piano 20:0")
    stand.watch.glance()
    stand.watch.glance()
    assert stand.watch.input_names == [OWN_INPUT, "Piano 24:0"]
    stand.keyboards.append("Piano 28:0")
    stand.watch.glance()
    assert stand.watch.input_names == [OWN_INPUT, "Piano 28:0", "Piano 24:0"]


def test_a_synth_that_was_back_before_anybody_looked_is_played_under_its_new_number() -> None:
    stand = Stand(synths=("Synth 20:0",))
    stand.system.name = "alsa"
    stand.watch.open([], ["Synth 20:0"])
    stand.system.unplug("Synth 20:0")
    stand.system.synths["Synth 24:0"] = stand.synth_heard.append
    stand.watch.glance()
    stand.outputs.send(ON)
    assert stand.synth_heard[-1] == ON


def test_a_synth_that_was_away_gets_a_release_of_each_key_by_name_when_it_is_back() -> None:
    stand = Stand(synths=("Synth",))
    stand.watch.open([], ["Synth"])
    stand.outputs.send(ON)
    stand.system.unplug("Synth")
    stand.watch.glance()
    stand.synth_heard.clear()
    stand.system.synths["Synth"] = stand.synth_heard.append
    stand.watch.glance()
    assert wire.released(0, 60) in stand.synth_heard


def test_a_glance_sees_who_comes_and_goes_and_asks_no_server() -> None:
    stand, asked = Stand(["Piano"]), []
    stand.watch.open(["Piano"], [])
    stand.system.has_failed = lambda: bool(asked.append(None))  # type: ignore[method-assign]
    stand.system.unplug("Piano")
    stand.watch.glance()
    assert stand.said == ["Piano is gone; its notes are let go"]
    assert not asked
    stand.watch.look()
    assert asked


def test_unplugging_one_keyboard_leaves_what_is_held_on_another() -> None:
    stand = Stand(["Piano", "Organ"])
    stand.watch.open(["Piano", "Organ"], [])
    stand.system.play("Piano", ON)
    stand.system.play("Organ", b"\x90\x40\x50")
    stand.system.unplug("Piano")
    stand.watch.look()
    stand.work()
    assert stand.sounding == {(0, 64)}


def test_a_synth_that_fails_is_dropped_and_taken_back_silent_when_it_returns() -> None:
    stand = Stand(["Piano"], ("Synth",))
    stand.watch.open(["Piano"], ["Synth"])
    stand.system.unplug("Synth")
    stand.system.play("Piano", ON)
    stand.work()
    assert stand.heard[-1] == ON  # our own output sounds on
    assert "Synth doesn't take notes any more" in stand.said
    stand.system.synths["Synth"] = stand.synth_heard.append
    stand.synth_heard.clear()
    stand.watch.look()
    stand.watch.look()
    assert stand.said[-1] == "Synth is back"
    assert stand.synth_heard[:3] == [b"\xb0\x40\x00", b"\xb0\x7b\x00", b"\xb0\x78\x00"]
    stand.system.play("Piano", OFF)
    stand.work()
    assert stand.synth_heard[-1] == OFF


def test_a_system_that_stops_answering_is_said_once_and_lets_go_of_its_keyboards() -> None:
    stand = Stand(["Piano"])
    stand.watch.open(["Piano"], [])
    stand.system.play("Piano", ON)

    def dead() -> list[str]:
        raise PortError("the server is gone")

    stand.system.input_names = dead  # type: ignore[method-assign]
    stand.watch.look()
    stand.watch.look()
    stand.work()
    assert stand.said.count("the MIDI system doesn't answer: the server is gone") == 1
    assert stand.sounding == set()


def test_a_server_that_starts_again_gets_all_ports_back_without_being_asked() -> None:
    stand = Stand(["Piano"], ("Synth",))
    stand.watch.open(["Piano"], ["Synth"])
    stand.system.play("Piano", ON)
    stand.work()
    old = stand.outputs.ports
    stand.system.fails = True
    stand.watch.look()
    stand.watch.look()
    stand.work()
    assert stand.said == ["loopback doesn't answer any more; its ports come back with it"]
    assert stand.loop.state.phase is Phase.WAITING
    assert not any(keyboard.held for keyboard in stand.loop.state.keyboards.values())
    again = LoopbackSystem(
        keyboards=["Piano"], synths={"Synth": stand.synth_heard.append}, heard_by=stand.heard.append
    )
    stand.system.next_server = again
    for _ in range(MOST_LOOKS_APART + 1):
        stand.watch.look()
    assert any(line.startswith("loopback is back, and so are the ports: cables that") for line in stand.said)
    assert stand.said[-2:] == ["Piano is back", "Synth is back"]
    assert all(port.is_open for port in old)  # type: ignore[attr-defined]  # closed, they would harm the new
    for name, message in ((OWN_INPUT, b"\x90\x3e\x50"), ("Piano", b"\x90\x40\x50")):
        again.play(name, message)
        stand.work()
        assert (stand.heard[-1], stand.synth_heard[-1]) == (message, message)


def test_a_server_that_was_only_late_keeps_its_ports() -> None:
    stand = Stand()
    stand.watch.open([], [])
    ports = stand.outputs.ports
    stand.system.fails = True
    stand.watch.look()
    stand.system.fails = False
    stand.watch.look()
    assert stand.outputs.ports == ports
    assert stand.said[-1].startswith("loopback is back, and so are the ports: cables that a DAW")


def test_a_server_that_is_gone_is_asked_for_ever_more_seldom() -> None:
    stand = Stand()
    stand.watch.open([], [])
    stand.system.fails = True
    asked = 0

    def gone() -> None:
        nonlocal asked
        asked += 1

    stand.system.anew = gone  # type: ignore[method-assign, assignment]
    for _ in range(60):
        stand.watch.look()
    assert 60 / MOST_LOOKS_APART <= asked <= 20


def test_at_the_end_the_ports_of_a_server_that_is_gone_are_left_alone() -> None:
    stand = Stand()
    stand.watch.open([], [])
    ports = stand.outputs.ports
    stand.system.fails = True
    stand.watch.look()
    stand.watch.close()
    assert all(port.is_open for port in ports)  # type: ignore[attr-defined]


def test_closing_gives_every_port_back() -> None:
    stand = Stand(["Piano"], ("Synth",))
    stand.watch.open(["Piano"], ["Synth"])
    ports = stand.outputs.ports
    stand.watch.start()
    stand.watch.close()
    assert stand.outputs.ports == ()
    assert not any(port.is_open for port in ports)  # type: ignore[attr-defined]


def test_another_instrument_on_the_machine_is_said() -> None:
    stand = Stand(["Antiphon:Antiphon out"])
    stand.watch.open([], [])
    (line,) = stand.said
    assert line.startswith("another Antiphon has its ports open here: what both hear, both will answer; end")


def test_a_box_of_faders_is_opened_by_name_and_hears_no_notes() -> None:
    stand = Stand(["Piano"], ("BCF2000",))
    stand.watch.open(["Piano"], [], ["bcf"])
    stand.system.play("Piano", ON)
    stand.work()
    assert stand.synth_heard == []
    assert [port.name for port in stand.watch.faders.ports] == ["BCF2000"]
    assert [port.name for port in stand.outputs.ports] == [OWN_OUTPUT]
    with pytest.raises(PortError, match="no port of faders named 'x'"):
        Stand().watch.open([], [], ["x"])


def test_a_box_of_faders_that_goes_ends_no_answer_and_comes_back() -> None:
    stand = Stand(synths=("BCF2000",))
    stand.watch.open([], [], ["bcf"])
    stand.system.unplug("BCF2000")
    stand.watch.look()
    assert stand.watch.faders.ports == ()
    assert stand.inbox.items == []
    stand.system.synths["BCF2000"] = stand.synth_heard.append
    stand.watch.look()
    assert [port.name for port in stand.watch.faders.ports] == ["BCF2000"]
    assert stand.said == ["BCF2000 is gone", "BCF2000 is back"]
