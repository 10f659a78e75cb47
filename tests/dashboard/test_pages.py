"""Each page, run as Streamlit runs it: with runs and reports, with none, with broken files; no exception."""

import json
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("streamlit", reason="needs the extra `dashboard`")

from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.places import Places
from evaluation.answering.agreement import MEASURES, PLAYERS
from evaluation.belonging.voices import RIVALS, VOICES
from tests.support.judged import diverged_run, learnt_experiment, learnt_roll_run, learnt_run, stopped_run
from tests.support.waiting import PATIENCE_S

pytestmark = [
    pytest.mark.slow,
    # Streamlit's own, and of what it is made of
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]

PAGES = Path(dashboard.__file__).parent / "views"
NAMES = ("learning", "model", "answers")


def opened(name: str, places: Places, monkeypatch: pytest.MonkeyPatch, **address: str | list[str]) -> AppTest:
    """A page after its first run; `address` is what its address says."""
    path = PAGES / f"{name}.py"
    monkeypatch.setattr(sys, "argv", [str(path), *places.words()])
    page = AppTest.from_file(str(path), default_timeout=PATIENCE_S)
    for word, values in address.items():
        page.query_params[word] = values
    return page.run()


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
    (message,) = page.info
    assert ("antiphon train" if name == "learning" else "antiphon evaluate") in message.value


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
    troubles = [message.value for message in page.warning]
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
    assert "No step recorded yet: new." in words_of(page)


