"""A report of `antiphon evaluate --belonging` as tables for a page: read whole and checked, or refused.

Knows the report's shape. Must not know pages or charts, nor how anything was measured.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.judged.folders import BELONGING, folder_of, reports_in
from dashboard.kept import Kept
from evaluation.belonging.tables import OWN, Rows, tables_of
from music.settings import SettingError

VERSION = 1


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of music: how many calls of it were answered, and what was found, as tables."""

    name: str
    about: str
    tables: tuple[Rows, ...]


@dataclass(frozen=True, slots=True)
class Belonging:
    """Whether the answers of one model belong to calls of one split."""

    path: Path
    split: str
    command: str
    sorts: tuple[Sort, ...]


def belonging_beside(report: Path) -> list[Path]:
    """The reports on belonging of the model whose report lies there."""
    return reports_in(folder_of(report), BELONGING)


def load_belonging(path: Path) -> Belonging:
    """The report in a file; one that can't be read is an error that says why."""
    return _REPORTS.of(path)


def _read(path: Path, _: Belonging | None) -> Belonging:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table["version"] > VERSION:
            raise SettingError(f"{path}: made by a newer Antiphon: pip install --upgrade antiphon")
        sorts = tuple(_sort(str(name), sort) for name, sort in table["sorts"].items())
        return Belonging(path, str(table["split"]), str(table["machine"]["command"]), sorts)
    except OSError as error:
        raise SettingError(f"{path}: can't be read: {error.strerror or error}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise SettingError(
            f"{path}: no whole report on belonging ({what}); judge the model again with --belonging"
        ) from None


def _sort(name: str, sort: Mapping[str, Any]) -> Sort:
    pieces = "" if name == OWN else f" of {int(sort['pieces'])} pieces"
    return Sort(name, f"{int(sort['calls'])} calls{pieces}", tuple(tables_of(sort["voices"])))


_REPORTS = Kept(_read, most_bytes=1 << 24)
