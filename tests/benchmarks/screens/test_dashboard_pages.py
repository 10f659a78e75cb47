"""The benchmark of the dashboard's pages: each is run on the runs that are asked for."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from antiphon import main
from benchmarks.screens import dashboard_pages
from dashboard.places import Places


@pytest.mark.slow
# Streamlit's own, and of what it is made of
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_every_page_is_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("streamlit", reason="needs the extra `dashboard`")
    assert main(["bench", "dashboard", "--runs", "2", "--rows", "20", "--samples", "3", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["pages"].keys() == {"Runs", "Models", "One model", "Calls and answers"}
    for looks in (*figures["pages"].values(), figures["samples listed"]):
        assert all(seconds > 0 for seconds in looks.values())


def test_no_runs_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "dashboard", "--runs", "0"]) == 2
    assert capsys.readouterr().err == "antiphon: --runs is 1 or more, not 0\n"


def test_runs_are_made_as_they_lie_on_disk(tmp_path: Path) -> None:
    dashboard_pages._make_runs(tmp_path, 2, 25)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run-0000", "run-0001"]
    for folder in tmp_path.iterdir():
        record = json.loads((folder / "run.json").read_text())
        assert record["recipe"]["about"] == f"what {folder.name} tries"
        assert record["recipe"]["learning"]["steps"] == 250
        report = json.loads((folder / "evaluation" / "rolls-test.json").read_text())
        assert report["model"]["name"] == folder.name


def test_the_report_is_otherwise_that_of_the_model_that_antiphon_carries(tmp_path: Path) -> None:
    dashboard_pages._make_runs(tmp_path, 1, 1)
    made = json.loads((tmp_path / "run-0000" / "evaluation" / "rolls-test.json").read_text())
    own = json.loads(dashboard_pages._REPORT.read_text(encoding="utf-8"))
    assert made["sections"] == own["sections"]
    assert made["music"] == own["music"]


def test_a_curve_falls_and_is_measured_every_two_hundred_steps() -> None:
    rows = [json.loads(line) for line in dashboard_pages._curve(60)]
    train = [row for row in rows if row["kind"] == "train"]
    held_out = [row for row in rows if row["kind"] == "validation"]
    assert [row["step"] for row in train] == list(range(10, 601, 10))
    assert [row["step"] for row in held_out] == [200, 400, 600]
    losses = [row["loss"] for row in train]
    assert losses == sorted(losses, reverse=True)
    assert held_out[0]["nats_a_note"] == held_out[0]["loss"]


def test_the_first_look_stands_alone_and_of_the_later_ones_the_median() -> None:
    looks = [(9.0, 5.0), (1.0, 0.1), (3.0, 0.3), (2.0, 0.2)]
    assert dashboard_pages._figures(looks) == {
        "first_look_s": 9.0,
        "next_look_s": 2.0,
        "first_look_cpu_s": 5.0,
        "next_look_cpu_s": 0.2,
    }


class App:
    """Streamlit's page for tests, which does nothing but keep what it was run with."""

    def __init__(self, exception: tuple[SimpleNamespace, ...] = ()) -> None:
        self.exception = exception
        self.words: list[list[str]] = []

    def run(self) -> None:
        self.words.append(list(sys.argv))


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    app = App()
    testing = ModuleType("streamlit.testing.v1")
    testing.AppTest = SimpleNamespace(from_file=lambda path, default_timeout: app)
    for name in ("streamlit", "streamlit.testing"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, "streamlit.testing.v1", testing)
    monkeypatch.setattr(dashboard_pages.logging, "disable", lambda level: None)
    return app


def test_each_look_is_timed_and_the_page_reads_the_places_as_its_command_line(
    app: App, tmp_path: Path
) -> None:
    before = list(sys.argv)
    places = Places(tmp_path / "runs", tmp_path / "corpora")
    looks = dashboard_pages._looks("learning", places, 3)
    assert len(looks) == len(app.words) == 3
    assert all(by_clock >= 0 and cpu >= 0 for by_clock, cpu in looks)
    assert all(words[1:] == places.words() for words in app.words)
    assert Path(app.words[0][0]).name == "learning.py"
    assert sys.argv == before


def test_a_page_that_fails_is_no_figure(app: App, tmp_path: Path) -> None:
    app.exception = (SimpleNamespace(value="no such run"),)
    with pytest.raises(RuntimeError, match="model: no such run"):
        dashboard_pages._looks("model", Places(tmp_path, tmp_path), 1)


def test_the_command_line_is_put_back_whatever_happens() -> None:
    before = sys.argv

    def fail() -> None:
        with dashboard_pages._command_line(["another"]):
            assert sys.argv == ["another"]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert sys.argv is before


def test_every_page_that_is_measured_is_there() -> None:
    for page in dashboard_pages._PAGES.values():
        assert (dashboard_pages._VIEWS / f"{page}.py").is_file()


def test_all_pages_are_looked_at_with_many_runs_after_each_was_with_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[tuple[str, int, int]] = []

    def look(page: str, places: Places, count: int) -> list[tuple[float, float]]:
        looks.append((page, len(list(places.runs.iterdir())), count))
        return [(1.0, 0.5)] * count

    monkeypatch.setattr(dashboard_pages, "_looks", look)
    found = dashboard_pages.run(SimpleNamespace(runs=3, rows=5, samples=7))
    pages = list(dashboard_pages._PAGES.values())
    few, many, samples = looks[: len(pages)], looks[len(pages) : -1], looks[-1]
    assert few == [(page, 1, 1) for page in pages]
    assert many == [(page, 3, 4) for page in pages]
    assert samples == ("answers", 1, 4)
    assert found["samples"] == 7
    assert (found["runs"], found["rows of a curve"]) == (3, 5)
    assert found["pages"].keys() == dashboard_pages._PAGES.keys()
