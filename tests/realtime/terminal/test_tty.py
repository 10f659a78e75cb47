"""Keys out of what a terminal sends, and the terminal given back as it was.

Over a pseudo-terminal, where there are any.
"""

import os
import sys
from contextlib import suppress

import pytest

from realtime.terminal import tty


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("zsx", ["z", "s", "x"]),
        ("\x1b", ["\x1b"]),
        ("\x1b[A", ["\x1b[A"]),
        ("z\x1b[Dx", ["z", "\x1b[D", "x"]),
        ("\x1b[15~q", ["\x1b[15~", "q"]),
        ("\x1bOA", ["\x1bOA"]),
        ("\x1b\x1b", ["\x1b", "\x1b"]),
        ("\x1b[", ["\x1b["]),
        ("", []),
    ],
)
def test_sequences_are_one_key(text: str, keys: list[str]) -> None:
    assert tty.split_keys(text) == keys


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_keys_come_at_once_and_the_terminal_is_given_back_even_after_a_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import pty
    import termios

    controller, terminal = pty.openpty()
    with os.fdopen(terminal, "r", closefd=True) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        before = termios.tcgetattr(terminal)
        with suppress(ZeroDivisionError), tty.keys_at_once():
            os.write(controller, b"z\x1b[A")
            assert tty.read_keys(30.0) == ["z", "\x1b[A"]
            assert tty.read_keys(0.0) == []
            assert termios.tcgetattr(terminal) != before
            raise ZeroDivisionError
        assert termios.tcgetattr(terminal) == before
    os.close(controller)
