"""Every page of the dashboard in every state of its folders: nothing, one, many, and broken in each way."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from math import nan
from pathlib import Path

import pytest

pytest.importorskip("streamlit", reason="needs the extra `dashboard`")

from dashboard.places import Places
from tests.support.judged import diverged_run, learnt_experiment, learnt_run, rows_report
from tests.support.pages import PAGES, opened
from tests.support.takes import take_folder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Streamlit's own, and of what it is made of
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]
TITLES = {
    "learning": "Runs",
    "experiments": "Experiments",
    "models": "Models",
    "model": "One model",
    "listening": "Listening",
    "answers": "Calls and answers",
    "hear": "Hear",
    "takes": "Takes",
}


def nothing(places: Places) -> None:
    for folder in (places.runs, places.models, places.takes):
        shutil.rmtree(folder)


def one_run(places: Places) -> None:
    learnt_run(places.runs, "only", 20)


def many(places: Places) -> None:
    for number in range(40):
        learnt_run(places.runs, f"run-{number}", 20)
    learnt_experiment(places.runs, "sweep")
    diverged_run(places.runs, "wild")
    shutil.rmtree(places.takes)
    take_folder(places.takes, takes=12, notes=8)
    for number in range(12):
        rows_report(places.runs / f"run-{number}" / "rolls.evaluation" / "rows" / "tiny-test.json")


def half_written(places: Places) -> None:
    """Every file that a page reads, cut off in its middle."""
    many(places)
    for kind in ("belonging", "alone", "rows"):
        rows_report(places.models / "own.evaluation" / kind / "test.json")
    analysis = places.listening / "test" / "analysis.json"
    analysis.parent.mkdir(parents=True)
    (analysis.parent / "test.json").write_text("{")
    analysis.write_text('{"version": 1, "title": "half')
    for path in [*places.runs.rglob("*.json*"), *places.models.rglob("*.json"), *places.takes.iterdir()]:
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])


def of_another_version(places: Places) -> None:
    learnt_experiment(places.runs, "sweep")
    for path in (
        places.runs / "sweep" / "plain-seed1" / "evaluation" / "tiny-test.json",
        places.models / "own.evaluation" / "rows" / "test.json",
        places.models / "own.evaluation" / "belonging" / "test.json",
        places.models / "own.evaluation" / "alone" / "test.json",
        places.listening / "test" / "test.json",
        places.listening / "test" / "analysis.json",
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"version": 99}')


def without_numbers(places: Places) -> None:
    diverged_run(places.runs, "wild", 60, 0)
    rows_report(places.models / "own.evaluation" / "rows" / "test.json", nats=nan)
    folder = learnt_experiment(places.runs, "sweep")
    outcomes = json.loads((folder / "outcomes.json").read_text())
    outcomes["plain-seed1"]["least_loss"] = outcomes["plain-seed1"]["validation"] = nan
    (folder / "outcomes.json").write_text(json.dumps(outcomes))


def folders_for_files(places: Places) -> None:
    """Folders where files are looked for, and files for folders."""
    for place in ("odd/run.json", "odd/curves.jsonl", "own/experiment.json", "odd/evaluation/x.json"):
        (places.runs / place).mkdir(parents=True)
    (places.models / "own.evaluation" / "rows" / "x.json").mkdir(parents=True)
    (places.models / "m.onnx").mkdir()
    (places.takes / "a.mid").mkdir()
    (places.listening / "test" / "analysis.json").mkdir(parents=True)
    (places.runs / "loop").symlink_to(places.runs / "loop")


def names_that_are_no_text(places: Places) -> None:
    """Bytes that are no text, as old archives and disks leave them in names."""
    many(places)
    try:
        (places.takes / "take-0.mid").rename(places.takes / "caf\udce9.mid")
    except OSError:
        pytest.skip("a file system that takes text alone for names")
    (places.takes / "br\udce9k.mid").write_bytes(b"MThd")
    shutil.copytree(places.runs / "run-0", places.runs / "r\udce9n")
    (places.runs / "run-1" / "m\udce9.onnx").write_bytes(b"x")
    shutil.copytree(places.runs / "sweep", places.runs / "sw\udce9ep")


STATES: tuple[Callable[[Places], None], ...] = (
    nothing,
    one_run,
    many,
    half_written,
    of_another_version,
    without_numbers,
    folders_for_files,
    names_that_are_no_text,
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("name", TITLES)
def test_a_page_is_whole_whatever_lies_in_its_folders(
    name: str,
    state: Callable[[Places], None],
    places: Places,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    places = replace(places, listening=tmp_path / "listening")
    state(places)
    page = opened(name, places, monkeypatch)
    assert not page.exception
    # what can't be shown is in no exception of the page either
    assert "UnicodeEncodeError" not in ascii(capfd.readouterr().err)
    assert page.title[0].value == TITLES[name]


def test_no_page_is_forgotten() -> None:
    pages = {path.stem for path in PAGES.glob("*.py") if "def show(" in path.read_text(encoding="utf-8")}
    assert pages == set(TITLES)
