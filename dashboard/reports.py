"""A report of `antiphon evaluate` as values that pages can show: read whole and checked, or refused.

Knows the report's shape. Must not know pages or charts, nor how anything was measured.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.kept import Kept
from evaluation.answering.agreement import MEASURES, PLAYERS
from evaluation.report import LIKELIHOODS, PARTS
from music.notes import Note, Pedal
from music.phrase import Phrase
from music.settings import SettingError

VERSION = 1
_NO_NOTES: NDArray[np.float64] = np.empty((0, 4))
NOTE_FIELDS = ("gap", "pitch", "velocity", "length")
_BEFORE_FINDINGS = ',\n  "sections": {'  # as `evaluate` lays a report out
_MOST_HEAD = 1 << 16  # characters


@dataclass(frozen=True, slots=True)
class Score:
    """How likely the music is to somebody: nats a note in all, its standard error, and by field."""

    name: str
    nats: float
    error: float
    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """Of one field its symbols, in order, and how many notes have each."""

    symbols: tuple[str, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PieceScore:
    """How likely one piece is to the model, in nats a note, with its state carried and reset on the way."""

    name: str
    notes: int
    carried: float
    reset: float
    along: tuple[float, ...] = ()  # nats an event, part by part; older reports don't say it


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """Notes and pedal changes as a report has them. They are checked at once, and become a phrase only for
    whoever looks, as a report may have ten thousand of them."""

    notes: NDArray[np.float64]  # a row a note: at, pitch, velocity, length in seconds
    pedals: tuple[Pedal, ...] = ()

    @classmethod
    def of(cls, rows: Sequence[Any], pedals: Iterable[Any] = ()) -> "Written":
        """From a report's rows; an error where one is no note."""
        if not isinstance(rows, list):
            raise TypeError(f"{rows!r} are no notes")
        notes = np.array(rows, dtype=np.float64) if rows else _NO_NOTES
        if notes.ndim != 2 or notes.shape[1] != _NO_NOTES.shape[1]:
            raise ValueError(f"{rows[0]} is no note")
        at, pitch, velocity, length_s = notes.T
        are_notes = (pitch >= 0) & (pitch <= 127) & (velocity >= 1) & (velocity <= 127) & (length_s >= 0)
        are_notes &= np.isfinite(at + length_s)
        if not are_notes.all():
            raise ValueError(f"{rows[int(np.argmin(are_notes))]} is no note")
        return cls(notes, tuple(Pedal(float(at), bool(down)) for at, down in pedals))

    @property
    def phrase(self) -> Phrase:
        """The same as music."""
        notes = (
            Note(at, int(pitch), int(velocity), length_s)
            for at, pitch, velocity, length_s in self.notes.tolist()
        )
        return Phrase.of(notes, self.pedals)


@dataclass(frozen=True, slots=True)
class Answered:
    """A call and its answer, on one clock. `call` is None where only its place in a piece is known."""

    name: str
    about: str
    key: str
    answer_written: Written
    figures: tuple[tuple[str, float], ...]
    call_written: Written | None = None
    piece: str = ""
    from_s: float = 0.0
    until_s: float = 0.0

    @property
    def answer(self) -> Phrase:
        """What was answered."""
        return self.answer_written.phrase

    @property
    def call(self) -> Phrase | None:
        """What was asked."""
        return None if self.call_written is None else self.call_written.phrase

    @property
    def note_count(self) -> int:
        """How many notes the answer has."""
        return len(self.answer_written.notes)

    def figure(self, name: str) -> float | None:
        """How the answer keeps to its call in one respect; none where it has no note."""
        return dict(self.figures).get(name)


@dataclass(frozen=True, slots=True)
class ReportHead:
    """Of whom a report is, and on what music."""

    path: Path
    model: str
    corpus: str
    split: str

    @property
    def title(self) -> str:
        """The model and the music, in a few words."""
        return f"{self.model} on {self.corpus}, {self.split}"


