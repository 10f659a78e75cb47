"""A QR code in the terminal: what a camera sees is what the code is, with its light margin."""

import re

from realtime.terminal.code import MARGIN, code_lines
from realtime.web.browsers.code import code_of

SEEN = {" ": "00", "▀": "10", "▄": "01", "█": "11"}


def seen(lines: list[str]) -> list[str]:
    """Rows of modules, as they are printed."""
    rows = []
    for line in lines:
        blocks = re.sub("\x1b\\[[0-9;]*m", "", line)
        rows += ["".join(SEEN[block][half] for block in blocks) for half in (0, 1)]
    return rows


def test_the_code_is_seen_as_it_is_within_a_light_margin() -> None:
    code = code_of("http://192.0.2.7:8765/bcdf-ghjk-mnpq/")
    rows = seen(code_lines(code))
    inside = [row[MARGIN:-MARGIN] for row in rows[MARGIN : MARGIN + len(code)]]
    assert inside == code
    around = [*rows[:MARGIN], *rows[MARGIN + len(code) :], *(row[:MARGIN] + row[-MARGIN:] for row in rows)]
    assert set("".join(around)) == {"0"}
    assert len(code_lines(code)) <= 20  # fits a terminal of 24 lines


def test_its_colours_are_said_and_taken_back_in_each_line() -> None:
    for line in code_lines(code_of("x")):
        assert line.startswith("\x1b[38;5;16;48;5;231m")
        assert line.endswith("\x1b[0m")
