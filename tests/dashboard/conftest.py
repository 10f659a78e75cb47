"""A corpus and a report that all tests of this room share.

Without the extra `dashboard` none of them is collected.
"""

import importlib.util
from pathlib import Path

import pytest

from dashboard.places import Places

if any(importlib.util.find_spec(name) is None for name in ("streamlit", "altair", "safetensors")):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the corpus `tiny`."""
    from tests.support.corpora import tiny_corpus

    home = tmp_path_factory.mktemp("home")
    tiny_corpus(home)
    return home / "corpora"


@pytest.fixture(scope="session")
def report_text(data: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A whole report, as it is kept."""
    from tests.support.judged import judged_report

    path = tmp_path_factory.mktemp("report") / "tiny-train.json"
    return judged_report(data / "tiny.safetensors", path).read_text()


@pytest.fixture(scope="session")
def belonging_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A whole report on belonging, as it is kept."""
    from tests.support.judged import belonging_report

    return belonging_report(tmp_path_factory.mktemp("phrased") / "phrased.safetensors").json()


@pytest.fixture(scope="session")
def alone_text() -> str:
    """A whole report on playing alone, as it is kept."""
    from tests.support.judged import alone_report

    return alone_report().json()


@pytest.fixture
def places(tmp_path: Path, data: Path) -> Places:
    """Empty folders for runs, for the models that Antiphon carries and for takes, and the corpus."""
    for name in ("runs", "models", "takes"):
        (tmp_path / name).mkdir()
    return Places(tmp_path / "runs", data, tmp_path / "models", tmp_path / "takes")


@pytest.fixture
def filled(places: Places, report_text: str) -> Places:
    """Two runs, one of them judged, and a judged default model."""
    from tests.support.judged import learnt_run

    for name, steps in (("first", 100), ("second", 60)):
        learnt_run(places.runs, name, steps)
    for folder, name in (
        (places.runs / "first" / "evaluation", "first"),
        (places.models / "default.evaluation", "default.onnx"),
    ):
        folder.mkdir()
        (folder / "tiny-train.json").write_text(report_text.replace('"a model"', f'"{name}"'))
    return places


@pytest.fixture
def mixed(filled: Places) -> Places:
    """Beside those, a run of another family, one of long ago, and an experiment."""
    from tests.support.judged import learnt_experiment, learnt_roll_run, run_of_before

    learnt_roll_run(filled.runs, "rolls", done=True)
    run_of_before(filled.runs, "before")
    learnt_experiment(filled.runs, "sweep")
    return filled
