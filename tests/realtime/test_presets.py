"""Presets are read from a file, and what can't be is refused with its place in it."""

from pathlib import Path

import pytest

from music.settings import SettingError
from realtime.presets import Preset, PresetFile, presets_in


def written(folder: Path, text: str) -> Path:
    path = folder / "presets.toml"
    path.write_text(text)
    return path


def test_each_section_is_a_preset(tmp_path: Path) -> None:
    text = '[verse]\nprogram = 1\ntemperature = 0.7\nmode = "call"\n[solo]\nchannel = "same"\n'
    assert presets_in(written(tmp_path, text)) == (
        Preset("verse", (("temperature", 0.7), ("mode", "call")), 0),
        Preset("solo", (("channel", "same"),), None),
    )


def test_wiring_stands_in_a_table_a_list_or_a_text(tmp_path: Path) -> None:
    text = (
        '[a]\nsplit = "C4-up"\nroute = { "piano:1" = 3, "*:2" = "none" }\ndelay = { fluid = 40 }\n'
        '[b]\nroute = ["piano:1=3", "*:2=none"]\n[c]\nroute = "piano:1=3, *:2=none"\n[d]\nroute = []\n'
    )
    a, b, c, d = presets_in(written(tmp_path, text))
    assert a.controls == (("split", "C4-up"), ("route", "piano:1=3, *:2=none"), ("delay", "fluid=40"))
    assert b.controls == c.controls == (("route", "piano:1=3, *:2=none"),)
    assert d.controls == (("route", ""),)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[a]\nsplit = 'C4'", "'C4' is no split"),
        ("[a]\npause = 'long'", "'long' is no pause"),
        ("[a]\nroute = 3", r"\[a\]: route is a part of an input's name"),
        ("[a]\nroute = { piano = 3 }", "not 'piano=3'"),
        ("[a]\ndelay = { fluid = 2000 }", r"\[a\]: delay is a part of an output's name"),
        ("temperature = 1", "in no section"),
        ("[a]\nwarmth = 1", r"\[a\]: no control is called 'warmth'"),
        ("[a]\ntemperature = 3", "3 is no temperature from 0 to 2"),
        ("[a]\ntemperature = true", "True is no temperature"),
        ("[a]\ntemperature = 'hot'", "'hot' is no temperature"),
        ("[a]\ntemperature = nan", "nan is no temperature"),
        ("[a]\nmode = 'loud'", "'loud' is no mode"),
        ("[a]\nmode = ['call']", "is no mode"),
        ("[a]\nprogram = 0", "from 1 to 128"),
        ("[a]\nprogram = true", "from 1 to 128"),
        ("[a]\nprogram = 2\n[b]\nprogram = 2", "two presets have the program 2"),
        ("[freeze]\nmode = 'call'", r"\[freeze\] is the name of a command or a mode"),
        ("[endless]", "choose another"),
        ("[a", "not TOML"),
    ],
)
def test_what_can_not_be_is_refused(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=complaint):
        presets_in(written(tmp_path, text))


def test_brackets_that_are_too_deep_are_refused_in_plain_words(tmp_path: Path) -> None:
    deep = written(tmp_path, f"[verse]\nroute = {'[' * 5000}{']' * 5000}\n")
    with pytest.raises(SettingError, match="its brackets are too deep; a preset is a section of"):
        presets_in(deep)
    with pytest.raises(SettingError, match="its brackets are too deep"):
        PresetFile(deep).keep("solo", (("length", 2.0),))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="can't be read"):
        presets_in(tmp_path / "nowhere.toml")


# A file that presets are written into.

BY_HAND = """\
# my presets
[verse]          # slow
program = 1
temperature = 0.7

# the loud one
[solo]
loudness = 2 # !
route = [
  "*:10=none",
]
"""


def test_a_preset_is_written_beside_what_stands_there_with_a_program_that_is_free(tmp_path: Path) -> None:
    path = written(tmp_path, BY_HAND)
    program, names, words = PresetFile(path, taken=(1,)).keep(
        "outro 2", (("temperature", 0.25), ("mode", "thru"))
    )
    assert (program, names) == (2, ("verse", "solo", "outro 2"))
    assert words == f"preset outro 2 kept: program 3, in {path}"
    assert path.read_text().startswith(BY_HAND)
    assert presets_in(path)[-1] == Preset("outro 2", (("temperature", 0.25), ("mode", "thru")), 2)


@pytest.mark.parametrize("name", ["verse", "solo"])
def test_a_preset_takes_the_place_of_the_one_with_its_name_and_keeps_its_program(
    name: str, tmp_path: Path
) -> None:
    path = written(tmp_path, BY_HAND)
    before = {preset.name: preset for preset in presets_in(path)}
    PresetFile(path).keep(name, (("length", 2.0),))
    after = {preset.name: preset for preset in presets_in(path)}
    assert list(after) == list(before)
    program = 0 if name == "verse" else 1
    assert after.pop(name) == Preset(name, (("length", 2.0),), program)
    assert after == {other: preset for other, preset in before.items() if other != name}
    assert path.read_text().startswith("# my presets\n")


def test_a_file_that_is_not_there_yet_is_made_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "Music" / "presets.toml"
    PresetFile(path).keep('"Ä" \\ 1', (("mute", 1),))
    assert presets_in(path) == (Preset('"Ä" \\ 1', (("mute", 1),), 0),)


@pytest.mark.parametrize(
    ("text", "name", "complaint"),
    [
        ("[a", "b", "not TOML"),
        ("", "freeze", "is the name of a command or a mode"),
        ("a.program = 1", "a", "in a way that only a hand can change"),
        (
            "".join(f"[p{place}]\nprogram = {place + 1}\n" for place in range(128)),
            "b",
            "all 128 programs are taken",
        ),
    ],
)
def test_what_can_not_be_kept_leaves_the_file_as_it_was(
    text: str, name: str, complaint: str, tmp_path: Path
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingError, match=complaint):
        PresetFile(path).keep(name, (("length", 2.0),))
    assert path.read_text() == text
