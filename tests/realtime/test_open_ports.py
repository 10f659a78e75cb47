"""The ports for one performance: what was named must be there, and the lines say what is."""

from typing import Any

import pytest

from realtime import open_ports as ports_module
from realtime.answerers.rule.imitation import Imitation
from realtime.choices import Choices
from realtime.engine.outputs import Outputs
from realtime.engine.wiring.delays import Delay
from realtime.engine.wiring.routes import Route
from realtime.midi import wire
from realtime.midi.loopback import LoopbackSystem
from realtime.midi.ports import OWN_INPUT, OWN_OUTPUT, PortError
from realtime.open_ports import inputs_line, loop_words, open_ports, outputs_line
from realtime.performer.rules import DEFAULT_RULES
from realtime.presets import Preset
from tests.support.clock import ManualClock, ManualInbox
from tests.support.ports import sounding_after


def opened(system: LoopbackSystem | None, **names: Any) -> tuple[str, str]:
    """The two lines at the start, with the ports given back."""
    choices = Choices(Imitation(1), 1, DEFAULT_RULES, system=system, **names)
    clock = ManualClock()
    with open_ports(choices, ManualInbox(clock), clock) as (outputs, watch):
        return inputs_line(watch, has_keys=False), outputs_line(watch, outputs, has_page=True)


def test_our_own_ports_and_the_obvious_keyboard_are_open() -> None:
    lines = opened(LoopbackSystem(keyboards=["Keystation"]))
    assert lines == (f"in    {OWN_INPUT}, Keystation", f"out   {OWN_OUTPUT}")


def test_where_no_ports_can_be_made_the_line_says_what_to_do() -> None:
    inputs, outputs = opened(LoopbackSystem(makes_ports=False))
    assert inputs == "in    nothing yet: plug in a keyboard"
    assert outputs.splitlines()[0] == "out   no port: it is heard on the page"
    assert "loopMIDI" in outputs.splitlines()[1]


def test_a_port_that_was_named_must_be_there() -> None:
    with pytest.raises(PortError, match="no input port named 'organ'"):
        opened(LoopbackSystem(), inputs=("organ",))


@pytest.mark.parametrize(
    ("choices", "complaint"),
    [
        ({"routes": (Route("organ", 0, 1),)}, "--route organ:1=2: no open input has 'organ' in its name"),
        ({"delays": (Delay("fluid", 40),)}, "--delay fluid=40: no open output has 'fluid' in its name"),
        (
            {"presets": (Preset("solo", (("route", "organ:*=none"),)),)},
            r"\[solo\] organ:\*=none: no open input",
        ),
        (
            {"presets": (Preset("solo", (("delay", "fluid=4"),)),)},
            r"\[solo\] fluid=4: .* there are: Antiphon out",
        ),
    ],
)
def test_what_routes_and_delays_name_must_be_there(choices: dict[str, Any], complaint: str) -> None:
    with pytest.raises(PortError, match=complaint):
        opened(LoopbackSystem(), **choices)


def test_routes_and_delays_may_name_a_part_of_what_is_open() -> None:
    opened(
        LoopbackSystem(), routes=(Route("*", 0, 1), Route("antiphon IN", 0, 1)), delays=(Delay("out", 40),)
    )


def test_without_a_midi_system_it_goes_on_unless_a_port_was_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none_there(_: str | None) -> LoopbackSystem:
        raise PortError("no MIDI system (none is installed)")

    monkeypatch.setattr(ports_module, "_system", none_there)
    assert opened(None) == (
        "in    nothing yet: plug in a keyboard",
        "out   no port: it is heard on the page",
    )
    assert capsys.readouterr().out == "ports none: no MIDI system (none is installed)\n"
    with pytest.raises(PortError, match="none is installed"):
        opened(None, outputs=("organ",))


def test_a_release_that_the_link_lost_at_the_end_leaves_nothing_sounding() -> None:
    heard: list[bytes] = []

    def hear(message: bytes) -> None:
        if message[0] & 0xF0 != 0x80:  # every release is lost
            heard.append(message)

    choices = Choices(Imitation(1), 1, DEFAULT_RULES, system=LoopbackSystem(heard_by=hear))
    clock = ManualClock()
    with open_ports(choices, ManualInbox(clock), clock) as (outputs, _):
        for message in (wire.struck(2, 60, 80), wire.released(2, 60), bytes.fromhex("b2 40 7f")):
            outputs.send(message)
        assert sounding_after(heard) == {(2, 60)}
        opening = len(heard)
    assert sounding_after(heard) == set()
    assert {message[0] & 0x0F for message in heard[opening:]} == {2}  # others may play on other channels


def test_the_computer_s_keys_are_named_and_without_a_page_that_nothing_is_heard() -> None:
    assert inputs_line(None, has_keys=True) == "in    the computer's keys"
    assert outputs_line(None, Outputs(), has_page=False) == "out   nothing: what is played is seen, not heard"


def test_a_loop_is_said_with_its_port_its_length_and_the_remedy() -> None:
    words = loop_words("Antiphon in", 0.0841)
    assert words.startswith("what goes out comes back on Antiphon in after 84 ms")
    assert "monitoring" in words
    assert loop_words("Antiphon in", None) == "what goes out doesn't come back on Antiphon in any more"
