"""What was found of a model of any family on held-out music: one JSON report, and the same as a table.

Must not know how anything was measured.
"""

from dataclasses import dataclass
from typing import Any

from evaluation.kept_report import KeptReport, aligned
from evaluation.scoring.unknown import share_in_words

VERSION = 1


@dataclass(frozen=True, slots=True)
class RowReport(KeptReport):
    """The circumstances, the model, the music, and its likelihood in rows of the model's own."""

    machine: dict[str, Any]
    model: dict[str, Any]
    music: dict[str, Any]
    unit: str  # what a row is
    in_nats: bool  # else losses, which are no likelihood
    likelihood: dict[str, Any]
    version: int = VERSION

    def table(self) -> list[str]:
        """Lines that a person reads."""
        found, music = self.likelihood, self.music
        measure = f"{'nats' if self.in_nats else 'loss'} a {self.unit}"
        return [
            f"model   {self.model['name']}  hash {self.model['hash']}  tier {self.model['tier']}",
            f"music   {music['corpus']}, {music['split']}: {found['pieces']} pieces, {found['rows']:,} rows "
            f"of {self.model['encoding']}  hash {music['hash']}  tier {music['tier']}",
            "",
            *aligned(
                [
                    [measure, "all", "±", *found["by_part"]],
                    [
                        "state carried",
                        f"{found['nats_a_row']:.3f}",
                        f"{found['standard_error']:.3f}",
                        *(f"{part:.3f}" for part in found["by_part"].values()),
                    ],
                ]
            ),
            *([share_in_words(found["unknown"], self.unit)] if "unknown" in found else []),
        ]
