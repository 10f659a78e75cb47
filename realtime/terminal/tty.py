"""The terminal, made to give keys at once, and given back as it was.

The only file that knows termios and msvcrt. Signals still come as signals.
"""

import contextlib
import os
import select
import sys
from collections.abc import Iterator


def is_interactive() -> bool:
    """Whether somebody can type, and see what we draw."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


if sys.platform == "win32":
    import msvcrt
    import time

    _WINDOWS_KEYS = {"K": "\x1b[D", "P": "\x1b[B", "M": "\x1b[C", "H": "\x1b[A"} | dict(
        zip(";<=>?@AB", (f"\x1b[{number}~" for number in (11, 12, 13, 14, 15, 17, 18, 19)), strict=True)
    )  # the arrows, and F1 to F8
    _WINDOWS_KEYS["\x86"] = "\x1b[24~"  # F12

    @contextlib.contextmanager
    def keys_at_once() -> Iterator[None]:
        """Windows gives keys at once already; its console is made to understand colours."""
        os.system("")
        yield

    def read_keys(timeout_s: float) -> list[str]:
        """The keys pressed, waiting at most so long for the first."""
        deadline = time.perf_counter() + timeout_s
        while not msvcrt.kbhit():
            if time.perf_counter() >= deadline:
                return []
            time.sleep(0.005)
        keys = []
        while msvcrt.kbhit():
            key = msvcrt.getwch()
            keys.append(_WINDOWS_KEYS.get(msvcrt.getwch(), "") if key in ("\x00", "\xe0") else key)
        return keys

else:
    import termios
    import tty

    @contextlib.contextmanager
    def keys_at_once() -> Iterator[None]:
        """Keys come unechoed and at once.

        Ctrl-C still interrupts, Ctrl-Z doesn't stop us with notes sounding.
        """
        number = sys.stdin.fileno()
        saved = termios.tcgetattr(number)
        try:
            tty.setcbreak(number)
            changed = termios.tcgetattr(number)
            changed[6][termios.VSUSP] = os.fpathconf(number, "PC_VDISABLE").to_bytes(1, "little")
            termios.tcsetattr(number, termios.TCSANOW, changed)
            yield
        finally:
            # Drained, so that keys played last don't end up as a command in the shell.
            with contextlib.suppress(termios.error):  # its window may be closed
                termios.tcsetattr(number, termios.TCSAFLUSH, saved)

    def read_keys(timeout_s: float) -> list[str]:
        """The keys pressed, waiting at most so long for the first; the end of the input is Ctrl-D."""
        ready, _, _ = select.select([sys.stdin], [], [], max(timeout_s, 0.0))
        if not ready:
            return []
        try:
            data = os.read(sys.stdin.fileno(), 1024)
        except OSError:  # its window was closed
            data = b""
        return split_keys(data.decode("utf-8", "ignore")) if data else ["\x04"]


def split_keys(text: str) -> list[str]:
    """Characters one by one, but arrows and other keys that send a sequence as a whole."""
    keys: list[str] = []
    place = 0
    while place < len(text):
        length = _sequence_length(text, place)
        keys.append(text[place : place + length])
        place += length
    return keys


def _sequence_length(text: str, place: int) -> int:
    if text[place] != "\x1b" or text[place + 1 : place + 2] not in ("[", "O"):
        return 1
    end = place + 2
    while end < len(text) and not "@" <= text[end] <= "~":
        end += 1
    return min(end + 1, len(text)) - place
