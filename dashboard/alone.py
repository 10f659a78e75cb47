"""A report of `antiphon evaluate --alone`: read whole and checked, or refused.

Knows the report's shape. Must not know pages or charts, nor how anything was measured.
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import fmean

from dashboard.judged.folders import ALONE, folder_of, reports_in
from dashboard.kept import Kept
from evaluation.alone_report import VERSION, AloneReport
from music.settings import SettingError

_MODEL = "model"  # of the voices, as it answers


@dataclass(frozen=True, slots=True)
class Alone:
    """How one model plays by itself for minutes, as a table, and how much of it is as people play."""

    path: Path
    split: str
    minutes: float
    command: str
    cells: tuple[tuple[str, ...], ...]  # the head first
    inside: float | None  # the share of its windows that lie where most of people's do; None without it
    corpora: tuple[tuple[str, str], ...]  # of the people that it stands beside, with their hashes
    date: str  # on which it was made


def alone_beside(report: Path) -> list[Path]:
    """The reports on playing alone of the model whose report lies there."""
    return reports_in(folder_of(report), ALONE)


def load_alone(path: Path) -> Alone:
    """The report in a file; one that can't be read is an error that says why."""
    return _REPORTS.of(path)


def _read(path: Path, _: Alone | None) -> Alone:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table["version"] > VERSION:
            raise SettingError(f"{path}: made by a newer Antiphon: pip install --upgrade antiphon")
        report = AloneReport(**{field.name: table[field.name] for field in fields(AloneReport)})
        cells = tuple(map(tuple, report.cells()))
        return Alone(
            path,
            str(report.split),
            float(report.minutes),
            str(report.machine["command"]),
            cells,
            _inside(report),
            tuple((str(one["corpus"]), str(one["hash"])) for one in report.music),
            str(report.machine.get("date", "")),
        )
    except OSError as error:
        raise SettingError(f"{path}: can't be read: {error.strerror or error}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise SettingError(
            f"{path}: no whole report on playing alone ({what}); judge the model again with --alone"
        ) from None


def _inside(report: AloneReport) -> float | None:
    rows = report.voices.get(_MODEL, [])
    shares = [float(share) for row in rows for share in row.get("inside", {}).values()]
    return fmean(shares) if shares else None


_REPORTS = Kept(_read, most_bytes=1 << 26)