@dataclass(frozen=True, slots=True)
class JudgedReport:
    """What was found of one model on one split."""

    path: Path
    model: Mapping[str, Any]
    music: Mapping[str, Any]
    machine: Mapping[str, Any]
    scores: tuple[Score, ...]
    pieces: tuple[PieceScore, ...]
    left_out: tuple[tuple[str, str], ...]
    spreads: Mapping[str, Mapping[str, Spread]]  # by player (or `music`), by field
    overlap: Mapping[str, Mapping[str, float | None]]  # with the music, by player, by field
    agreement: Mapping[str, Mapping[str, float]]  # by player; empty where nothing was answered
    held_out: tuple[Answered, ...]
    own: tuple[Answered, ...]

    @property
    def head(self) -> ReportHead:
        """Of whom it is, and on what music."""
        return ReportHead(self.path, self.model["name"], self.music["corpus"], self.music["split"])

    def score(self, name: str) -> Score | None:
        """The score of that name."""
        return next((score for score in self.scores if score.name == name), None)


def load_report(path: Path) -> JudgedReport:
    """The report in a file; one that can't be read is an error that says why."""
    return _REPORTS.of(path)


def load_head(path: Path) -> ReportHead:
    """Of whom and of what the report in a file is; the rest of it isn't looked at."""
    return _HEADS.of(path)


def _read_report(path: Path, _: JudgedReport | None) -> JudgedReport:
    table = _table_in(_text_of(path), path)
    version = table.get("version")
    if type(version) is not int:
        raise SettingError(f"{path}: not a report of `antiphon evaluate`; judge the model again")
    if version > VERSION:
        raise SettingError(
            f"{path}: made by a newer Antiphon (report {version}; this one reads {VERSION}): "
            "pip install --upgrade antiphon"
        )
    with _naming_what_is_missing(path):
        return _report(path, table)


def _read_head(path: Path, _: ReportHead | None) -> ReportHead:
    table = _head_alone(path) or _table_in(_text_of(path), path)
    with _naming_what_is_missing(path):
        _check_who(table["model"], table["music"])
        return ReportHead(path, table["model"]["name"], table["music"]["corpus"], table["music"]["split"])


def _head_alone(path: Path) -> dict[str, Any] | None:
    """What stands before the findings, nearly all of a report; None if `evaluate` didn't lay it out."""
    begin = _text_of(path, _MOST_HEAD)
    head, found, _ = begin.partition(_BEFORE_FINDINGS)
    if not found:
        return None
    try:
        table: dict[str, Any] = json.loads(head + "}")
    except ValueError:
        return None
    return table


def _text_of(path: Path, most: int = -1) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(most)
    except OSError as error:
        raise SettingError(f"{path}: can't be read: {error.strerror or error}") from None
    except ValueError as error:
        raise SettingError(f"{path}: not a report: {error}; judge the model again") from None


def _table_in(text: str, path: Path) -> dict[str, Any]:
    try:
        table = json.loads(text)
    except ValueError as error:
        raise SettingError(f"{path}: not a report: {error}; judge the model again") from None
    if not isinstance(table, dict):
        raise SettingError(f"{path}: not a report of `antiphon evaluate`; judge the model again")
    return table


@contextmanager
def _naming_what_is_missing(path: Path) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        what = f"{type(error).__name__}: {error}"
        raise SettingError(
            f"{path}: a report with something missing ({what}); judge the model again"
        ) from None


_REPORTS = Kept(_read_report, most_bytes=1 << 24)  # of files; in memory it is five times as much
_HEADS = Kept(_read_head, most_bytes=1 << 34)  # of files; in memory it is a kilobyte a report


