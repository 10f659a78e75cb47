"""Runs and reports for the dashboard's tests, made without torch: a folder as `train` leaves it, a report as `evaluate` does."""

import json
from pathlib import Path
from typing import Any

from tests.support.answerers import Echo
from tests.support.scorers import UniformScorer
from training.corpus import Corpus
from training.evaluation.judge import Judged, judge

DATA = {
    "name": "tiny",
    "tier": "ship",
    "licence": "CC0",
    "credit": "made by rule",
    "hash": "0123456789abcdef",
    "pieces": 24,
}


def learnt_run(runs: Path, name: str, steps: int = 60) -> Path:
    """A run that has taken so many of a hundred steps."""
    folder = runs / name
    folder.mkdir(parents=True)
    recipe = {
        "about": f"what {name} tries",
        "learning": {"steps": 100},
        "model": {"layers": 2, "width": 32},
        "data": {"corpora": ["tiny"]},
    }
    told = {"recipe": recipe, "data": [DATA], "tier": "ship", "source_commit": "abc"}
    (folder / "run.json").write_text(json.dumps(told))
    rows: list[dict[str, Any]] = []
    for step in range(10, steps + 1, 10):
        nats = 8.0 - step / 50
        rows.append(
            {"step": step, "kind": "train", "nats_an_event": nats, "rate": 1e-3, "events_a_second": 9000.0}
        )
        if step % 20 == 0:
            rows.append(
                {"step": step, "kind": "validation", "nats_an_event": nats + 0.5, "nats_a_note": 2 * nats}
            )
    (folder / "curves.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def judged_report(corpus: Path, path: Path, name: str = "a model", *, answers: bool = True) -> Path:
    """A report on the corpus' train pieces, which have silences enough to make calls from."""
    told = {
        "name": name,
        "hash": "fedcba9876543210",
        "tier": "ship",
        "learnt_from": [DATA],
        "runtime": "rule",
    }
    judged = Judged(told, UniformScorer(), UniformScorer(), Echo if answers else None)
    machine = {"command": f"antiphon evaluate {name}", "date": "2026-01-01", "processor": "an abacus"}
    judge(judged, Corpus(corpus), "train", machine, lambda line: None).save(path)
    return path
