"""What was found of a model: one JSON report, and the same as a table that a person reads.

`sections` holds a table of findings for each question, by name; a new question is a new name. Must not know
how anything was measured: measures of answers say themselves what stands in their columns.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from evaluation.answering.agreement import MEASURES, PLAYERS
from music.whole_file import write_whole

VERSION = 1
PARTS = ("gap", "key", "pitch", "velocity", "length")  # of nats per note, as far as a model has them
_NAME_WIDTH = 22  # of a player, in the table of answers
# As `json` indents them: a list of plain values, and a list of such lists. A text can't hold a line's end.
_PLAIN_LIST = re.compile(r"\[\n\s+([^\[\]{}]*?)\n\s+\]")
_ROWS = re.compile(r"\[\n\s+((?:\[[^\[\]{}\n]*\](?:,\n\s+)?)+)\n\s+\]")


@dataclass(frozen=True, slots=True)
class Report:
    """The circumstances, the model, the music, and what was found."""

    machine: dict[str, Any]
    model: dict[str, Any]
    music: dict[str, Any]
    sections: dict[str, Any]
    version: int = VERSION

    def json(self) -> str:
        """All of it, as `laid_out`."""
        return laid_out(asdict(self))

    def save(self, path: Path) -> None:
        """Put it into a file, whole or not at all."""
        save_text(self.json(), path)

    def table(self) -> list[str]:
        """Lines that a person reads: who was judged on what, nats per note by field, measures of answers."""
        return [*self._head(), "", *self._likelihoods(), *self._left_out(), "", *self._answers()]

    def _head(self) -> list[str]:
        model, music = self.model, self.music
        return [
            f"model   {model['name']}  hash {model['hash']}  tier {model['tier']}",
            f"music   {music['corpus']}, {music['split']}: {music['pieces']} pieces, "
            f"{music['notes']:,} notes, "
            f"{music['performance_events']:,} performance events  hash {music['hash']}  tier {music['tier']}",
        ]

    def _likelihoods(self) -> list[str]:
        rows = {
            "state carried": self.sections["likelihood"]["carried"],
            "reset": self.sections["likelihood"]["reset"],
        } | {name: row for name, row in self.sections["baselines"].items() if "nats_a_note" in row}
        columns = [name for name in PARTS if any(f"{name}_nats_a_note" in row for row in rows.values())]
        head = f"{'nats a note':14}{'all':>8}{'±':>7}" + "".join(f"{name:>10}" for name in columns)
        return [head, *(_row(name, row, columns) for name, row in rows.items())]

    def _left_out(self) -> list[str]:
        left_out = self.sections["baselines"].get("left_out", {})
        return [f"left out: {name}: {why}" for name, why in left_out.items()]

    def _answers(self) -> list[str]:
        answers = self.sections["answers"]
        if "left_out" in answers:
            return [f"left out: answers: {answers['left_out']}"]
        head = [f"{answers['calls']} answers", *(measure.title for measure in MEASURES)]
        return aligned([head, *(_agreement_cells(name, answers[who]) for who, name in PLAYERS.items())])


def laid_out(record: dict[str, Any]) -> str:
    """A record as JSON that a person can read: a list of plain values, or of such lists, takes one line."""
    return _ROWS.sub(_on_one_line, _PLAIN_LIST.sub(_on_one_line, json.dumps(record, indent=2)))


def save_text(text: str, path: Path) -> None:
    """Put a text into a file, whole or not at all; folders above it are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text + "\n")


def _on_one_line(found: re.Match[str]) -> str:
    return "[" + re.sub(r",\n\s+", ", ", found[1]) + "]"


def _agreement_cells(name: str, row: dict[str, Any]) -> list[str]:
    if not row["answers"]:
        return [name, "none"]
    silent = [f"{row['silent']} silent"] if row["silent"] else []
    return [name, *(measure.cell(row) for measure in MEASURES), *silent]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of a table as lines, the first column to the left and the others to the right."""
    widths = [max(map(len, filter(None, column))) for column in zip_longest(*rows)]
    return [
        f"{row[0]:{_NAME_WIDTH}}"
        + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=False))
        for row in rows
    ]


def _row(name: str, row: dict[str, Any], columns: list[str]) -> str:
    parts = [row.get(f"{column}_nats_a_note") for column in columns]
    fields = "".join(f"{'' if part is None else format(part, '.3f'):>10}" for part in parts)
    return f"{name:14}{row['nats_a_note']:>8.3f}{row['standard_error']:>7.3f}{fields}"
