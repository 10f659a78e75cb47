"""Finds and loads what lies on disk: runs with their curves, reports, and held-out calls of corpora that are unpacked.

What can't be read is never an exception here: it is a sentence for the page, and the rest is shown. Files are read again when they
change, and not before. Must not know pages or charts.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dashboard.places import Places
from dashboard.reports import Answered, JudgedReport, load_report
from music.phrase import Phrase
from music.settings import SettingError

Row = Mapping[str, Any]
_OF_TRAIN = ("nats_an_event", "rate", "events_a_second")
_OF_VALIDATION = ("nats_an_event", "nats_a_note")


@dataclass(frozen=True, slots=True)
class Run:
    """A run: what it recorded when it began, and its curves as far as they go."""

    name: str
    told: Mapping[str, Any]
    train: tuple[Row, ...]
    validation: tuple[Row, ...]

    @property
    def steps(self) -> int:
        """How many it will take."""
        return int(self.told["recipe"]["learning"]["steps"])

    @property
    def done(self) -> int:
        """How many it has told of."""
        return max((int(row["step"]) for row in (*self.train, *self.validation)), default=0)

    @property
    def best(self) -> float | None:
        """The lowest nats a note on held-out pieces."""
        return min((float(row["nats_a_note"]) for row in self.validation), default=None)

    @property
    def learnt_from(self) -> str:
        """The corpora, by name."""
        return ", ".join(str(corpus["name"]) for corpus in self.told["data"])


@dataclass(frozen=True, slots=True)
class Found:
    """What could be read, and a sentence for each thing that couldn't."""

    runs: tuple[Run, ...] = ()
    reports: tuple[JudgedReport, ...] = ()
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrueCall:
    """A call as its piece has it, and how the piece really goes on; both from second 0 of the call."""

    call: Phrase
    continuation: Phrase


def find_runs(places: Places) -> Found:
    """All runs, the one that changed last first."""
    runs, troubles = [], []
    for folder in _folders(places.runs):
        try:
            runs.append((changed_ns(folder / "curves.jsonl"), load_run(folder)))
        except SettingError as error:
            troubles.append(str(error))
    runs.sort(key=lambda row: -row[0])
    return Found(runs=tuple(run for _, run in runs), troubles=tuple(troubles))


def find_reports(places: Places) -> Found:
    """All reports: of runs, of files exported from them, and of the models that come with Antiphon."""
    paths = [
        path
        for folder in _folders(places.runs)
        for path in sorted([*folder.glob("evaluation/*.json"), *folder.glob("*.evaluation/*.json")])
    ]
    paths += sorted(places.models.glob("*.evaluation/*.json"))
    reports, troubles = [], []
    for path in paths:
        try:
            reports.append(load_report(path))
        except SettingError as error:
            troubles.append(str(error))
    return Found(reports=tuple(reports), troubles=tuple(troubles))


def default_reports(places: Places) -> tuple[JudgedReport, ...]:
    """Of the models that come with Antiphon."""
    return tuple(report for report in find_reports(places).reports if places.models in report.path.parents)


def load_run(folder: Path) -> Run:
    """One run; an error says what of it can't be read."""
    told = folder / "run.json"
    if not told.is_file():
        raise SettingError(
            f"{folder}: no run.json lies in it, so it is no run, or one that was broken off as it began"
        )
    return _run(folder, changed_ns(told), changed_ns(folder / "curves.jsonl"), _size(folder / "curves.jsonl"))


@lru_cache(maxsize=256)
def _run(folder: Path, _told_ns: int, _curves_ns: int, _curves_size: int) -> Run:
    """Read once as long as its files stay as they are."""
    path = folder / "run.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        rows = _rows(folder / "curves.jsonl")
        run = Run(
            folder.name,
            told,
            tuple(row for row in rows if row.get("kind") == "train"),
            tuple(row for row in rows if row.get("kind") == "validation"),
        )
        _touch(run)
    except (OSError, ValueError) as error:
        raise SettingError(f"{folder}: its files are damaged, so it is left out: {error}") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise SettingError(
            f"{folder}: something is missing in its files, so it is left out ({type(error).__name__}: {error})"
        ) from None
    return run


def _rows(path: Path) -> list[dict[str, Any]]:
    """Every whole line; the last may be half-written at this moment."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines[:-1]]
    with suppress(ValueError):  # it will be whole when the page is looked at next
        rows += [json.loads(line) for line in lines[-1:]]
    return rows


def _touch(run: Run) -> None:
    """Everything that pages show of a run is there and of the right kind, or this fails."""
    _ = run.steps, run.done, run.best, run.learnt_from, run.told["tier"], run.told["recipe"]["about"]
    for rows, names in ((run.train, _OF_TRAIN), (run.validation, _OF_VALIDATION)):
        for row in rows:
            for name in ("step", *names):
                float(row[name])


def true_call(places: Places, report: JudgedReport, answered: Answered) -> TrueCall:
    """The call and the true continuation, from the corpus; where it isn't unpacked the error says what to do."""
    corpus, digest = str(report.music["corpus"]), str(report.music["hash"])
    path = places.data / f"{corpus}.safetensors"
    if not path.is_file():
        raise SettingError(
            f"The notes of this call belong to the corpus {corpus!r}, which isn't unpacked here ({path}): only the "
            "model's answer is shown. Make it with `antiphon data prepare`, or say `--data DIR`."
        )
    calls = _calls_of(path, changed_ns(path), str(report.music["split"]), digest)
    found = calls.get((answered.piece, round(answered.from_s, 3)))
    if found is None:
        raise SettingError(f"{path} has no such call in {answered.piece}; judge the model again.")
    return found


@lru_cache(maxsize=4)
def _calls_of(path: Path, _changed_ns: int, split: str, digest: str) -> dict[tuple[str, float], TrueCall]:
    """All calls that models are asked on a split, by piece and beginning."""
    try:
        from training.corpus import Corpus
        from training.evaluation.calls import calls_of
        from training.music_sets import SPLITS
    except ModuleNotFoundError as missing:
        raise SettingError(
            f"Reading {path} needs {missing.name}: pip install 'antiphon[judge]'. Only the model's answer is shown."
        ) from None
    corpus = Corpus(path)
    if corpus.description.hash != digest:
        raise SettingError(
            f"{path} has changed since the model was judged (hash {corpus.description.hash}, then {digest}); "
            "only the model's answer is shown."
        )
    (which,) = (one for one in SPLITS if one == split)
    return {
        (call.piece, round(call.from_s, 3)): TrueCall(call.phrase, call.continuation)
        for call in calls_of(corpus.phrases(which))
    }


def _folders(place: Path) -> list[Path]:
    try:
        return sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        return []  # a folder that isn't there has no runs, and the page says so


def changed_ns(path: Path) -> int:
    """When a file changed last; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
