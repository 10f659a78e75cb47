"""Ports by name: parts of names, the obvious keyboard, and never our own output."""

import pytest

from realtime.midi.ports import PortError, lasting_name, named, obvious_keyboard

ALSA = [
    "Midi Through:Midi Through Port-0 14:0",
    "Keystation 49:Keystation 49 MIDI 1 20:0",
    "Keystation 49:Keystation 49 MIDI 2 20:1",
]


def test_a_part_of_the_name_is_enough_whatever_the_case() -> None:
    assert named(ALSA, "keystation") == ALSA[1]
    assert named(ALSA, "MIDI 2") == ALSA[2]


def test_the_whole_name_is_preferred_to_a_part() -> None:
    assert named(["Piano 2", "Piano"], "Piano") == "Piano"


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(PortError, match=r"no port named 'organ'; there are: Piano 2, Piano"):
        named(["Piano 2", "Piano"], "organ")
    with pytest.raises(PortError, match="there are: none"):
        named([], "organ")


def test_our_own_output_is_refused_as_an_input() -> None:
    with pytest.raises(PortError, match="come back as a call"):
        named(["Antiphon:Antiphon out 128:0"], "antiphon")


@pytest.mark.parametrize(
    ("system", "before", "after", "is_same"),
    [
        ("alsa", "Keystation 49:Keystation 49 MIDI 1 20:0", "Keystation 49:Keystation 49 MIDI 1 24:0", True),
        ("alsa", "Keystation 49:Keystation 49 MIDI 1 20:0", "Keystation 49:Keystation 49 MIDI 2 20:1", False),
        ("winmm", "Keystation 1", "Keystation 2", True),  # Windows counts all its ports
        ("core", "Keystation Port 1", "Keystation Port 2", False),
        ("jack", "system:midi_capture_1", "system:midi_capture_2", False),
    ],
)
def test_the_number_that_changes_when_plugged_in_again_is_no_part_of_the_lasting_name(
    system: str, before: str, after: str, is_same: bool
) -> None:
    assert (lasting_name(before, system) == lasting_name(after, system)) is is_same


@pytest.mark.parametrize(
    ("names", "system", "obvious"),
    [
        (ALSA, "alsa", ALSA[1]),
        ([*ALSA, "nanoKEY:nanoKEY MIDI 1 24:0"], "alsa", None),  # which of two?
        (["Midi Through:Midi Through Port-0 14:0"], "alsa", None),
        (["VMPK Output:out 129:0", ALSA[1]], "alsa", ALSA[1]),  # programs are not keyboards
        (["Antiphon:Antiphon out 130:0"], "alsa", None),
        (["someone:RtMidi output"], "jack", None),
        (["system:midi_capture_1", "someone:out"], "jack", "system:midi_capture_1"),
        (["IAC Driver Bus 1", "Roland FP-30"], "core", "Roland FP-30"),
        (["Roland FP-30 0", "loopMIDI Port 1"], "winmm", "Roland FP-30 0"),
        ([], "core", None),
    ],
)
def test_the_obvious_keyboard_is_the_only_device(names: list[str], system: str, obvious: str | None) -> None:
    assert obvious_keyboard(names, system) == obvious
