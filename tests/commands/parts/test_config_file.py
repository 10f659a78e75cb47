"""What a configuration file says holds as if it were said on the command line, which goes first."""

import argparse
from pathlib import Path

import pytest

from commands.parts.config_file import with_config
from commands.play import add_arguments
from music.settings import SettingError


def read(tmp_path: Path, text: str, *said: str) -> argparse.Namespace:
    path = tmp_path / "stage.toml"
    path.write_text(text, encoding="utf-8")
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return with_config(parser, ["--config", str(path), *said], path)


FILE = """
temperature = 0.8
seed = 7
in = ["keystation", "pedal board"]
out = "fluid"
length = "4s-12s"
no-thru = true
no-take = false
page-port = 9000
cc = { hand-over = 66, temperature = "none" }
"""


def test_a_file_sets_what_options_set(tmp_path: Path) -> None:
    args = read(tmp_path, FILE)
    assert (args.temperature, args.seed, args.page_port) == (0.8, 7, 9000)
    assert (args.inputs, args.outputs) == (["keystation", "pedal board"], ["fluid"])
    assert args.length == (1.0, 4.0, 12.0)
    assert (args.no_thru, args.no_take) == (True, False)
    assert args.cc == [("hand-over", 66), ("temperature", None)]
    assert args.loudness == 1.0


def test_the_command_line_goes_first_and_takes_the_place_of_lists(tmp_path: Path) -> None:
    args = read(tmp_path, FILE, "--temperature", "1.0", "--in", "other", "--cc", "panic=67")
    assert (args.temperature, args.inputs) == (1.0, ["other"])
    assert args.cc == [("panic", 67)]
    assert args.outputs == ["fluid"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("temprature = 0.8", "did you mean 'temperature'"),
        ("temperature = 3", "a number from 0 to 2"),
        ("no-thru = 1", "no-thru is true or false"),
        ("seed = true", "seed is a number or a word"),
        ("config = 'other.toml'", "no setting is called 'config'"),
        ("temperature = ", "not TOML"),
        (f"in = {'[' * 5000}{']' * 5000}", "its brackets are too deep"),
    ],
)
def test_what_can_t_be_is_refused_with_the_file_s_name(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(SettingError, match=complaint) as refused:
        read(tmp_path, text)
    assert "stage.toml" in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    with pytest.raises(SettingError, match=r"none\.toml: can't be read: No such file or directory$"):
        with_config(parser, [], tmp_path / "none.toml")
