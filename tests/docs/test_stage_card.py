"""What the stage card quotes is what the instrument says, and what it says to press helps."""

import re
from pathlib import Path

import pytest

from realtime.engine.controls import Controls
from realtime.midi import wire
from realtime.performer.events import Panic
from realtime.terminal.keys import FUNCTION_KEYS, PRESSED
from tests.support.command import ROOT

CARD = (ROOT / "docs" / "stage-card.md").read_text(encoding="utf-8")
SAID = (
    "waiting for",
    "the answer is",
    "no answer came",
    "hangs: from here on",
    "the MIDI clock has ceased",
    "what goes out comes back",
    "doesn't answer any more",
    "the take can't be saved",
)


def sources() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in Path(ROOT / "realtime").rglob("*.py"))


@pytest.mark.parametrize("line", SAID)
def test_what_the_card_quotes_is_said(line: str) -> None:
    quoted = CARD.replace("hangs: from here on …", "hangs: from here on").replace("The take", "the take")
    assert line in quoted
    assert re.sub(r"\s+", " ", line) in sources()


def test_of_a_keyboard_s_own_messages_the_card_names_the_one_that_silences() -> None:
    assert "or your keyboard's *all sound off*" in CARD
    turned = wire.read(b"\xb0\x78\x00", 1.0, 0)
    assert isinstance(turned, wire.ControllerTurned)
    assert Controls().wishes_of(turned) == (Panic(1.0),)


@pytest.mark.parametrize(
    ("key", "command"),
    [("k", "mute"), ("f", "freeze"), ("1", "next-mode"), ("8", "forget"), ("-", "calmer"), ("=", "bolder")],
)
def test_the_keys_that_the_card_names_do_what_it_says(key: str, command: str) -> None:
    assert f"**{key}**" in CARD
    assert PRESSED[key] == command


def test_so_do_its_function_keys() -> None:
    named = re.findall(r"\*\*F(\d)\*\* (\w+)", CARD)
    assert named == [("1", "sparser"), ("2", "denser"), ("3", "lower"), ("4", "higher")]
    assert list(dict.fromkeys(FUNCTION_KEYS.values()))[:4] == [command for _, command in named]
