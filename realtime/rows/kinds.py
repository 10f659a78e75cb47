"""The kinds of rows that the engine writes (`docs/protocol.md`), and the words that both sides know."""

import re
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]  # an object with a `kind`, and `at` in seconds on the engine's clock

FOR_THE_TAKE = frozenset(
    {
        *("begin", "model", "moved", "note", "pedal", "message", "messages", "turn", "starred", "taken_up"),
        *("word", "end"),
    }
)  # never dropped
FOR_THE_PAGE_PROCESS_ALONE = frozenset({"word"})  # of those: who has lost the old one gets no new one
IN_THE_FILE_ALONE = frozenset(
    {"message", "messages"}
)  # of those, no browser needs these, but for the left pedal
FOR_DISPLAY = frozenset(
    {"quiet", "controls", "ports", "presets", "line", "idea", "expected", "coming"}
)  # the newest of each will do, but of lines
LEFT_PEDAL = re.compile(r"b[0-9a-f]43[0-7][0-9a-f]")  # controller 67, as a message's bytes
PAGE_SOURCE = 1000  # the keyboard that all pages together are
PLAYER, MODEL = "player", "model"


def is_for_browsers(kind: str, fields: Mapping[str, Any]) -> bool:
    """Whether a browser needs a row."""
    if kind in FOR_THE_PAGE_PROCESS_ALONE:
        return False
    return kind not in IN_THE_FILE_ALONE or LEFT_PEDAL.fullmatch(str(fields.get("bytes"))) is not None
