"""Runs and reports for the dashboard's tests, made without torch:
a folder as `train` leaves it, a report as `evaluate` does."""

import json
from dataclasses import asdict
from math import nan
from pathlib import Path
from typing import Any

from evaluation.alone.spread import People
from evaluation.alone.stretch import Stretch
from evaluation.alone_report import AloneReport
from evaluation.answering.own_calls import OWN_CALLS
from evaluation.belonging_report import BelongingReport, judge_belonging
from evaluation.judge import Judged, judge
from evaluation.row_report import RowReport
from pieces.corpus import Corpus
from tests.support.answerers import Echo
from tests.support.corpora import phrased_corpus
from tests.support.passages import SCALE, tune
from tests.support.scorers import UniformScorer

Row = dict[str, Any]
DATA = {
    "name": "tiny",
    "tier": "ship",
    "licence": "CC0",
    "credit": "made by rule",
    "hash": "0123456789abcdef",
    "pieces": 24,
}


ROWS_A_STEP = 64
EVENTS = {"kind": "event", "trunk": {"kind": "lstm", "layers": 2, "width": 32}}
ROLLS = {"kind": "roll", "trunk": {"kind": "gru", "layers": 1, "width": 16}}


def learnt_run(runs: Path, name: str, steps: int = 60) -> Path:
    """A run of the event family that has taken so many of a hundred steps."""
    recipe = _recipe(name, "event", EVENTS, {"steps": 100, "passes": 0.0})
    folder = _begun(runs / name, recipe, "nats an event")
    rows: list[Row] = []
    for step in range(10, steps + 1, 10):
        nats = 8.0 - step / 50
        rows.append(_train_row(step, nats))
        if step % 20 == 0:
            rows.append(
                _validation_row(step, 2 * nats) | {"nats_an_event": nats + 0.5, "nats_a_note": 2 * nats}
            )
    return _curved(folder, rows)


def learnt_roll_run(runs: Path, name: str, steps: int = 40, *, done: bool = False) -> Path:
    """A run of another family, whose loss is of steps of a roll; its length is given in passes."""
    recipe = _recipe(name, "roll", ROLLS, {"steps": 0, "passes": 2.5})
    folder = _begun(runs / name, recipe, "nats a step")
    rows: list[Row] = []
    for step in range(10, steps + 1, 10):
        rows += [_train_row(step, 20 - step / 10), _validation_row(step, 21 - step / 10)]
    if done:
        (folder / "outcome.json").write_text(json.dumps(_outcome(20 - steps / 10, steps)))
    return _curved(folder, rows)


def diverged_run(runs: Path, name: str, steps: int = 60, since: int = 40, loss: float = nan) -> Path:
    """A run of the event family whose losses are no numbers since this step."""
    folder = learnt_run(runs, name, steps)
    rows = [json.loads(line) for line in (folder / "curves.jsonl").read_text().splitlines()]
    return _curved(folder, [row | ({"loss": loss} if row["step"] >= since else {}) for row in rows])


def stopped_run(runs: Path, name: str, steps: int, at: int) -> Path:
    """A run that training stopped, for the gradient was no number."""
    folder = learnt_run(runs, name, steps)
    with (folder / "curves.jsonl").open("a") as file:
        file.write(json.dumps({"step": at, "kind": "diverged", "what": "gradient", "value": "nan"}) + "\n")
    return folder


def timed_run(runs: Path, name: str, steps: int, seconds: float) -> Path:
    """A run whose rows say how many rows of music were read since the one before, and in how many seconds."""
    folder = learnt_run(runs, name, steps)
    rows = [json.loads(line) for line in (folder / "curves.jsonl").read_text().splitlines()]
    since = {"rows": 10 * ROWS_A_STEP, "seconds": seconds}
    return _curved(folder, [row | since if row["kind"] == "train" else row for row in rows])


def run_of_before(runs: Path, name: str) -> Path:
    """A run as they were kept when all models were of events:
    other names in its curves, no measure, a model without a kind."""
    recipe = {
        "about": f"what {name} tried",
        "learning": {"steps": 100},
        "model": {"layers": 2, "width": 32},
        "data": {"corpora": ["tiny"]},
    }
    folder = _begun(runs / name, recipe, None)
    rows: list[Row] = []
    for step in (10, 20):
        rows.append(
            {"step": step, "kind": "train", "nats_an_event": 5.0, "rate": 1e-3, "events_a_second": 5e3}
        )
    rows.append({"step": 20, "kind": "validation", "nats_an_event": 5.5, "nats_a_note": 11.0})
    return _curved(folder, rows)


