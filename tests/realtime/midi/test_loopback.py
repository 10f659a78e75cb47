"""The ports without a driver do what a driver's do: what goes in at one end comes out at the other."""

from collections.abc import Callable

import pytest

from realtime.midi import last_words
from realtime.midi.loopback import LoopbackPort, LoopbackSystem
from realtime.midi.ports import PortError

STRIKE = b"\x90\x3c\x50"


def ignore(_: bytes) -> None:
    """Receive nothing."""


def test_what_is_plugged_in_is_listed_until_it_is_unplugged() -> None:
    system = LoopbackSystem(keyboards=["Piano", "Organ"], synths={"Synth": ignore})
    assert (system.input_names(), system.output_names()) == (["Piano", "Organ"], ["Synth"])
    system.unplug("Piano")
    system.unplug("Synth")
    system.unplug("never there")
    assert (system.input_names(), system.output_names()) == (["Organ"], [])


def test_the_lists_are_copies() -> None:
    system = LoopbackSystem(keyboards=["Piano"])
    system.input_names().clear()
    assert system.input_names() == ["Piano"]


def test_each_keyboard_reaches_whoever_listens_to_it() -> None:
    piano: list[bytes] = []
    organ: list[bytes] = []
    system = LoopbackSystem(keyboards=["Piano", "Organ"])
    system.open_input("Piano", piano.append)
    system.open_input("Organ", organ.append)
    system.play("Organ", STRIKE)
    assert (piano, organ) == ([], [STRIKE])


def test_a_keyboard_plugged_in_again_is_heard_by_the_newest_listener() -> None:
    before: list[bytes] = []
    after: list[bytes] = []
    system = LoopbackSystem(keyboards=["Piano"])
    system.open_input("Piano", before.append)
    system.unplug("Piano")
    with pytest.raises(PortError, match="'Piano' is gone"):
        system.open_input("Piano", after.append)
    system.keyboards.append("Piano")
    system.open_input("Piano", after.append)
    system.play("Piano", STRIKE)
    assert (before, after) == ([], [STRIKE])


def test_a_synth_hears_what_is_sent_until_it_is_unplugged() -> None:
    heard: list[bytes] = []
    system = LoopbackSystem(synths={"Synth": heard.append})
    port = system.open_output("Synth")
    port.send(STRIKE)
    system.unplug("Synth")
    with pytest.raises(PortError, match="'Synth' is gone"):
        port.send(STRIKE)
    assert heard == [STRIKE]


def test_the_ports_that_we_offer_lead_in_and_out() -> None:
    received: list[bytes] = []
    heard: list[bytes] = []
    system = LoopbackSystem(heard_by=heard.append)
    system.make_input("Antiphon in", received.append)
    system.make_output("Antiphon out").send(STRIKE)
    system.play("Antiphon in", b"\x80\x3c\x40")
    assert (received, heard) == ([b"\x80\x3c\x40"], [STRIKE])
    assert system.input_names() == system.output_names() == []  # those of others alone are listed


@pytest.mark.parametrize("make", [LoopbackSystem.open_output, LoopbackSystem.make_output])
def test_a_closed_output_sends_nothing(make: Callable[[LoopbackSystem, str], LoopbackPort]) -> None:
    heard: list[bytes] = []
    system = LoopbackSystem(synths={"Synth": heard.append}, heard_by=heard.append)
    port = make(system, "Synth")
    port.close()
    with pytest.raises(PortError, match="'Synth' is closed"):
        port.send(STRIKE)
    assert heard == []


def test_last_words_reach_every_output_but_those_that_would_come_back_and_more_than_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(last_words, "sleep", lambda _: None)
    heard: dict[str, list[bytes]] = {}
    names = ("Synth", "Midi Through 14:0", "Antiphon keys:Antiphon in", "Organ", "Gone")
    system = LoopbackSystem(synths={name: heard.setdefault(name, []).append for name in names})
    open_output = system.open_output

    def opened(name: str) -> LoopbackPort:
        if name == "Gone":
            raise PortError("gone")
        return open_output(name)

    system.open_output = opened  # type: ignore[method-assign]
    last_words.say_to_all(system, [b"\x81\x3c\x40"])
    words = [b"\x81\x3c\x40"] * last_words.TIMES
    assert {name for name in names if heard[name] == words} == {"Synth", "Organ"}
    assert heard["Gone"] == []
