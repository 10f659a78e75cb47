"""The models that are sent: found by the names that one says, each with all that is known of it.

Must not know how they are shown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dashboard.comparing.beside import Belongs, PlaysAlone, alone_of, belongs_of
from dashboard.comparing.models import ModelRow, labels_of, row_of
from dashboard.places import Places
from dashboard.reports import JudgedReport, load_report
from music.settings import SettingError

MOST = 8  # reports in one file: more, nobody compares


@dataclass(frozen=True, slots=True)
class Chosen:
    """One report, and what lies beside it."""

    label: str
    row: ModelRow
    report: JudgedReport
    belongs: Belongs | None
    alone: PlaysAlone | None


def reports_named(places: Places, name: str) -> dict[str, Path]:
    """All reports of a run, of an exported file or of a model that Antiphon carries; or the one report that
    is named, by its path or as the dashboard's address says it. By names that say nothing of the machine."""
    path = Path(name)
    if path.suffix == ".json":
        found = [one for one in (path, places.runs / name, places.models / name) if one.is_file()][:1]
    elif path.suffix == ".onnx":
        found = _beside(path) or _beside(places.models / name)
    else:
        run = places.runs / name
        found = sorted([*run.glob("evaluation/*.json"), *run.glob("*.evaluation/*.json")])
        found = found or _beside(places.models / f"{name}.onnx")
    if not found:
        raise SettingError(
            f"{name}: no report of it is here. Say a run in {places.runs}, an exported file or a report; "
            f"judge it first with `antiphon evaluate {name}`"
        )
    return {f"{path.stem}, {one.stem}" if len(found) > 1 else path.stem: one for one in found}


def _beside(file: Path) -> list[Path]:
    return sorted(file.with_suffix(".evaluation").glob("*.json"))


def chosen_of(reports: Mapping[str, Path]) -> list[Chosen]:
    """What these reports say, by their names; an error says which can't be read."""
    if len(reports) > MOST:
        raise SettingError(
            f"{len(reports)} reports, and one file has at most {MOST}: name fewer, or reports and not runs"
        )
    rows = {name: row_of(path) for name, path in reports.items()}
    labels = labels_of(rows)
    return [_chosen(labels[name], row) for name, row in rows.items()]


def _chosen(label: str, row: ModelRow) -> Chosen:
    (belongs, troubles), (alone, more) = belongs_of(row.path), alone_of(row.path)
    if troubles or more:  # what is sent lacks nothing without a word
        raise SettingError((troubles or more)[0])
    return Chosen(label, row, load_report(row.path), belongs, alone)


def named_apart(found: Iterable[tuple[str, Path]]) -> dict[str, Path]:
    """Each report once, by a name that no other has."""
    once: dict[Path, tuple[str, Path]] = {}
    for name, path in found:
        once.setdefault(path.resolve(), (name, path))
    apart: dict[str, Path] = {}
    for name, path in once.values():
        names = (name, *(f"{name} ({number})" for number in range(2, MOST + 2)))
        apart[next((one for one in names if one not in apart), str(path))] = path
    return apart
