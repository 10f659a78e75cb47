"""Finds and loads what lies on disk: runs with their curves, experiments, reports, and held-out calls of
corpora that are unpacked.

What can't be read is never an exception here: it is a sentence for the page, and the rest is shown. Files are
read again when they change, and not before. Must not know pages or charts.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from pathlib import Path
from typing import Any

from dashboard.curves import MOST_STEPS, CurveRow, Curves, read_curves
from dashboard.judged.folders import reports_in
from dashboard.kept import Kept
from dashboard.places import Places
from dashboard.reports import Answered, JudgedReport, ReportHead, load_head, load_report
from music.file_names import readable
from music.phrase import Phrase
from music.settings import SettingError

_OF_OUTCOME = ("least_loss", "validation", "rows_a_second", "weights")
_SEED = re.compile(r"-?seed\d+$")  # at the end of a trial's name
_OF_CUDA = "-fp16.onnx"  # files whose numbers the processor hasn't
_OF_LEARNING = ("run.json", "curves.jsonl", "model.safetensors", "checkpoint", "snapshots")
_ONE_POINT = "every seed"
_OF_EVENTS = "nats an event"  # what a loss is where a run doesn't say: only events were learnt then


@dataclass(frozen=True, slots=True)
class Alike:
    """What runs must share for their losses to be compared: what a loss is of, how music is written down."""

    measure: str
    encoding: str
    settings: tuple[tuple[str, str], ...] = ()
    fingerprint: str = ""

    @property
    def written(self) -> str:
        """The encoding with its settings, in words."""
        settings = ", ".join(f"{name} {value}" for name, value in self.settings)
        return f"{self.encoding} ({settings})" if settings else self.encoding

    @property
    def unit(self) -> str:
        """What a row is: an event, a note, a token, a step."""
        return self.measure.split()[-1]

    @property
    def is_likelihood(self) -> bool:
        """Whether losses are nats, which say how good a model is and not only how it learns."""
        return self.measure.startswith("nats")

    @property
    def held_out_measure(self) -> str:
        """What the loss on held-out pieces is of: models of events are compared by the note."""
        return "nats a note" if self.measure == _OF_EVENTS else self.measure


@dataclass(frozen=True, slots=True)
class Run:
    """A run: what it recorded when it began, its curves so far, and what came of it if it is done."""

    name: str
    record: Mapping[str, Any]
    curves: Curves
    outcome: Mapping[str, Any] | None = None

    @property
    def train(self) -> Sequence[CurveRow]:
        """What was measured on train music."""
        return self.curves.train

    @property
    def validation(self) -> Sequence[CurveRow]:
        """What was measured on held-out pieces."""
        return self.curves.validation

    @property
    def alike(self) -> Alike:
        """What its losses can be compared with."""
        data = self.record["recipe"]["data"]
        return Alike(
            str(self.record.get("measure", _OF_EVENTS)),
            str(data.get("encoding", "event")),
            tuple((str(name), str(value)) for name, value in data.get("encoding_settings", {}).items()),
            str(self.record.get("encoding_fingerprint", "")),
        )

    @property
    def progress(self) -> str:
        """How far it is, in words."""
        if self.diverged_at is not None:
            return f"{self.done:,}, diverged at {self.diverged_at:,}"
        if self.outcome is not None:
            return f"{self.done:,}, done"
        if self.steps:
            return f"{self.done:,} of {self.steps:,}"
        return f"{self.done:,}, for {float(self.record['recipe']['learning']['passes']):g} passes"

    @property
    def steps(self) -> int:
        """How many it is to take; 0 of an older run that was asked for passes, which doesn't say it."""
        return int(self.record.get("steps") or self.record["recipe"]["learning"].get("steps", 0))

    @property
    def is_measuring(self) -> bool:
        """Whether it may be reading held-out pieces, or be measured at its end: then it writes nothing."""
        if self.steps and self.done >= self.steps:
            return self.outcome is None
        log = self.record["recipe"].get("log", {})
        every, after = int(log.get("every") or 1), int(log.get("validate_every") or 0)
        if not after or not self.train:
            return False
        due = -(-int(self.train[-1]["step"]) // after) * after  # the next measurement, or this very step's
        last = int(self.validation[-1]["step"]) if self.validation else 0
        return last < due < int(self.train[-1]["step"]) + every

    @property
    def diverged_at(self) -> int | None:
        """The first step at which its loss was no number; none where it always is one."""
        return self.curves.diverged_at

    @property
    def done(self) -> int:
        """How many steps it has recorded."""
        return self.curves.done

    @property
    def best(self) -> float | None:
        """The lowest loss on held-out pieces."""
        losses = (float(row["loss"]) for row in self.validation)
        return min((loss for loss in losses if isfinite(loss)), default=None)

    @property
    def model(self) -> str:
        """Its family and its size."""
        model = self.record["recipe"].get("model", {})
        trunk = model.get("trunk", model)
        sizes = [
            f"{trunk[f'{part}layers']} × {trunk[f'{part}width']}"
            for part in ("", "time_", "note_")
            if f"{part}layers" in trunk and f"{part}width" in trunk
        ]
        kinds = [str(table["kind"]) for table in (model, trunk) if "kind" in table]
        return " ".join([", ".join(dict.fromkeys(kinds)), " + ".join(sizes)]).strip()

    @property
    def learnt_from(self) -> str:
        """The corpora, by name."""
        return ", ".join(
            str(corpus["name"]) for corpus in (*self.record["data"], *self.record.get("stages", ()))
        )


@dataclass(frozen=True, slots=True)
class Experiment:
    """Runs that are compared with one another: the names of all its trials, those that have begun, and what
    came of those that are done.
    """

    name: str
    trials: tuple[str, ...]
    runs: tuple[Run, ...]
    outcomes: Mapping[str, Mapping[str, Any]]

    @property
    def points(self) -> Mapping[str, tuple[str, ...]]:
        """Its trials by what they try: those under one name differ in their seeds alone."""
        points: dict[str, list[str]] = {}
        for trial in self.trials:
            points.setdefault(_SEED.sub("", trial) or _ONE_POINT, []).append(trial)
        return {point: tuple(names) for point, names in points.items()}


@dataclass(frozen=True, slots=True)
class Found:
    """What could be read, and a sentence for each thing that couldn't."""

    runs: tuple[Run, ...] = ()
    experiments: tuple[Experiment, ...] = ()
    reports: tuple[ReportHead, ...] = ()
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrueCall:
    """A call as its piece has it, and how the piece really goes on; both from second 0 of the call."""

    call: Phrase
    continuation: Phrase


def find_runs(places: Places) -> Found:
    """All runs and experiments, the one that changed last first."""
    folders = _folders(places.runs)
    experiments, troubles = [], []
    for folder in filter(_is_experiment, folders):
        try:
            experiment, within = load_experiment(folder)
            experiments.append((_experiment_changed_ns(folder), experiment))
            troubles += within
        except SettingError as error:
            troubles.append(str(error))
    runs, without = _runs_in([folder for folder in folders if not _is_experiment(folder)])
    experiments.sort(key=lambda row: -row[0])
    return Found(
        runs=tuple(run for _, run in sorted(runs, key=lambda row: -row[0])),
        experiments=tuple(experiment for _, experiment in experiments),
        troubles=(*troubles, *without),
    )


def _runs_in(folders: Sequence[Path]) -> tuple[list[tuple[int, Run]], list[str]]:
    """The runs with the moment at which each changed last, and a sentence for each that can't be read."""
    runs, troubles = [], []
    for folder in folders:
        try:
            runs.append((changed_ns(folder / "curves.jsonl"), load_run(folder)))
        except SettingError as error:
            troubles.append(str(error))
    return runs, troubles


def load_experiment(folder: Path) -> tuple[Experiment, list[str]]:
    """One experiment, with a sentence for each run that can't be read; an error if the whole can't be."""
    _refuse_unreadable(folder)
    trials = _json_in(folder, "experiment.json")
    outcomes = _json_in(folder, "outcomes.json") if _is_file(folder / "outcomes.json") else {}
    try:
        for outcome in outcomes.values():
            _touch_outcome(outcome)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SettingError(
            f"{folder}: something is missing in outcomes.json, so it is left out "
            f"({type(error).__name__}: {error})"
        ) from None
    begun, troubles = _runs_in([folder / name for name in trials if (folder / name).is_dir()])
    return Experiment(folder.name, tuple(trials), tuple(run for _, run in begun), outcomes), troubles


def _refuse_unreadable(folder: Path) -> None:
    """A name whose bytes are no text can be shown nowhere, nor stand in an address."""
    if readable(folder.name) != folder.name:
        raise SettingError(f"{folder}: its name is no text, so it is left out; give it another")


def _json_in(folder: Path, name: str) -> dict[str, Any]:
    try:
        table = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SettingError(f"{folder}: {name} is damaged, so the experiment is left out: {error}") from None
    if not isinstance(table, dict):
        raise SettingError(f"{folder}: {name} holds no table, so the experiment is left out")
    return table


def _is_experiment(folder: Path) -> bool:
    return _is_file(folder / "experiment.json")


def _is_file(path: Path) -> bool:
    """Whether it is a file that can be looked at; a folder that may not be looked into has none."""
    return os.path.isfile(path)  # noqa: PTH113 — Path.is_file is an error there


def _experiment_changed_ns(folder: Path) -> int:
    return max(changed_ns(folder / name) for name in ("experiment.json", "outcomes.json"))


def grouped(runs: Iterable[Run]) -> dict[Alike, list[Run]]:
    """Runs by what their losses can be compared with, in the order in which they stand."""
    groups: dict[Alike, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.alike, []).append(run)
    return groups


def held_out_as_train(row: CurveRow) -> float:
    """A held-out loss in the measure of the train losses: of events it is measured per note, too."""
    return float(row.get("nats_an_event", row["loss"]))


def find_reports(places: Places) -> Found:
    """All reports by their heads: of runs, of files exported from them, and of Antiphon's own models."""
    return _heads_of(path for folder in evaluation_folders(places) for path in reports_in(folder))


def evaluation_folders(places: Places) -> list[Path]:
    """Where reports lie: of runs, of files exported from them, and of Antiphon's own models."""
    of_runs = [
        place
        for folder in _folders_of_runs(places.runs)
        for place in sorted([*folder.glob("evaluation"), *folder.glob("*.evaluation")])
    ]
    return [*of_runs, *_own_evaluation_folders(places)]


def _own_evaluation_folders(places: Places) -> list[Path]:
    """The models that lie on top first."""
    return sorted(places.models.rglob("*.evaluation"), key=lambda path: (len(path.parts), path))


def model_files(places: Places) -> dict[str, Path]:
    """Model files that can be asked on this machine's processor, by where they lie: Antiphon's own first."""
    depths = sorted(places.models.rglob("*.onnx"), key=lambda path: (len(path.parts), path))
    own = {readable(path.relative_to(places.models).as_posix()): path for path in depths}
    of_runs = {
        readable(path.relative_to(places.runs).as_posix()): path
        for folder in _folders_of_runs(places.runs)
        for path in sorted(folder.glob("*.onnx"))
    }
    return {name: path for name, path in (own | of_runs).items() if not name.endswith(_OF_CUDA)}


def default_reports(places: Places) -> tuple[JudgedReport, ...]:
    """Of the models that come with Antiphon, whole; one that can't be read is left out."""
    reports = []
    for path in _default_paths(places):
        with suppress(SettingError):
            reports.append(load_report(path))
    return tuple(reports)


def _default_paths(places: Places) -> list[Path]:
    return [path for folder in _own_evaluation_folders(places) for path in reports_in(folder)]


def _heads_of(paths: Iterable[Path]) -> Found:
    heads, troubles = [], []
    for path in paths:
        try:
            heads.append(load_head(path))
        except SettingError as error:
            troubles.append(str(error))
    return Found(reports=tuple(heads), troubles=tuple(troubles))


def load_run(folder: Path) -> Run:
    """One run; an error says what of it can't be read."""
    _refuse_unreadable(folder)
    return _RUNS.of(folder)


def _read_run(folder: Path, before: Run | None) -> Run:
    begun, outcome = folder / "run.json", folder / "outcome.json"
    if not _is_file(begun):
        raise SettingError(
            f"{folder}: no run.json lies in it, so it is no run, or one that was broken off as it began"
        )
    try:
        run = Run(
            folder.name,
            json.loads(begun.read_text(encoding="utf-8")),
            read_curves(folder / "curves.jsonl", None if before is None else before.curves),
            json.loads(outcome.read_text(encoding="utf-8")) if _is_file(outcome) else None,
        )
        _touch(run)
    except (OSError, ValueError) as error:
        raise SettingError(f"{folder}: its files are damaged, so it is left out: {error}") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise SettingError(
            f"{folder}: something is missing in its files, so it is left out "
            f"({type(error).__name__}: {error})"
        ) from None
    return run


_RUNS: Kept[Run] = Kept(
    _read_run,
    "run.json",
    "curves.jsonl",
    "outcome.json",
    most_bytes=1 << 29,  # of files; in memory it is about a third
)


def _touch(run: Run) -> None:
    """Everything that pages show of a run is there and of the right kind, or this fails."""
    _ = run.progress, run.done, run.best, run.learnt_from, run.alike, run.model
    _ = run.record["tier"], run.record["recipe"]["about"], run.is_measuring
    if run.outcome is not None:
        _touch_outcome(run.outcome)


def _touch_outcome(outcome: Mapping[str, Any]) -> None:
    for value in (*(outcome[name] for name in _OF_OUTCOME), *outcome["measures"].values()):
        if isinstance(value, int) and abs(value) > MOST_STEPS:
            raise ValueError(f"{value} is too large for a table")
        float(value)


def true_call(places: Places, report: JudgedReport, answered: Answered) -> TrueCall:
    """The call and the true continuation, from the corpus; an error says how to unpack it."""
    corpus, digest = str(report.music["corpus"]), str(report.music["hash"])
    path = places.corpora / f"{corpus}.safetensors"
    if not path.is_file():
        raise SettingError(
            f"The notes of this call belong to the corpus {corpus!r}, which isn't unpacked here "
            f"({path}): only the "
            "model's answer is shown. Make it with `antiphon data prepare`, or say `--corpora DIR`."
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
        from evaluation.answering.calls import calls_of
        from pieces.corpus import Corpus
        from pieces.music_sets import SPLITS
    except ModuleNotFoundError as missing:
        raise SettingError(
            f"Reading {path} needs {missing.name}: pip install 'antiphon[judge]'. Only the model's "
            "answer is shown."
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


def _folders_of_runs(place: Path) -> list[Path]:
    """Those of runs of their own, and those within experiments."""
    return [
        run
        for folder in _folders(place)
        for run in (_folders(folder) if _is_experiment(folder) else [folder])
    ]


def written_ns(run: Path) -> int:
    """When learning wrote anything last into a run's folder; what others write there doesn't count."""
    return max(changed_ns(run / name) for name in _OF_LEARNING)


def changed_ns(path: Path) -> int:
    """When a file changed last; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