def _report(path: Path, table: dict[str, Any]) -> JudgedReport:
    sections, model, music = table["sections"], table["model"], table["music"]
    _check_who(model, music)
    for corpus in model["learnt_from"]:
        for name in ("name", "licence", "credit"):
            str(corpus[name])
    counts = {name: int(music[name]) for name in ("pieces", "notes", "events")}
    likelihood, baselines = sections["likelihood"], sections["baselines"]
    rows = {
        **{name: likelihood[section] for name, section in LIKELIHOODS.items() if section in likelihood},
        **{name: row for name, row in baselines.items() if "nats_a_note" in row},
    }
    answers = sections.get(
        "answers", {"left_out": "judged before answers were asked for; judge the model again"}
    )
    left_out = dict(baselines.get("left_out", {}))
    if "left_out" in answers:
        left_out["answers"] = answers["left_out"]
    return JudgedReport(
        path=path,
        model=model,
        music=music | counts,
        machine=dict(table["machine"]),
        scores=tuple(_score(name, row) for name, row in rows.items()),
        pieces=tuple(
            PieceScore(
                str(row["piece"]), int(row["notes"]), float(row["carried"]), float(row["reset"]), _along(row)
            )
            for row in likelihood["pieces"]
        ),
        left_out=tuple((str(name), str(why)) for name, why in left_out.items()),
        spreads={
            who: {field: _spread(spread[field], field) for field in NOTE_FIELDS}
            for who, spread in sections["distributions"].items()
            if who != "overlap"
        },
        overlap={
            who: {field: _number(row[field]) for field in NOTE_FIELDS}
            for who, row in sections["distributions"].get("overlap", {}).items()
        },
        agreement={who: _summary(answers[who]) for who in PLAYERS if who in answers},
        held_out=tuple(_held_out(number, row) for number, row in enumerate(answers.get("each", ()), 1)),
        own=tuple(map(_own, sections.get("own_calls", ()))),
    )


def _check_who(model: Mapping[str, Any], music: Mapping[str, Any]) -> None:
    """An error unless what names a model and its music is there, in words."""
    for table, names in ((model, ("name", "hash", "tier")), (music, ("corpus", "split", "hash", "tier"))):
        for name in names:
            if not isinstance(table[name], str):
                raise TypeError(f"{name} is {table[name]!r}")


def _score(name: str, row: Mapping[str, Any]) -> Score:
    parts = tuple((part, float(row[f"{part}_nats_a_note"])) for part in PARTS if f"{part}_nats_a_note" in row)
    score = Score(name, float(row["nats_a_note"]), float(row["standard_error"]), parts)
    if not all(map(isfinite, (score.nats, score.error, *dict(parts).values()))):
        raise ValueError(f"{name}: a figure is no number")
    return score


def _spread(row: Mapping[str, Any], field: str) -> Spread:
    symbols, counts = tuple(map(str, row["symbols"])), tuple(map(int, row["counts"]))
    if len(symbols) != len(counts):
        raise ValueError(f"{len(symbols)} symbols and {len(counts)} counts")
    if field in ("gap", "length"):
        for symbol in symbols:
            float(symbol.partition("-")[0])  # seconds; charts reckon with them
    return Spread(symbols, counts)


def _along(row: Mapping[str, Any]) -> tuple[float, ...]:
    parts = tuple(map(float, row.get("along", ())))
    if not all(map(isfinite, parts)):
        raise ValueError(f"{row.get('piece')}: a figure along it is no number")
    return parts


def _held_out(number: int, row: Mapping[str, Any]) -> Answered:
    piece, from_s = str(row["piece"]), float(row["from_s"])
    minutes, seconds = divmod(round(from_s), 60)
    return Answered(
        name=f"{number}. {Path(piece).stem} at {minutes}:{seconds:02}",
        about=f"{piece}, {from_s:.1f} to {float(row['until_s']):.1f} s",
        key=str(row["key"]),
        answer_written=Written.of(row["answer"]),
        figures=tuple(_figures(row["model"] or {}).items()),
        piece=piece,
        from_s=from_s,
        until_s=float(row["until_s"]),
    )


def _own(row: Mapping[str, Any]) -> Answered:
    return Answered(
        name=str(row["name"]),
        about=str(row["about"]),
        key=str(row["key"]),
        answer_written=Written.of(row["answer"]),
        figures=tuple(_figures(row["model"] or {}).items()),
        call_written=Written.of(row["call"], row["pedal"]),
    )


def _summary(row: Mapping[str, Any]) -> dict[str, float]:
    """Agreement in all.

    A report may be older than a measure; of a measure that it has, it has both figures.
    """
    figures = _figures(row)
    _ = figures["answers"]
    halves = [
        measure.name for measure in MEASURES if (measure.name in figures) != (measure.second in figures)
    ]
    if halves:
        raise ValueError(f"only half of {', '.join(halves)}")
    return figures


def _figures(row: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): float(value) for name, value in row.items()}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
