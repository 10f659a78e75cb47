"""A row a report: what each model comes to, beside its own baseline, and the calls that several answered.

Likelihoods of different music say nothing about each other, so each stands beside what counting reaches on
the same notes. Must not know pages or charts.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, sqrt
from pathlib import Path
from statistics import fmean
from typing import Any

from dashboard.alone import alone_beside, load_alone
from dashboard.belonging import VERSION, belonging_beside
from dashboard.kept import Kept
from dashboard.reports import Answered, JudgedReport, ReportHead, load_head
from music.settings import SettingError

BASELINE = "bigram"
_Z = 1.96  # standard deviations that hold 95 %
_ALL = "all"  # sorts of music together, as a report on belonging calls them


@dataclass(frozen=True, slots=True)
class Belongs:
    """How often its answers are nearer to the truth than a stranger's (0.5 is chance), and gross faults."""

    share: float
    low: float
    high: float
    faults: float
    calls: int

    @property
    def faults_within(self) -> tuple[float, float]:
        """Where the share of gross faults lies with 95 % (Wilson), from so many calls."""
        return wilson(self.faults, self.calls)


def wilson(share: float, count: int) -> tuple[float, float]:
    """Where the true share lies with 95 %, if so large a share was found among so many."""
    if not count:
        return 0.0, 1.0
    of = 1 + _Z**2 / count
    middle = (share + _Z**2 / (2 * count)) / of
    reach = _Z / of * sqrt(share * (1 - share) / count + (_Z / (2 * count)) ** 2)
    return max(middle - reach, 0.0), min(middle + reach, 1.0)


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One report in figures; what it doesn't say is None."""

    path: Path
    model: str
    music: str
    nats: float | None
    error: float | None
    baseline: float | None
    overlap: float | None
    seconds_an_answer: float | None
    megabytes: float | None
    encoding: str
    tier: str
    date: str

    @property
    def ahead(self) -> float | None:
        """By how many nats a note it is better than its own baseline."""
        return None if self.nats is None or self.baseline is None else self.baseline - self.nats

    def record(self, belongs: Belongs | None, alone: float | None = None) -> dict[str, Any]:
        """As a row of the table; `alone` is the share of its time by itself that is as people play."""
        return {
            "model": self.model,
            "music": self.music,
            "nats a note": self.nats,
            "±": self.error,
            "note bigram": self.baseline,
            "better by": self.ahead,
            "belongs": belongs.share if belongs else None,
            "gross faults %": 100 * belongs.faults if belongs else None,
            "notes in common %": None if self.overlap is None else 100 * self.overlap,
            "alone like people %": None if alone is None else 100 * alone,
            "s an answer": self.seconds_an_answer,
            "MB": self.megabytes,
            "encoding": self.encoding,
            "tier": self.tier,
            "judged": self.date,
        }


def row_of(path: Path) -> ModelRow:
    """The figures of the report in a file; one that can't be read is an error that says why."""
    return _ROWS.of(path)


def belongs_of(path: Path) -> Belongs | None:
    """What the newest report on belonging beside a report says of its model; None where there is none."""
    beside = belonging_beside(path)
    return _BELONGING.of(beside[-1]) if beside else None


def alone_of(path: Path) -> float | None:
    """Which share of what a report's model plays by itself is as people play; None where it isn't known."""
    beside = alone_beside(path)
    return load_alone(beside[-1]).inside if beside else None


def shared_calls(reports: Sequence[JudgedReport]) -> dict[str, list[Answered]]:
    """Calls that all of them answered, by name, with each one's answer: our own, then held-out ones."""
    found = [{_call_name(one): one for one in (*report.own, *report.held_out)} for report in reports]
    names = [name for name in found[0] if all(name in others for others in found)] if found else []
    same_music = len({(report.music["hash"], report.music["split"]) for report in reports}) == 1
    return {
        name: [others[name] for others in found] for name in names if same_music or not found[0][name].piece
    }


def unlike(rows: Iterable[ModelRow]) -> dict[str, list[ModelRow]]:
    """Rows by the music that they were judged on: only within one can likelihoods be compared."""
    groups: dict[str, list[ModelRow]] = {}
    for row in rows:
        groups.setdefault(row.music, []).append(row)
    return groups


def labels_of(rows: Mapping[str, ModelRow]) -> dict[str, str]:
    """What each is called where several are shown: by its model, with its music where that is not enough, and
    by its own name where that isn't, either."""
    ways: tuple[Callable[[str], str], ...] = (
        lambda name: rows[name].model,
        lambda name: f"{rows[name].model} on {rows[name].music}",
        lambda name: name,
    )
    return next(
        labels
        for way in ways
        if len(set((labels := {name: way(name) for name in rows}).values())) == len(rows)
    )


def _call_name(answered: Answered) -> str:
    return f"{answered.piece} at {answered.from_s:.1f} s" if answered.piece else answered.name


def _read_row(path: Path, _: ModelRow | None) -> ModelRow:
    head = load_head(path)  # which refuses what is no report
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        return _row(head, table["model"], table["sections"], str(table["machine"].get("date", "")))
    except OSError as error:
        raise SettingError(f"{path}: can't be read: {error.strerror or error}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise SettingError(
            f"{path}: a report with something missing ({what}); judge the model again"
        ) from None


def _row(head: ReportHead, model: Mapping[str, Any], sections: Mapping[str, Any], date: str) -> ModelRow:
    carried = sections["likelihood"].get("carried", {})
    shares = sections["distributions"].get("overlap", {}).get("model", {}).values()
    known = [share for value in shares if (share := _figure(value)) is not None]
    size = _figure(model.get("bytes"))
    return ModelRow(
        head.path,
        head.model,
        f"{head.corpus}, {head.split}",
        _figure(carried.get("nats_a_note")),
        _figure(carried.get("standard_error")),
        _figure(sections["baselines"].get(BASELINE, {}).get("nats_a_note")),
        fmean(known) if known else None,
        _figure(sections.get("answers", {}).get("seconds_an_answer")),
        None if size is None else size / 1e6,
        str(model.get("encoding", "")),
        str(model["tier"]),
        date,
    )


def _figure(value: Any) -> float | None:
    """A number that is one; None for what is missing or isn't."""
    return float(value) if isinstance(value, int | float) and isfinite(value) else None


def _read_belonging(path: Path, _: Belongs | None) -> Belongs:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table["version"] > VERSION:
            raise SettingError(f"{path}: made by a newer Antiphon: pip install --upgrade antiphon")
        sorts: Mapping[str, Any] = table["sorts"]
        voice = sorts[_ALL if _ALL in sorts else next(iter(sorts))]["voices"]["model"]
        nearer = voice["nearer"]["stranger"]
        share, low, high = (float(nearer[name]) for name in ("share", "low", "high"))
        faults = float(voice["faults"]["any"])
        if not all(map(isfinite, (share, low, high, faults))):
            raise ValueError("a figure is no number")
        calls = int(voice["answers"]) + int(voice["silent"])
        return Belongs(share, low, high, faults, calls)
    except OSError as error:
        raise SettingError(f"{path}: can't be read: {error.strerror or error}") from None
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration) as error:
        what = f"{type(error).__name__}: {error}"
        raise SettingError(
            f"{path}: no whole report on belonging ({what}); judge the model again with --belonging"
        ) from None


_ROWS = Kept(_read_row, most_bytes=1 << 34)  # of files; in memory it is a kilobyte a report
_BELONGING = Kept(_read_belonging, most_bytes=1 << 34)