def test_a_diverged_run_is_shown_and_says_at_which_step(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    diverged_run(places.runs, "wild", 60, 40)
    page = opened("learning", places, monkeypatch)
    assert not page.exception
    (message,) = page.warning
    assert "**wild** diverged at step 40" in message.value
    assert page.dataframe[0].value["steps"].tolist() == ["60, diverged at 40"]
    assert "Learning" in words_of(page)


def test_a_run_that_diverged_before_its_first_measurement_says_so(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped_run(places.runs, "steep", 0, 3)
    page = opened("learning", places, monkeypatch)
    assert not page.exception
    (message,) = page.warning
    assert "**steep** diverged at step 3" in message.value
    assert "no curve before that" in message.value
    assert "No step recorded yet" not in words_of(page)


def test_of_an_experiment_diverged_runs_are_counted(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = learnt_experiment(places.runs, "sweep")
    shutil.rmtree(folder / "deep-seed1")
    stopped_run(folder, "deep-seed1", 20, 23)
    page = opened("learning", places, monkeypatch)
    assert not page.exception
    points, outcomes = (page.dataframe[place].value for place in (0, 1))
    assert points["seeds done"].tolist() == ["1 of 1", "0 of 2, 1 diverged"]
    assert outcomes["steps"].tolist() == ["40, done", "20, diverged at 23", "not begun"]


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
    record = json.loads((folder / "deep-seed1" / "run.json").read_text())
    record["measure"] = "nats a token"
    (folder / "deep-seed1" / "run.json").write_text(json.dumps(record))
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


def test_a_loss_that_is_no_likelihood_is_named_so(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
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


def address_of(page: AppTest) -> dict[str, list[str]]:
    """What the address says of choices."""
    said = {name: page.query_params[name] for name in page.query_params}
    return {name: [value] if isinstance(value, str) else list(value) for name, value in said.items()}


def test_what_is_chosen_stands_in_the_address_unless_it_would_be_chosen_anyway(
    mixed: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("learning", mixed, monkeypatch)
    assert address_of(page) == {}
    at_first = page.multiselect(key="runs").value
    page.multiselect(key="runs").set_value(["second", "before"]).run()
    page.slider(key="since").set_value(10).run()
    page.toggle(key="follow").set_value(True).run()
    assert address_of(page) == {"runs": ["second", "before"], "since": ["10"], "follow": ["on"]}
    page.multiselect(key="runs").set_value([]).run()
    assert address_of(page) == {"runs": [""], "since": ["10"], "follow": ["on"]}
    page.multiselect(key="runs").set_value(at_first).run()
    page.toggle(key="follow").set_value(False).run()
    page.slider(key="since").set_value(0).run()
    assert address_of(page) == {}
    page.selectbox(key="experiment").set_value("sweep").run()
    page.selectbox(key="figure of sweep").set_value("test").run()
    assert address_of(page) == {"experiment": ["sweep"], "figure of sweep": ["test"]}


def test_an_address_opens_on_what_it_says(mixed: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"experiment": "sweep", "runs of sweep": ["deep-seed1"], "since": "5", "figure of sweep": "test"}
    page = opened("learning", mixed, monkeypatch, **said)
    assert not page.exception
    assert page.multiselect(key="runs of sweep").value == ["deep-seed1"]
    assert page.slider(key="since").value == 5
    assert page.selectbox(key="figure of sweep").value == "test"
    page = opened("model", mixed, monkeypatch, report="first/evaluation/tiny-train.json")
    assert page.selectbox(key="report").value == "first/evaluation/tiny-train.json"
    said = {"kind": "Held-out pieces", "call Held-out pieces": page_of_second_call(mixed, monkeypatch)}
    page = opened("answers", mixed, monkeypatch, **said)
    assert not page.exception
    assert page.selectbox(key="call Held-out pieces").value == said["call Held-out pieces"]


def page_of_second_call(places: Places, monkeypatch: pytest.MonkeyPatch) -> str:
    page = opened("answers", places, monkeypatch, kind="Held-out pieces")
    page.selectbox(key="call Held-out pieces").select_index(1).run()
    (name,) = address_of(page)["call Held-out pieces"]
    return name


NONSENSE = {
    "runs": ["nobody", "<script>"],
    "experiment": "none",
    "since": "-3",
    "follow": "perhaps",
    "report": "../../etc/passwd",
    "kind": "",
    "call Our own calls": "a call that isn't",
    "unknown": "1",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("since", ["-3", "9" * 5000, "nan", "99999"])
def test_an_address_that_says_what_can_not_be_opens_as_if_it_said_nothing(
    name: str, since: str, mixed: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(name, mixed, monkeypatch, **(NONSENSE | {"since": since}))
    assert not page.exception
    if name == "learning":
        assert len(page.multiselect(key="runs").value) == 4
    else:
        assert page.selectbox(key="report").index == 0


def test_what_was_chosen_on_another_page_stays_in_the_address(
    mixed: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("model", mixed, monkeypatch, runs=["second"])
    page.selectbox(key="report").set_value("first/evaluation/tiny-train.json").run()
    assert address_of(page)["runs"] == ["second"]


def test_a_run_that_begins_is_shown_with_those_that_were_nobodys_choice(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt_run(places.runs, "one")
    page = opened("learning", places, monkeypatch)
    learnt_run(places.runs, "two")
    page.run()
    assert set(page.multiselect(key="runs").value) == {"one", "two"}
    page.multiselect(key="runs").set_value(["one"]).run()
    learnt_run(places.runs, "three")
    page.run()
    assert page.multiselect(key="runs").value == ["one"]
    shutil.rmtree(places.runs / "one")
    page.run()
    assert not page.exception
    assert set(page.multiselect(key="runs").value) == {"two", "three"}


def test_the_report_that_is_shown_at_first_is_one_that_can_be_read(
    filled: Places, report_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled.runs / "first" / "evaluation" / "tiny-train.json"
    path.write_text(report_text.replace('"carried"', '"lost"'))
    page = opened("model", filled, monkeypatch)
    assert page.selectbox(key="report").value == "default.evaluation/tiny-train.json"
    assert not page.warning
    page.selectbox(key="report").set_value("first/evaluation/tiny-train.json").run()
    assert not page.exception
    (message,) = page.warning
    assert "something missing" in message.value


def test_every_measure_of_answers_has_its_columns_and_its_figure(
    filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("model", filled, monkeypatch)
    table = page.dataframe[0].value.set_index("")
    assert list(table.index) == list(PLAYERS.values())
    assert list(table.columns) == ["answers", *(title for one in MEASURES for title in one.columns.values())]
    assert table.loc["the model"]["semitones up"] == "+0.0"
    page = opened("answers", filled, monkeypatch)
    assert [metric.label for metric in page.metric] == [measure.title for measure in MEASURES]
    assert all(metric.value != "–" for metric in page.metric)


def test_a_report_on_belonging_is_shown_with_the_model_that_it_is_of(
    filled: Places, belonging_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = opened("model", filled, monkeypatch)
    assert "Whether its answers belong" not in words_of(before)
    folder = filled.models / "default.evaluation" / "belonging"
    folder.mkdir()
    (folder / "train.json").write_text(belonging_text)
    (folder / "validation.json").write_text("{")
    page = opened("model", filled, monkeypatch, report="default.evaluation/tiny-train.json")
    assert not page.exception
    assert "Whether its answers belong to their calls, train pieces" in words_of(page)
    (trouble,) = page.warning
    assert "validation.json: no whole report" in trouble.value
    assert [tab.label for tab in page.tabs] == ["phrased", "our own calls"]
    nearer, faults, measures = (table.value for table in page.tabs[0].dataframe)
    assert list(nearer.columns[1:]) == list(RIVALS.values())
    assert list(faults.iloc[:, 0]) == list(VOICES.values())
    assert measures.set_index("beside the call").loc["an echo", "pulse"] == "1.00"


def test_of_a_report_that_is_older_than_a_measure_the_others_are_shown(
    filled: Places, report_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled.runs / "first" / "evaluation" / "tiny-train.json"
    path.write_text(re.sub(r'"register(_off_by)?"', r'"another\1"', report_text))
    page = opened("model", filled, monkeypatch, report=["first/evaluation/tiny-train.json"])
    assert set(page.dataframe[0].value["semitones up"]) == {"–"}
    assert "–" not in set(page.dataframe[0].value["density ratio, off by"])


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
    (message,) = page.info
    assert "isn't unpacked here" in message.value


def test_a_model_without_answers_says_why(
    places: Places, report_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = json.loads(report_text)
    record["sections"]["answers"] = {"left_out": "there is no runtime"}
    del record["sections"]["own_calls"]
    folder = places.models / "default.evaluation"
    folder.mkdir()
    (folder / "tiny-train.json").write_text(json.dumps(record))
    page = opened("answers", places, monkeypatch)
    assert not page.exception
    assert "there is no runtime" in page.info[0].value
    page = opened("model", places, monkeypatch)
    assert not page.exception
    assert "Left out: answers: there is no runtime." in words_of(page)


def test_the_frame_opens_on_the_runs(filled: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    app = PAGES.parent / "app.py"
    monkeypatch.setattr(sys, "argv", [str(app), *filled.words()])
    page = AppTest.from_file(str(app), default_timeout=PATIENCE_S).run()
    assert not page.exception
    assert page.title[0].value == "Runs"
