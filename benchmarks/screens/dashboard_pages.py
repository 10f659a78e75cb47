"""How long the dashboard's pages take with many judged runs: the first look, and each one after it.

Pages are run as Streamlit runs them, without a browser. Knows how runs and reports lie on disk: the curves
are made by rule, the report is that of the model that Antiphon carries, once for each run. What is imported
once is imported beforehand.
"""

import argparse
import json
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import dashboard
from dashboard.places import DEFAULT_MODELS, Places
from evaluation.kept_report import laid_out, save_text

_REPORT = DEFAULT_MODELS / "default.evaluation" / "rolls-test.json"
_VIEWS = Path(dashboard.__file__).parent / "views"
_PAGES = {"Runs": "learning", "Models": "models", "One model": "model", "Calls and answers": "answers"}
_LOOKS_AFTER = 3
_PATIENCE_S = 600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--runs", type=int, default=200, help="judged runs (default: %(default)s)")
    parser.add_argument(
        "--rows", type=int, default=1000, help="rows of each run's curve (default: %(default)s)"
    )
    parser.add_argument(
        "--samples", type=int, default=10_000, help="answers in one report (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        few, many, samples = (_places(home / name) for name in ("few", "many", "samples"))
        _make_runs(few.runs, 1, args.rows)
        _make_runs(many.runs, args.runs, args.rows)
        for page in _PAGES.values():
            _looks(page, few, 1)
        return {
            "runs": args.runs,
            "rows of a curve": args.rows,
            "bytes of a report": _REPORT.stat().st_size,
            "pages": {
                title: _figures(_looks(page, many, 1 + _LOOKS_AFTER)) for title, page in _PAGES.items()
            },
            "samples": args.samples,
            "samples listed": _figures(_looks("answers", _sampled(samples, args.samples), 1 + _LOOKS_AFTER)),
        }


def _places(folder: Path) -> Places:
    """With runs alone, and none of the models that Antiphon carries."""
    return Places(folder, folder / "no corpora", folder / "no models", folder / "no takes")


def _sampled(places: Places, count: int) -> Places:
    """One judged run, which has answered so many of our own calls."""
    _make_runs(places.runs, 1, 1)
    path = places.runs / "run-0000" / "evaluation" / _REPORT.name
    report = json.loads(path.read_text(encoding="utf-8"))
    answered = report["sections"]["own_calls"]
    report["sections"]["own_calls"] = [
        answered[number % len(answered)] | {"name": f"sample {number}"} for number in range(count)
    ]
    save_text(laid_out(report), path)  # as `evaluate` does
    return places


def _figures(looks: list[tuple[float, float]]) -> dict[str, float]:
    """By the clock, and of the processor's time, which a busy machine lengthens less."""
    (first_s, first_cpu_s), *later = looks
    return {
        "first_look_s": first_s,
        "next_look_s": median(by_clock_s for by_clock_s, _ in later),
        "first_look_cpu_s": first_cpu_s,
        "next_look_cpu_s": median(cpu_s for _, cpu_s in later),
    }


def _looks(page: str, places: Places, count: int) -> list[tuple[float, float]]:
    """The seconds of each look at a page, one after the other in one session: clock and processor time."""
    from streamlit.testing.v1 import AppTest

    logging.disable(logging.WARNING)  # Streamlit's, that no browser is there
    path, looks = _VIEWS / f"{page}.py", []
    with _command_line([str(path), *places.words()]):
        shown = AppTest.from_file(str(path), default_timeout=_PATIENCE_S)
        for _ in range(count):
            began, began_cpu = time.perf_counter(), time.process_time()
            shown.run()
            looks.append((time.perf_counter() - began, time.process_time() - began_cpu))
    if shown.exception:
        raise RuntimeError(f"{page}: {shown.exception[0].value}")
    return looks


@contextmanager
def _command_line(words: list[str]) -> Iterator[None]:
    """What a page takes for its own."""
    before, sys.argv = sys.argv, words
    try:
        yield
    finally:
        sys.argv = before


def _make_runs(runs: Path, count: int, rows: int) -> None:
    text = _REPORT.read_text(encoding="utf-8")
    judged_name = json.dumps(json.loads(text)["model"]["name"])
    for number in range(count):
        folder = runs / f"run-{number:04}"
        (folder / "evaluation").mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps(_record(folder.name, 10 * rows)))
        (folder / "curves.jsonl").write_text("".join(_curve(rows)))
        judged = text.replace(judged_name, json.dumps(folder.name))
        (folder / "evaluation" / _REPORT.name).write_text(judged, encoding="utf-8")


def _record(name: str, steps: int) -> dict[str, Any]:
    recipe = {
        "about": f"what {name} tries",
        "learning": {"steps": steps, "passes": 0.0},
        "model": {"kind": "event", "trunk": {"kind": "lstm", "layers": 2, "width": 512}},
        "data": {"corpora": ["made"], "encoding": "event"},
    }
    return {"recipe": recipe, "data": [{"name": "made"}], "tier": "own", "measure": "nats an event"}


def _curve(rows: int) -> Iterator[str]:
    for step in range(10, 10 * rows + 1, 10):
        loss = 4 + 4 / (1 + step / 500)
        row = {"step": step, "kind": "train", "loss": loss, "rate": 1e-3, "rows_a_second": 9000 + step / 7}
        yield json.dumps(row) + "\n"
        if step % 200 == 0:
            held_out = {"loss": 2 * loss, "nats_an_event": loss, "nats_a_note": 2 * loss, "rows": 40000}
            yield json.dumps({"step": step, "kind": "validation"} | held_out) + "\n"
