"""What was found of a model: one JSON report, and the same as a table that a person reads.

`sections` holds a table of findings for each question, by name; a new question is a new name. Must not know
how anything was measured: measures of answers say themselves what stands in their columns.
"""

from dataclasses import dataclass
from typing import Any

from evaluation.answering.agreement import MEASURES, PLAYERS
from evaluation.kept_report import KeptReport, aligned

VERSION = 1
# How a model's memory stands while it is judged, in words, and the section of a report. Older reports lack
# the one that remembers the player's loudness (`music.listening.loudness_memory`).
LIKELIHOODS = {"state carried": "carried", "reset": "reset", "remembering": "remembering"}
PARTS = ("gap", "key", "pitch", "velocity", "length")  # of nats per note, as far as a model has them


@dataclass(frozen=True, slots=True)
class Report(KeptReport):
    """The circumstances, the model, the music, and what was found."""

    machine: dict[str, Any]
    model: dict[str, Any]
    music: dict[str, Any]
    sections: dict[str, Any]
    version: int = VERSION

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
        likelihood = self.sections["likelihood"]
        rows = {
            name: likelihood[section] for name, section in LIKELIHOODS.items() if section in likelihood
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


def _agreement_cells(name: str, row: dict[str, Any]) -> list[str]:
    if not row["answers"]:
        return [name, "none"]
    silent = [f"{row['silent']} silent"] if row["silent"] else []
    return [name, *(measure.cell(row) for measure in MEASURES), *silent]


def _row(name: str, row: dict[str, Any], columns: list[str]) -> str:
    parts = [row.get(f"{column}_nats_a_note") for column in columns]
    fields = "".join(f"{'' if part is None else format(part, '.3f'):>10}" for part in parts)
    return f"{name:14}{row['nats_a_note']:>8.3f}{row['standard_error']:>7.3f}{fields}"
