"""`antiphon ports`: what it lists of a system's ports, and what it says where there is none."""

import argparse

import pytest

from commands import ports
from realtime.midi.loopback import LoopbackSystem


def test_inputs_and_outputs_are_listed_with_the_one_that_is_opened_by_itself() -> None:
    system = LoopbackSystem(keyboards=["Piano", "Midi Through Port-0"], synths={"Synth": lambda _: None})
    lines = ports.lines_of(system)
    assert lines[:3] == ["  in   Piano   (opened by itself)", "  in   Midi Through Port-0", "  out  Synth"]
    assert '"Antiphon in" and "Antiphon out"' in lines[3]


def test_with_two_keyboards_none_is_marked() -> None:
    lines = ports.lines_of(LoopbackSystem(keyboards=["Piano", "Organ"]))
    assert not any("opened by itself" in line for line in lines)


def test_where_no_virtual_ports_can_be_made_the_remedy_is_named() -> None:
    lines = ports.lines_of(LoopbackSystem(makes_ports=False))
    assert lines[0] == "  no ports of devices or other programs"
    assert "loopMIDI" in lines[1]


def test_a_midi_system_that_is_not_there_is_refused_with_those_that_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ports.run(argparse.Namespace(midi_api="nonsense")) == 2
    assert "no MIDI system named 'nonsense' here; there are: " in capsys.readouterr().err
