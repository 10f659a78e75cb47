"""Ports by name: parts of names, the obvious keyboard, and never our own output."""

import pytest

from realtime.midi.ports import PortError, is_own, lasting_name, named, obvious_keyboard

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


@pytest.mark.parametrize(
    ("name", "system", "lasting"),
    [
        ("Piano:Piano MIDI 1 20:0", "alsa", "Piano:Piano MIDI 1"),
        ("Piano 2", "alsa", "Piano 2"),  # a number of the device's own
        ("Piano 3", "winmm", "Piano"),
        ("Piano 20:0", "core", "Piano 20:0"),
        ("", "alsa", ""),
    ],
)
def test_of_the_lasting_name_only_the_system_s_number_is_cut(name: str, system: str, lasting: str) -> None:
    assert lasting_name(name, system) == lasting
    assert lasting_name(lasting, "core") == lasting


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("Antiphon:Antiphon out 130:0", True),
        ("Antiphon keys:Antiphon in 129:0", True),
        ("ANTIPHON IN", True),
        ("Antiphon 2", False),  # a device may be called so
        ("Piano in", False),
    ],
)
def test_our_own_ports_are_known_by_both_their_names(name: str, own: bool) -> None:
    assert is_own(name) is own


def test_a_name_that_fits_our_own_port_and_another_s_means_the_other() -> None:
    names = ["Antiphon:Antiphon out 128:0", "Antiphon Nine:Antiphon Nine MIDI 1 20:0"]
    assert named(names, "antiphon") == names[1]


def test_the_refusal_says_which_kind_of_port_was_looked_for() -> None:
    with pytest.raises(PortError, match=r"^no keyboard named 'organ'; there are: Piano$"):
        named(["Piano"], "organ", "keyboard")


@pytest.mark.parametrize(
    ("client", "is_keyboard"), [(0, False), (15, False), (16, True), (127, True), (128, False), (300, False)]
)
def test_of_alsa_s_clients_only_devices_are_keyboards(client: int, is_keyboard: bool) -> None:
    name = f"Piano:Piano MIDI 1 {client}:0"
    assert obvious_keyboard([name], "alsa") == (name if is_keyboard else None)
