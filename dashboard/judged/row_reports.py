"""A report of `antiphon evaluate` on a model of rows: read whole and checked, or refused.

Its nats are of rows of the model's own, so they compare with no other measure. Must not know pages or charts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from dashboard.kept import Kept
from evaluation.row_report import VERSION
from evaluation.scoring.unknown import share_in_words
from music.settings import SettingError


@dataclass(frozen=True, slots=True)
class JudgedRows:
    """What was found of one model of rows on one split."""

    path: Path
    model: Mapping[str, Any]
    music: Mapping[str, Any]
    machine: Mapping[str, Any]
    measure: str  # what the figure is of, such as nats a step of a roll
    value: float
    error: float
    by_part: tuple[tuple[str, float], ...]
    rows: int
    pieces: int
    unknown: str = ""  # the share of symbols that it had not learnt, in words


def load_rows(path: Path) -> JudgedRows:
    """The report in a file; one that can't be read is an error that says why."""
    return _REPORTS.of(path)


def _read(path: Path, _: JudgedRows | None) -> JudgedRows:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table["version"] > VERSION:
            raise SettingError(f"{path}: made by a newer Antiphon: pip install --upgrade antiphon")
        model, music, found = table["model"], table["music"], table["likelihood"]
        for part, names in ((model, ("name", "hash", "tier", "encoding")), (music, ("corpus", "split"))):
            for name in names:
                if not isinstance(part[name], str):
                    raise TypeError(f"{name} is {part[name]!r}")
        measure = f"{'nats' if table['in_nats'] else 'loss'} a {table['unit']}, {model['encoding']}"
        value, error = float(found["nats_a_row"]), float(found["standard_error"])
        parts = tuple((str(name), float(part)) for name, part in found["by_part"].items())
        share = float(found.get("unknown", 0.0))
        if not all(map(isfinite, (value, error, share, *dict(parts).values()))):
            raise ValueError("a figure is no number")
        return JudgedRows(
            path,
            model,
            music,
            dict(table["machine"]),
            measure,
            value,
            error,
            parts,
            int(found["rows"]),
            int(found["pieces"]),
            share_in_words(share, table["unit"]) if "unknown" in found else "",
        )
    except OSError as error:
        raise SettingError(f"{path}: can't be read: {error.strerror or error}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise SettingError(f"{path}: no whole report on rows ({what}); judge the model again") from None


_REPORTS = Kept(_read, most_bytes=1 << 26)
