"""What the doctor says of MIDI systems and their ports; no driver is asked."""

from pathlib import Path

import pytest

from realtime.health.finding import Finding, Verdict
from realtime.health.midi import Systems, midi_findings
from realtime.midi.loopback import LoopbackSystem
from realtime.midi.ports import PortError


def found(systems: Systems, alsa_device: Path = Path("/nowhere/seq")) -> dict[str, Finding]:
    return {one.about: one for one in midi_findings(systems, alsa_device)}


def test_a_system_with_a_keyboard_and_a_synth_is_fine_throughout() -> None:
    system = LoopbackSystem(keyboards=["Piano"], synths={"Pianoteq": lambda _: None})
    assert {one.verdict for one in midi_findings({"loopback": system})} == {Verdict.FINE}
    assert found({"loopback": system})["keyboards on loopback"].found == "Piano is opened by itself"
    assert "Pianoteq" in found({"loopback": system})["synths on loopback"].found


def test_two_keyboards_are_named_with_the_option_that_chooses() -> None:
    keyboards = found({"loopback": LoopbackSystem(keyboards=["Piano", "Organ"])})["keyboards on loopback"]
    assert keyboards.verdict is Verdict.NOTE
    assert "Piano, Organ" in keyboards.found
    assert "--in PART" in keyboards.remedy


def test_our_own_ports_and_the_systems_own_are_no_synths() -> None:
    names: dict[str, object] = {"Antiphon out": None, "Midi Through Port-0": None}
    system = LoopbackSystem(synths={name: lambda _: None for name in names})
    assert found({"loopback": system})["synths on loopback"].found == "none is there"


def test_one_system_that_does_not_answer_is_no_fault_beside_one_that_does() -> None:
    both = found({"jack": "server not running", "loopback": LoopbackSystem(keyboards=["Piano"])})
    assert both["midi system jack"].verdict is Verdict.NOTE
    assert "start a JACK server" in both["midi system jack"].remedy
    assert Verdict.WRONG not in {one.verdict for one in both.values()}


def test_no_system_at_all_is_wrong() -> None:
    assert found({"jack": "server not running"})["midi"].verdict is Verdict.WRONG
    assert "--force-reinstall" in found({})["midi"].remedy


@pytest.mark.parametrize(("is_there", "remedy"), [(False, "modprobe snd-seq"), (True, "many MIDI clients")])
def test_alsas_remedy_depends_on_its_device(is_there: bool, remedy: str, tmp_path: Path) -> None:
    device = tmp_path / "seq"
    if is_there:
        device.touch()
    assert remedy in found({"alsa": "no client"}, device)["midi system alsa"].remedy


def test_where_no_ports_can_be_made_loopmidi_is_named() -> None:
    virtual = found({"winmm": LoopbackSystem(makes_ports=False)})["virtual ports"]
    assert virtual.verdict is Verdict.NOTE
    assert "loopMIDI" in virtual.remedy


def test_a_system_whose_list_fails_is_wrong() -> None:
    class Wedged(LoopbackSystem):
        def input_names(self) -> list[str]:
            raise PortError("jack: no answer")

    assert found({"jack": Wedged()})["midi system jack"].verdict is Verdict.WRONG
