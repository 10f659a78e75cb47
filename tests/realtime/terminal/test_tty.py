"""Keys out of what a terminal sends, and the terminal given back as it was.

Over a pseudo-terminal, where there are any.
"""

import os
import sys
from contextlib import suppress
from types import SimpleNamespace

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


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes that can be waited for")
@pytest.mark.parametrize(
    ("data", "keys"),
    [
        ("zä\x1b[D".encode(), ["z", "ä", "\x1b[D"]),
        (b"z\xff", ["z"]),  # no character at all
        (b"", ["\x04"]),  # the end of the input
    ],
)
def test_what_is_typed_is_read_as_characters_and_the_end_as_ctrl_d(
    monkeypatch: pytest.MonkeyPatch, data: bytes, keys: list[str]
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        os.write(writing, data)
        os.close(writing)
        assert tty.read_keys(-1.0) == keys  # a moment already past is no time to wait


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes that can be waited for")
def test_a_window_that_was_closed_is_the_end_of_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    reading, writing = os.pipe()
    os.close(writing)
    with os.fdopen(reading) as stdin, monkeypatch.context() as patched:
        patched.setattr(sys, "stdin", stdin)
        patched.setattr(os, "read", closed)
        assert tty.read_keys(0.0) == ["\x04"]


@pytest.mark.parametrize(
    ("types", "sees", "interactive"),
    [(True, True, True), (True, False, False), (False, True, False), (None, True, False)],
)
def test_somebody_must_both_type_and_see(
    monkeypatch: pytest.MonkeyPatch, types: bool | None, sees: bool, interactive: bool
) -> None:
    def stream(is_terminal: bool) -> SimpleNamespace:
        return SimpleNamespace(isatty=lambda: is_terminal)

    monkeypatch.setattr(sys, "stdin", None if types is None else stream(types))  # none: started without one
    monkeypatch.setattr(sys, "stdout", stream(sees))
    assert tty.is_interactive() is interactive