def learnt_experiment(runs: Path, name: str) -> Path:
    """An experiment of three trials: one done, one under way, one not begun."""
    folder = runs / name
    folder.mkdir(parents=True)
    names = ("plain-seed1", "deep-seed1", "deep-seed2")
    recipes = {trial: _recipe(trial, "roll", ROLLS, {"steps": 0, "passes": 2.5}) for trial in names}
    (folder / "experiment.json").write_text(json.dumps(recipes))
    learnt_roll_run(folder, names[0], 40, done=True)
    learnt_roll_run(folder, names[1], 20)
    (folder / "outcomes.json").write_text(json.dumps({names[0]: _outcome(16.0, 40)}))
    return folder


def _recipe(name: str, encoding: str, model: dict[str, Any], learning: dict[str, Any]) -> dict[str, Any]:
    return {
        "about": f"what {name} tries",
        "learning": learning,
        "model": model,
        "data": {"corpora": ["tiny"], "encoding": encoding},
    }


def _begun(folder: Path, recipe: dict[str, Any], measure: str | None) -> Path:
    folder.mkdir(parents=True)
    record = {"recipe": recipe, "data": [DATA], "tier": "ship", "source_commit": "abc"}
    (folder / "run.json").write_text(json.dumps(record | ({"measure": measure} if measure else {})))
    return folder


def _train_row(step: int, loss: float) -> Row:
    return {"step": step, "kind": "train", "loss": loss, "rate": 1e-3, "rows_a_second": 9000.0}


def _validation_row(step: int, loss: float) -> Row:
    return {"step": step, "kind": "validation", "loss": loss, "rows": 400}


def _outcome(loss: float, steps: int) -> dict[str, Any]:
    return {
        "least_loss": loss,
        "last_loss": loss,
        "steps": steps,
        "weights": 12345,
        "rows_a_second": 9000.0,
        "validation": loss + 1,
        "measures": {"test": loss + 1.5},
    }


def _curved(folder: Path, rows: list[Row]) -> Path:
    (folder / "curves.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def judged_report(corpus: Path, path: Path, name: str = "a model", *, answers: bool = True) -> Path:
    """A report on the corpus' train pieces, which have silences enough to make calls from."""
    record = {
        "name": name,
        "hash": "fedcba9876543210",
        "tier": "ship",
        "learnt_from": [DATA],
        "runtime": "rule",
    }
    judged = Judged(record, UniformScorer(), UniformScorer(), Echo if answers else None)
    machine = {"command": f"antiphon evaluate {name}", "date": "2026-01-01", "processor": "an abacus"}
    judge(judged, Corpus(corpus), "train", machine, lambda line: None).save(path)
    return path


def belonging_report(corpus: Path) -> BelongingReport:
    """What is found of answerers that a person can foretell, on a corpus that is made there."""
    phrased_corpus(corpus)
    machine = {"command": "antiphon evaluate a-model --belonging"}
    voices = {"model": Echo(), "rule": Echo(12)}
    sorts = {corpus.stem: [Corpus(corpus)]}
    return judge_belonging(voices, {"name": "a model"}, sorts, "train", machine, lambda line: None, 5)


def alone_report() -> AloneReport:
    """How one who plays a scale and one who plays nothing go on from a call, beside made people."""
    call, scale = OWN_CALLS[0].name, tune([SCALE[place % 8] for place in range(240)], 0.5)
    people = [
        Stretch(
            tune([50 + (number + 7 * place * place) % 31 for place in range(300)], 0.4 + number / 10).notes,
            120.0,
        )
        for number in range(3)
    ]
    found = People.of(people)
    assert found is not None
    voices = {
        "model": [{"call": call} | found.beside(Stretch(scale.notes, 120.0))],
        "rule": [{"call": call}],
    }
    machine = {"command": "antiphon evaluate a-model --alone"}
    return AloneReport(machine, {"name": "a model"}, "test", 2.0, [], asdict(found), voices)


def rows_report(path: Path, name: str = "rolls.onnx", nats: float = 4.25) -> Path:
    """A report on a model of rows of a roll, as `evaluate` keeps it for a file of another family."""
    model = {
        "name": name,
        "run": "rolls",
        "hash": "0123456789abcdef",
        "tier": "ship",
        "family": "roll",
        "precision": "int8",
        "bytes": 2_500_000,
        "encoding": "roll",
        "encoding_fingerprint": "fedcba9876543210",
        "learnt_from": [DATA],
    }
    music = {"corpus": "tiny", "hash": DATA["hash"], "tier": "ship", "licence": "CC0", "split": "test"}
    found = {
        "nats_a_row": nats,
        "standard_error": 0.125,
        "by_part": {"keys": nats - 1, "onsets": 1.0},
        "rows": 1200,
        "pieces": 3,
    }
    machine = {"command": f"antiphon evaluate {name}", "date": "2026-02-02"}
    RowReport(machine, model, music, "step", in_nats=True, likelihood=found).save(path)
    return path
