"""Each page, run as Streamlit runs it: with runs and reports, with none, and with broken files; never an exception."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("streamlit", reason="needs the extra `dashboard`")

from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.places import Places
from tests.support.judged import learnt_experiment, learnt_roll_run, learnt_run

pytestmark = [
    pytest.mark.slow,
    # Streamlit's own, and of what it is made of
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]

PAGES = Path(dashboard.__file__).parent / "views"
NAMES = ("learning", "model", "answers")


def opened(name: str, places: Places, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A page after its first run."""
    page = PAGES / f"{name}.py"
    monkeypatch.setattr(sys, "argv", [str(page), *places.words()])
    return AppTest.from_file(str(page), default_timeout=60).run()


def words_of(page: AppTest) -> str:
    """All text that a page shows."""
    kinds = (page.title, page.subheader, page.markdown, page.caption, page.info, page.warning)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.mark.parametrize("name", NAMES)
def test_with_runs_and_reports_a_page_has_all_its_parts(
    name: str, filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(name, filled, monkeypatch)
    assert not page.exception
    assert not page.warning
    parts = {
        "learning": ["Runs", "Learning", "Held-out pieces", "Learning rate", "Speed"],
        "model": [
            "How likely held-out music is to it",
            "How its answers keep to their calls",
            "What its notes are like",
            "made by rule",
            "weights may be given away freely",
        ],
        "answers": ["Calls and answers", "Lullaby", "All of them"],
    }[name]
    shown = words_of(page) + str([table.value for table in page.dataframe])
    for part in parts:
        assert part in shown or part in str(page.selectbox)


@pytest.mark.parametrize("name", NAMES)
def test_with_nothing_at_all_a_page_says_what_to_do(
    name: str, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.runs.rmdir()
    page = opened(name, places, monkeypatch)
    assert not page.exception
    (told,) = page.info
    assert ("antiphon train" if name == "learning" else "antiphon evaluate") in told.value


def test_with_no_runs_the_default_model_is_shown(filled: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = replace(filled, runs=filled.runs / "none")
    page = opened("learning", nowhere, monkeypatch)
    assert not page.exception
    assert "default.onnx on tiny, train" in words_of(page)
    assert len(page.metric) == 4
    for name in ("model", "answers"):
        page = opened(name, nowhere, monkeypatch)
        assert not page.exception
        assert page.selectbox(key="report").options == ["default.onnx on tiny, train"]


@pytest.mark.parametrize("name", NAMES)
def test_broken_files_are_a_sentence_and_the_rest_is_shown(
    name: str, filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    (filled.runs / "second" / "run.json").write_text("{")
    (filled.runs / "half").mkdir()
    (filled.runs / "first" / "evaluation" / "tiny-train.json").write_text('{"version": 1}')
    page = opened(name, filled, monkeypatch)
    assert not page.exception
    troubles = [told.value for told in page.warning]
    if name == "learning":
        assert len(troubles) == 2
        assert page.multiselect(key="runs").value == ["first"]
    else:
        assert len(troubles) == 1
        assert page.selectbox(key="report").options == ["default.onnx on tiny, train"]


def test_a_run_that_has_not_begun_is_named(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = learnt_run(places.runs, "new")
    (folder / "curves.jsonl").unlink()
    page = opened("learning", places, monkeypatch)
    assert not page.exception
    assert "Not a step told yet: new." in words_of(page)


@pytest.mark.parametrize("name", NAMES)
def test_runs_of_several_families_and_an_experiment_break_no_page(
    name: str, mixed: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(name, mixed, monkeypatch)
    assert not page.exception
    assert not page.warning


def test_runs_of_different_measures_have_charts_of_their_own(
    mixed: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("learning", mixed, monkeypatch)
    assert {head.value for head in page.header} == {
        "Nats an event, encoding event",
        "Nats a step, encoding roll",
    }
    assert [head.value for head in page.subheader].count("Learning") == 2
    table = page.dataframe[0].value.set_index("run")
    assert table.loc["rolls", ["best", "measure"]].tolist() == [17.0, "nats a step"]
    assert table.loc["first", ["best", "measure"]].tolist() == [12.0, "nats a note"]
    page.multiselect(key="runs").set_value(["rolls"]).run()
    assert not page.exception
    assert not page.header


def test_an_experiment_is_shown_as_its_runs_with_a_table_of_what_came_of_them(
    mixed: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("learning", mixed, monkeypatch)
    page.selectbox(key="experiment").set_value("sweep").run()
    assert not page.exception
    points, outcomes, runs = (table.value for table in page.dataframe)
    assert points["what is tried"].tolist() == ["plain", "deep"]
    assert points["seeds done"].tolist() == ["1 of 1", "0 of 2"]
    assert outcomes["run"].tolist() == ["plain-seed1", "deep-seed1", "deep-seed2"]
    assert outcomes["steps"].tolist() == ["40, done", "20, for 2.5 passes", "not begun"]
    assert outcomes["least loss"][0] == 16.0
    assert runs["run"].tolist() == ["plain-seed1", "deep-seed1"]
    assert "1 of 3 runs are done. Losses are nats a step, encoding roll." in words_of(page)
    page.selectbox(key="figure of sweep").set_value("test").run()
    assert not page.exception
    page.multiselect(key="runs of sweep").set_value(["deep-seed1"]).run()
    assert not page.exception
    assert page.dataframe[2].value["run"].tolist() == ["deep-seed1"]


def test_of_an_experiment_a_run_of_each_point_is_chosen_at_first(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = learnt_experiment(places.runs, "sweep")
    learnt_roll_run(folder, "deep-seed2")
    page = opened("learning", places, monkeypatch)
    assert page.multiselect(key="runs of sweep").value == ["plain-seed1", "deep-seed1"]


def test_runs_of_an_experiment_that_can_not_be_compared_have_dots_of_their_own(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = learnt_experiment(places.runs, "sweep")
    outcome = json.loads((folder / "outcomes.json").read_text())["plain-seed1"]
    (folder / "outcomes.json").write_text(json.dumps({"plain-seed1": outcome, "deep-seed1": outcome}))
    told = json.loads((folder / "deep-seed1" / "run.json").read_text())
    told["measure"] = "nats a token"
    (folder / "deep-seed1" / "run.json").write_text(json.dumps(told))
    page = opened("learning", places, monkeypatch)
    assert not page.exception
    words = words_of(page)
    assert "Losses of different measures or encodings can't be compared." in words
    assert "Nats a step, encoding roll" in words
    assert "Nats a token, encoding roll" in words
    assert page.dataframe[0].value["measure"].tolist() == ["nats a step", "nats a token"]


def test_with_an_experiment_alone_it_is_shown_at_once(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = learnt_experiment(places.runs, "sweep")
    page = opened("learning", places, monkeypatch)
    assert not page.exception
    assert page.selectbox(key="experiment").options == ["sweep"]
    for name in ("plain-seed1", "deep-seed1"):
        shutil.rmtree(folder / name)
    (folder / "outcomes.json").unlink()
    page = opened("learning", places, monkeypatch)
    assert not page.exception
    assert "None of its runs has begun yet." in words_of(page)


def test_a_loss_that_is_no_likelihood_is_told_so(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    path = learnt_roll_run(places.runs, "machine") / "run.json"
    assert "no likelihood" not in words_of(opened("learning", places, monkeypatch))
    path.write_text(path.read_text().replace("nats a step", "loss a step"))
    page = opened("learning", places, monkeypatch)
    assert not page.exception
    assert "A loss a step is no likelihood" in words_of(page)


def test_runs_can_be_taken_away_and_the_curves_followed(
    filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("learning", filled, monkeypatch)
    page.multiselect(key="runs").set_value(["second"]).run()
    assert not page.exception
    assert page.dataframe[0].value["run"].tolist() == ["second"]
    page.slider(key="since").set_value(30).run()
    page.toggle(key="follow").set_value(True).run()
    assert not page.exception
    page.multiselect(key="runs").set_value([]).run()
    assert "Choose a run" in words_of(page)


def test_held_out_calls_are_shown_with_how_the_piece_goes_on(
    filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("answers", filled, monkeypatch)
    page.session_state["kind"] = "Held-out pieces"
    page.run()
    assert not page.exception
    assert not page.info
    assert "how the piece really goes on" in page.get("iframe")[0].proto.srcdoc
    page.selectbox(key="call Held-out pieces").select_index(1).run()
    assert not page.exception
    assert "how the piece really goes on" in page.get("iframe")[0].proto.srcdoc


def test_without_the_data_only_the_answer_is_shown_and_the_page_says_so(
    filled: Places, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = opened("answers", replace(filled, corpora=tmp_path / "nowhere"), monkeypatch)
    assert not page.info  # our own calls are carried whole
    page.session_state["kind"] = "Held-out pieces"
    page.run()
    assert not page.exception
    (told,) = page.info
    assert "isn't unpacked here" in told.value


def test_a_model_without_answers_says_why(
    places: Places, report_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = json.loads(report_text)
    told["sections"]["answers"] = {"left_out": "there is no runtime"}
    del told["sections"]["own_calls"]
    folder = places.models / "default.evaluation"
    folder.mkdir()
    (folder / "tiny-train.json").write_text(json.dumps(told))
    page = opened("answers", places, monkeypatch)
    assert not page.exception
    assert "there is no runtime" in page.info[0].value
    page = opened("model", places, monkeypatch)
    assert not page.exception
    assert "Left out: answers: there is no runtime." in words_of(page)


def test_the_frame_opens_on_the_runs(filled: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    app = PAGES.parent / "app.py"
    monkeypatch.setattr(sys, "argv", [str(app), *filled.words()])
    page = AppTest.from_file(str(app), default_timeout=60).run()
    assert not page.exception
    assert page.title[0].value == "Runs"
