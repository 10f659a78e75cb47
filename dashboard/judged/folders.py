"""Where the reports on one model lie, beside a run or an exported file. Knows names alone, and no report.

Reports on the likelihood of events lie in the folder itself, others in folders of their own within it.
"""

from pathlib import Path

ROWS, BELONGING, ALONE = "rows", "belonging", "alone"
_WITHIN = (ROWS, BELONGING, ALONE)


def is_of_events(report: Path) -> bool:
    """Whether it is on the likelihood of events, by where it lies."""
    return report.parent.name not in _WITHIN


def folder_of(report: Path) -> Path:
    """The folder of a model's reports, one of which this is."""
    return report.parent.parent if report.parent.name in _WITHIN else report.parent


def reports_in(folder: Path, kind: str = "") -> list[Path]:
    """Those of one kind, or on the likelihood of events."""
    return sorted((folder / kind).glob("*.json"))


def reports_for_a_row(folder: Path) -> list[Path]:
    """Those that have a row each in a table of models: on likelihood, or where nobody asked for that, one on
    the model's answers."""
    likelihood = [*reports_in(folder), *reports_in(folder, ROWS)]
    return likelihood or [*reports_in(folder, BELONGING), *reports_in(folder, ALONE)][:1]
