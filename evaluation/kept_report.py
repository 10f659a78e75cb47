"""What all reports of findings have in common: they become JSON that a person can read, in a file, whole.

Must not know what was found.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from music.whole_file import write_whole

_NAME_WIDTH = 22  # of a player, in the table of answers
# As `json` indents them: a list of plain values, and a list of such lists. A text can't hold a line's end.
_PLAIN_LIST = re.compile(r"\[\n\s+([^\[\]{}]*?)\n\s+\]")
_ROWS = re.compile(r"\[\n\s+((?:\[[^\[\]{}\n]*\](?:,\n\s+)?)+)\n\s+\]")


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report; what was found are the fields of its kinds, plain values all."""

    def json(self) -> str:
        """All of it, as `laid_out`."""
        return laid_out(asdict(self))

    def save(self, path: Path) -> None:
        """Put it into a file, whole or not at all."""
        save_text(self.json(), path)


def laid_out(record: dict[str, Any]) -> str:
    """A record as JSON that a person can read: a list of plain values, or of such lists, takes one line."""
    return _ROWS.sub(_on_one_line, _PLAIN_LIST.sub(_on_one_line, json.dumps(record, indent=2)))


def save_text(text: str, path: Path) -> None:
    """Put a text into a file, whole or not at all; folders above it are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text + "\n")


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of a table as lines, the first column to the left and the others to the right."""
    widths = [max(map(len, filter(None, column))) for column in zip_longest(*rows)]
    return [
        f"{row[0]:{_NAME_WIDTH}}"
        + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=False))
        for row in rows
    ]


def _on_one_line(found: re.Match[str]) -> str:
    return "[" + re.sub(r",\n\s+", ", ", found[1]) + "]"
