"""The kinds of rows that the engine writes (`docs/protocol.md`), and the words that both sides know."""

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]  # an object with a `kind`, and `at` in seconds on the engine's clock

FOR_THE_TAKE = frozenset({"begin", "note", "pedal", "turn", "end"})  # never dropped
FOR_DISPLAY = frozenset({"quiet", "controls", "ports", "line"})  # the newest of each will do
PLAYER, MODEL = "player", "model"
