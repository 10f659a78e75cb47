"""A row a model: what it comes to, beside its own baseline, and the calls that several answered.

Likelihoods of different music say nothing about each other, so each stands beside what counting reaches on
the same notes; those of rows of another kind stand in columns of their own. Must not know pages or charts.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from statistics import fmean
from typing import Any

from dashboard.comparing.beside import Belongs, PlaysAlone, names_of
from dashboard.judged.folders import ALONE, BELONGING, ROWS
from dashboard.judged.row_reports import load_rows
from dashboard.kept import Kept
from dashboard.reports import Answered, JudgedReport, ReportHead, load_head
from music.settings import SettingError

BASELINE = "bigram"
NATS_A_NOTE = "nats a note"  # of models of events
_BYTES_A_WEIGHT = 4  # of a run, whose weights are kept whole


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model in figures; what its report doesn't say is None, or no word."""

    path: Path
    model: str
    music: str
    measure: str  # what its nats are of
    nats: float | None
    error: float | None
    baseline: float | None
    overlap: float | None
    seconds_an_answer: float | None
    megabytes: float | None
    family: str
    encoding: str
    fingerprint: str
    precision: str
    tier: str
    date: str

    @property
    def is_of_events(self) -> bool:
        """Whether its report is one on events, with pieces and answers."""
        return self.measure == NATS_A_NOTE

    @property
    def ahead(self) -> float | None:
        """By how many nats a note it is better than its own baseline."""
        return None if self.nats is None or self.baseline is None else self.baseline - self.nats

    @property
    def title(self) -> str:
        """The model and the music, in a few words."""
        return f"{self.model} on {self.music}" if self.music else f"{self.model}, its answers alone"


def records_of(
    rows: Mapping[str, ModelRow], belonging: Mapping[str, Belongs], alone: Mapping[str, PlaysAlone]
) -> list[dict[str, Any]]:
    """The rows of a table of models; a measure that isn't of notes has a column of its own."""
    measures = _columns_of(rows)
    scopes = names_of(belonging[name].scope for name in rows if name in belonging)
    people = names_of(alone[name].scope for name in rows if name in alone)
    names = list(dict.fromkeys([NATS_A_NOTE, *(one for one in measures.values() if one)]))
    return [
        {
            "model": row.model,
            "music": row.music,
            **{measure: row.nats if measure == measures[name] else None for measure in names},
            "±": row.error,
            "note bigram": row.baseline,
            "better by": row.ahead,
            "belongs": belonging[name].share if name in belonging else None,
            "gross faults %": 100 * belonging[name].faults if name in belonging else None,
            "both on": scopes[belonging[name].scope] if name in belonging else "",
            "notes in common %": None if row.overlap is None else 100 * row.overlap,
            "alone like people %": 100 * alone[name].share if name in alone else None,
            "people of": people[alone[name].scope] if name in alone else "",
            "s an answer": row.seconds_an_answer,
            "MB": row.megabytes,
            "family": row.family,
            "precision": row.precision,
            "encoding": row.encoding,
            "tier": row.tier,
            "judged": row.date,
        }
        for name, row in rows.items()
    ]


def _columns_of(rows: Mapping[str, ModelRow]) -> dict[str, str]:
    """The column of each row's nats: with the encoding's fingerprint where two settings have one name."""
    settings: dict[str, set[str]] = {}
    for row in rows.values():
        settings.setdefault(row.measure, set()).add(row.fingerprint)
    return {
        name: row.measure
        if row.is_of_events or len(settings[row.measure]) < 2
        else f"{row.measure} {row.fingerprint[:6]}"
        for name, row in rows.items()
    }


def row_of(path: Path) -> ModelRow:
    """The figures of the report in a file; one that can't be read is an error that says why."""
    return _ROWS.of(path)


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
    try:
        if path.parent.name == ROWS:
            return _row_of_rows(path)
        if path.parent.name in (BELONGING, ALONE):
            return _row_of_answers(path)
        head = load_head(path)  # which refuses what is no report
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
    row = _row_without_figures(head.path, model, date)
    return replace(
        row,
        music=f"{head.corpus}, {head.split}",
        measure=NATS_A_NOTE,
        nats=_figure(carried.get("nats_a_note")),
        error=_figure(carried.get("standard_error")),
        baseline=_figure(sections["baselines"].get(BASELINE, {}).get("nats_a_note")),
        overlap=fmean(known) if known else None,
        seconds_an_answer=_figure(sections.get("answers", {}).get("seconds_an_answer")),
        tier=str(model["tier"]),
    )


def _row_of_rows(path: Path) -> ModelRow:
    found = load_rows(path)
    return replace(
        _row_without_figures(path, found.model, str(found.machine.get("date", ""))),
        music=f"{found.music['corpus']}, {found.music['split']}",
        measure=found.measure,
        nats=found.value,
        error=found.error,
    )


def _row_of_answers(path: Path) -> ModelRow:
    """Of a model whose likelihood nobody asked for: who it is."""
    table = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(table["model"]["name"], str):
        raise TypeError(f"name is {table['model']['name']!r}")
    return _row_without_figures(path, table["model"], str(table["machine"].get("date", "")))


def _row_without_figures(path: Path, model: Mapping[str, Any], date: str) -> ModelRow:
    """Who a model is, without any figure; what pages show of its origin is there, or this fails."""
    for corpus in model.get("learnt_from", ()):
        _ = [str(corpus[name]) for name in ("name", "licence", "credit")], corpus.get("hash")
    weights = _figure(model.get("weights"))
    size = _figure(model.get("bytes")) or (None if weights is None else _BYTES_A_WEIGHT * weights)
    encoding = str(model.get("encoding", ""))
    return ModelRow(
        path=path,
        model=str(model["name"]),
        music="",
        measure="",
        nats=None,
        error=None,
        baseline=None,
        overlap=None,
        seconds_an_answer=None,
        megabytes=None if size is None else size / 1e6,
        family=str(model.get("family") or encoding),
        encoding=encoding,
        fingerprint=str(model.get("encoding_fingerprint", "")),
        precision=str(model.get("precision") or ("fp32" if weights is not None else "")),
        tier=str(model.get("tier", "")),
        date=date,
    )


def _figure(value: Any) -> float | None:
    """A number that is one; None for what is missing or isn't."""
    return float(value) if isinstance(value, int | float) and isfinite(value) else None


_ROWS = Kept(_read_row, most_bytes=1 << 34)  # of files; in memory it is a kilobyte a report
