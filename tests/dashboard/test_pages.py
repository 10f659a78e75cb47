"""Each page, run as Streamlit runs it: with runs and reports, with none, with broken files; no exception."""

import json
import os
import re
import shutil
import sys
import time
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("streamlit", reason="needs the extra `dashboard`")

from streamlit.testing.v1 import AppTest

from dashboard.charts import loss_curves, train_curves
from dashboard.comparing.remarks import Remarks, keep, remarks_on
from dashboard.places import Places
from dashboard.runs import find_runs
from dashboard.views.drawing import rows_behind
from evaluation.answering.agreement import MEASURES, PLAYERS
from evaluation.belonging.voices import RIVALS, VOICES
from tests.support.judged import (
    diverged_run,
    learnt_experiment,
    learnt_roll_run,
    learnt_run,
    rows_report,
    stopped_run,
    timed_run,
)
from tests.support.pages import PAGES, address_of, opened, tick, ticked, words_of
from tests.support.waiting import PATIENCE_S

pytestmark = [
    pytest.mark.slow,
    # Streamlit's own, and of what it is made of
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]

NAMES = ("learning", "models", "model", "answers")


@pytest.mark.parametrize("name", NAMES)
def test_with_runs_and_reports_a_page_has_all_its_parts(
    name: str, filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(name, filled, monkeypatch)
    assert not page.exception
    assert not page.warning
    parts = {
        "learning": [
            "Runs",
            "Learning",
            "Held-out pieces",
            "Learning rate",
            "Speed",
        ],
        "models": ["Models", "first", "default.onnx", "tiny, train"],
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
        assert ticked(page, "runs", "run") == ["first"]
    elif name == "models":
        assert len(troubles) == 1
        assert list(page.dataframe[0].value["model"]) == ["default.onnx"]
    else:
        assert len(troubles) == 1
        assert page.selectbox(key="report").options == ["default.onnx on tiny, train"]


@pytest.mark.parametrize("name", NAMES)
def test_no_kind_of_file_breaks_a_page(name: str, filled: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders and links where files are looked for, and JSON that no program writes."""
    evaluation = filled.runs / "first" / "evaluation"
    (evaluation / "deep.json").write_text("[" * 100_000)
    (evaluation / "bytes.json").write_bytes(bytes(range(256)))
    for folder in (
        evaluation / "folder.json",
        filled.runs / "odd" / "run.json",
        filled.runs / "odd" / "m.onnx",
    ):
        folder.mkdir(parents=True)
    (filled.runs / "second" / "charts.json").write_text("[" * 100_000)
    (filled.runs / "loop").symlink_to(filled.runs / "loop")
    page = opened(name, filled, monkeypatch)
    assert not page.exception
    assert 1 <= len(page.warning) <= 4


def without_numbers(value: Any) -> Any:
    """The same with NaN for every real number."""
    if isinstance(value, dict):
        return {name: without_numbers(one) for name, one in value.items()}
    if isinstance(value, list):
        return [without_numbers(one) for one in value]
    return nan if isinstance(value, float) else value


@pytest.mark.parametrize("name", NAMES)
def test_where_no_figure_is_a_number_pages_are_whole(
    name: str, filled: Places, belonging_text: str, alone_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation = filled.runs / "first" / "evaluation"
    report = json.loads((evaluation / "tiny-train.json").read_text())
    notes = {part: report["sections"][part] for part in ("answers", "own_calls")}
    report = without_numbers(report)
    report["sections"] |= notes  # what is no note would be no report
    (evaluation / "tiny-train.json").write_text(json.dumps(report))
    for kind, text in (("belonging", belonging_text), ("alone", alone_text)):
        (evaluation / kind).mkdir()
        (evaluation / kind / "test.json").write_text(json.dumps(without_numbers(json.loads(text))))
    curves = filled.runs / "second" / "curves.jsonl"
    rows = [json.loads(line) for line in curves.read_text().splitlines()]
    curves.write_text("".join(json.dumps(without_numbers(row)) + "\n" for row in rows))
    both = ["first/evaluation/tiny-train.json", "default.evaluation/tiny-train.json"]
    page = opened(name, filled, monkeypatch, beside=both, report=both[0], runs=["second"])
    assert not page.exception
    assert page.title


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
    assert page.dataframe[0].value["state"].tolist() == ["diverged at 40"]
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
    with (folder / "deep-seed1" / "curves.jsonl").open("a") as curves:
        curves.write(json.dumps({"step": 23, "kind": "diverged", "what": "gradient", "value": "nan"}) + "\n")
    page = opened("experiments", places, monkeypatch)
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
    assert table["best, nats a step"].dropna().to_dict() == {"rolls": 17.0}
    assert table.loc["first", "best, nats a note"] == 12.0
    tick(page, "runs", "run", ["rolls"])
    assert not page.exception
    assert not page.header


def test_an_experiment_is_shown_as_its_runs_with_a_table_of_what_came_of_them(
    mixed: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("experiments", mixed, monkeypatch)
    assert not page.exception
    points, outcomes = (table.value for table in page.dataframe)
    assert points["what is tried"].tolist() == ["plain", "deep"]
    assert points["seeds done"].tolist() == ["1 of 1", "0 of 2"]
    assert outcomes["run"].tolist() == ["plain-seed1", "deep-seed1", "deep-seed2"]
    assert outcomes["steps"].tolist() == ["40, done", "20, for 2.5 passes", "not begun"]
    assert outcomes["least loss"][0] == 16.0
    assert "1 of 3 runs are done." in words_of(page)
    assert "Nats a step, encoding roll" in words_of(page)
    page.selectbox(key="figure of sweep").set_value("test").run()
    assert not page.exception
    page = opened("learning", mixed, monkeypatch, experiment="sweep")
    assert page.dataframe[0].value["run"].tolist() == ["plain-seed1", "deep-seed1"]
    tick(page, "runs of sweep", "run", ["deep-seed1"])
    assert not page.exception
    assert address_of(page)["runs of sweep"] == ["deep-seed1"]


def test_why_a_figure_is_missing_and_how_certain_others_are_stands_on_the_page(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = learnt_experiment(places.runs, "sweep") / "outcomes.json"
    outcomes = json.loads(path.read_text())
    said = {"ranges": {"closes": [0.4, 0.6]}, "not_defined": {"minor": "no note sounds"}}
    outcomes["plain-seed1"] |= said | {"measures": {"closes": 0.5}}
    path.write_text(json.dumps(outcomes))
    page = opened("experiments", places, monkeypatch)
    assert not page.exception
    ranges, missing = (page.dataframe[place].value for place in (2, 3))
    assert ranges[["figure", "value", "from", "to"]].to_dict("records") == [
        {"figure": "closes", "value": 0.5, "from": 0.4, "to": 0.6}
    ]
    assert missing["not defined because"].tolist() == ["no note sounds"]


@pytest.mark.parametrize(("share", "warns"), [(0.25, True), (0.01, False)])
def test_the_share_that_a_run_can_not_know_stands_beside_its_held_out_loss(
    share: float, warns: bool, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = learnt_run(places.runs, "chords", 20)
    row = {"step": 21, "kind": "validation", "loss": 3.0, "rows": 400, "unknown": share}
    with (folder / "curves.jsonl").open("a") as curves:
        curves.write(json.dumps(row) + "\n")
    page = opened("learning", places, monkeypatch)
    assert not page.exception
    words = [one.value for one in (page.warning if warns else page.caption)]
    assert any(f"chords: {share:.1%} of the held-out rows are unknown" in word for word in words)
    assert bool(page.warning) == warns


def test_of_an_experiment_a_run_of_each_point_is_chosen_at_first(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = learnt_experiment(places.runs, "sweep")
    learnt_roll_run(folder, "deep-seed2")
    page = opened("learning", places, monkeypatch)
    assert ticked(page, "runs of sweep", "run") == ["plain-seed1", "deep-seed1"]


def test_runs_of_an_experiment_that_can_not_be_compared_have_dots_of_their_own(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = learnt_experiment(places.runs, "sweep")
    outcome = json.loads((folder / "outcomes.json").read_text())["plain-seed1"]
    (folder / "outcomes.json").write_text(json.dumps({"plain-seed1": outcome, "deep-seed1": outcome}))
    record = json.loads((folder / "deep-seed1" / "run.json").read_text())
    record["measure"] = "nats a token"
    (folder / "deep-seed1" / "run.json").write_text(json.dumps(record))
    page = opened("experiments", places, monkeypatch)
    assert not page.exception
    words = words_of(page)
    assert "Losses of different measures or encodings can't be compared" in words
    assert "Nats a step, encoding roll" in words
    assert "Nats a token, encoding roll" in words
    tables = [
        table.value for table in page.dataframe if "what is tried" in table.value or len(table.value) == 1
    ]
    assert all("plain-seed1" not in str(table) or "deep-seed1" not in str(table) for table in tables)


def test_without_an_experiment_the_page_says_how_to_carry_one_out(
    filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("experiments", filled, monkeypatch)
    assert not page.exception
    assert "antiphon train a4-memory" in page.info[0].value


def test_an_experiments_charts_are_those_that_are_drawn(
    mixed: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = mixed.runs / "sweep"
    (folder / "plain-seed1" / "pictures").mkdir()
    (folder / "plain-seed1" / "pictures" / "embeddings.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"></svg>'
    )
    recipes = json.loads((folder / "experiment.json").read_text())
    for recipe in recipes.values():
        recipe["data"]["most_rows"] = 40
    (folder / "experiment.json").write_text(json.dumps(recipes))
    page = opened("experiments", mixed, monkeypatch)
    assert not page.exception
    labels = [getattr(expander, "label", "") for expander in page.expander]
    assert {"Pictures of plain-seed1", "Pictures of deep-seed1"} <= set(labels)
    saved = {button.label for button in page.get("download_button")}
    assert "least-loss.svg" in saved
    assert not {"embeddings.svg", "learning.svg"} & saved  # drawn once somebody opens them
    page.session_state["pictures of plain-seed1"] = True
    page = page.run()
    assert not page.exception
    assert {"embeddings.svg", "learning.svg"} <= {one.label for one in page.get("download_button")}


def test_each_class_of_a_run_has_its_figures_where_the_run_kept_them(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = learnt_experiment(places.runs, "sweep")
    outcomes = json.loads((folder / "outcomes.json").read_text())
    (name,) = outcomes
    scores = {f"{music}_{of}": 0.5 for music in ("learnt", "unseen") for of in ("precision", "recall", "f1")}
    outcomes[name]["measures"] = scores
    (folder / "outcomes.json").write_text(json.dumps(outcomes))
    page = opened("experiments", places, monkeypatch)
    assert "averages alone" in words_of(page)
    counts = {"symbols": ["on 60", "off 60"], "there": [9, 1], "said": [10, 0], "right": [9, 0]}
    kept = folder / name / "charts.json"
    kept.write_text(json.dumps({"classes": {"learnt": counts, "unseen": counts}}))
    page = opened("experiments", places, monkeypatch)
    assert not page.exception
    tables = [table.value for table in page.dataframe if "F1" in table.value]
    assert [list(table["symbol"]) for table in tables] == [["on 60", "off 60"]] * 2
    kept.write_text(json.dumps({"classes": {"learnt": {"symbols": 3}}}))
    page = opened("experiments", places, monkeypatch)
    assert not page.exception
    assert "damaged" in words_of(page)


WAYS_TO_BREAK = {
    "empty record": ("run.json", ""),
    "no table": ("run.json", "[]"),
    "half a record": ("run.json", '{"recipe": {"data": {}'),
    "without a recipe": ("run.json", '{"data": [], "tier": "own"}'),
    "curves that are none": ("curves.jsonl", "no curve\n"),
    "a step that is no number": ("curves.jsonl", '{"step": NaN, "kind": "train", "loss": 1}\n'),
    "a step beyond counting": ("curves.jsonl", '{"step": 1e308, "kind": "validation", "loss": 1}\n'),
    "a loss that is a word": (
        "curves.jsonl",
        '{"step": 1, "kind": "train", "loss": "low", "rate": 1, "rows_a_second": 1}\n',
    ),
    "a list for a row": ("curves.jsonl", "[]\n"),
    "half an outcome": ("outcome.json", '{"least_loss": 1}'),
    "remarks that are none": ("remarks.json", "{"),
}


@pytest.mark.parametrize("way", WAYS_TO_BREAK)
def test_a_run_that_is_broken_in_any_way_is_a_sentence_and_the_others_are_shown(
    way: str, filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, text = WAYS_TO_BREAK[way]
    (filled.runs / "second" / name).write_text(text)
    page = opened("learning", filled, monkeypatch)
    assert not page.exception
    assert len(page.warning) == 1
    assert str(filled.runs / "second") in page.warning[0].value
    assert "first" in list(page.dataframe[0].value["run"])


def test_tags_and_a_note_are_kept_beside_the_run_and_runs_found_by_them(
    filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("learning", filled, monkeypatch, runs="second")
    page.text_input(key="tags of second").set_value("good, too loud")
    page.text_area(key="note on second").set_value("Its basses wander.")
    page.button(key="keep remarks on second").click().run()
    assert not page.exception
    assert remarks_on(filled.runs / "second") == Remarks(("good", "too loud"), "Its basses wander.")
    page = opened("learning", filled, monkeypatch, tag="good")
    assert page.dataframe[0].value["run"].tolist() == ["second"]
    assert list(page.dataframe[0].value["tags"][0]) == ["good", "too loud"]


def test_a_note_that_somebody_else_changed_meanwhile_is_not_written_over(
    filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("learning", filled, monkeypatch, runs="second")
    theirs = Remarks((), "theirs")
    keep(filled.runs / "second", theirs, Remarks())
    page.text_area(key="note on second").set_value("ours")
    page.button(key="keep remarks on second").click().run()
    assert not page.exception
    assert "changed meanwhile" in page.warning[0].value
    assert remarks_on(filled.runs / "second") == theirs


def test_curves_go_across_rows_read_and_up_in_powers(filled: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    timed_run(filled.runs, "timed", 60, seconds=30.0)
    page = opened("learning", filled, monkeypatch, across="rows read", up="logarithmic")
    assert not page.exception
    assert "so they are left out: " in words_of(page)
    assert "timed" not in words_of(page).partition("left out: ")[2]
    assert page.toggle(key="follow").value  # as long as one of them is alive


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
    tick(page, "runs", "run", ["second"])
    assert not page.exception
    page.slider(key="since").set_value(30).run()
    page.toggle(key="follow").set_value(True).run()
    assert not page.exception
    tick(page, "runs", "run", [])
    assert "Tick a run" in words_of(page)


def test_what_is_chosen_stands_in_the_address_unless_it_would_be_chosen_anyway(
    mixed: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("learning", mixed, monkeypatch)
    assert address_of(page) == {}
    at_first = ticked(page, "runs", "run")
    tick(page, "runs", "run", ["second", "before"])
    page.slider(key="since").set_value(10).run()
    page.toggle(key="follow").set_value(False).run()
    assert address_of(page) == {"runs": ["second", "before"], "since": ["10"], "follow": ["off"]}
    tick(page, "runs", "run", [])
    assert address_of(page) == {"runs": [""], "since": ["10"], "follow": ["off"]}
    tick(page, "runs", "run", at_first)
    page.toggle(key="follow").set_value(True).run()
    page.slider(key="since").set_value(0).run()
    assert address_of(page) == {}
    page.selectbox(key="experiment").set_value("sweep").run()
    assert address_of(page) == {"experiment": ["sweep"]}
    page = opened("experiments", mixed, monkeypatch)
    page.selectbox(key="figure of sweep").set_value("test").run()
    assert address_of(page) == {"figure of sweep": ["test"]}


def test_an_address_opens_on_what_it_says(mixed: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"experiment": "sweep", "runs of sweep": ["deep-seed1"], "since": "5", "figure of sweep": "test"}
    page = opened("learning", mixed, monkeypatch, **said)
    assert not page.exception
    assert ticked(page, "runs of sweep", "run") == ["deep-seed1"]
    assert page.slider(key="since").value == 5
    page = opened("experiments", mixed, monkeypatch, **said)
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
        assert len(ticked(page, "runs", "run")) == 4
    elif name == "models":
        assert "Tick two or more" in words_of(page)
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
    assert set(ticked(page, "runs", "run")) == {"one", "two"}
    tick(page, "runs", "run", ["one"])
    learnt_run(places.runs, "three")
    page.run()
    assert ticked(page, "runs", "run") == ["one"]
    shutil.rmtree(places.runs / "one")
    page.run()
    assert not page.exception
    assert set(ticked(page, "runs", "run")) == {"two", "three"}


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


def test_a_report_on_playing_alone_is_shown_with_its_model_and_in_the_table_of_all(
    filled: Places, alone_text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = filled.models / "default.evaluation" / "alone"
    folder.mkdir()
    (folder / "test.json").write_text(alone_text)
    page = opened("model", filled, monkeypatch, report="default.evaluation/tiny-train.json")
    assert not page.exception
    assert "How it plays by itself, beside people's test pieces" in words_of(page)
    page = opened("models", filled, monkeypatch)
    table = page.dataframe[0].value.set_index("model")
    assert 0 <= table.loc["default.onnx", "alone like people %"] <= 100
    (folder / "test.json").write_text("{")
    for name in ("model", "models"):
        page = opened(name, filled, monkeypatch, report="default.evaluation/tiny-train.json")
        assert not page.exception
        assert "no whole report on playing alone" in page.warning[0].value


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


def test_pictures_that_a_run_kept_are_shown_and_damaged_ones_are_a_sentence(
    filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [path.parent for path in sorted(filled.runs.glob("*/run.json"))]
    kept = folders[0] / "charts.json"
    rolls = {"by_heart": {"wanted": [[0, 1, 60]], "rebuilt": []}}
    try:
        kept.write_text(json.dumps(rolls))
        page = opened("learning", filled, monkeypatch, runs=[folders[0].name])
        assert not page.exception
        assert f"Pictures of {folders[0].name}" in [expander.label for expander in page.expander]
        kept.write_text("{")
        page = opened("learning", filled, monkeypatch, runs=[folders[0].name])
        assert not page.exception
        assert "damaged, so it can't be drawn" in words_of(page)
    finally:
        kept.unlink()


def test_two_models_are_compared_and_a_link_opens_the_same_view(
    filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = ["first/evaluation/tiny-train.json", "default.evaluation/tiny-train.json"]
    page = opened("models", filled, monkeypatch, beside=both)
    assert not page.exception
    assert address_of(page)["beside"] == both
    for part in ("Better than counting", "Piece by piece: tiny, train", "The same call, answered by each"):
        assert part in words_of(page)
    call = page.selectbox(key="call beside")
    assert "Lullaby" in call.options
    assert "The rule" in page.get("iframe")[0].proto.srcdoc
    held_out = next(name for name in call.options if " at " in name)
    page = call.set_value(held_out).run()
    assert not page.exception
    assert not page.info  # the true continuation is there as well


def test_what_is_compared_is_made_into_one_file_or_the_page_says_why_not(
    filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = ["first/evaluation/tiny-train.json", "default.evaluation/tiny-train.json"]
    page = opened("models", filled, monkeypatch, beside=beside)
    (make,) = (button for button in page.button if button.label == "Make the file")
    page = make.click().run()
    assert not page.exception
    assert any(button.label.startswith("models.html, ") for button in page.get("download_button"))
    without = Places(filled.runs, filled.runs, filled.models, filled.takes)
    page = opened("models", without, monkeypatch, **{"beside": beside, "held out": "1"})
    (make,) = (button for button in page.button if button.label == "Make the file")
    page = make.click().run()
    assert not page.exception
    assert "isn't unpacked here" in page.warning[0].value
    assert not any(button.label.startswith("models.html, ") for button in page.get("download_button"))


def test_models_of_another_tier_are_left_out(filled: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    path = filled.runs / "first" / "evaluation" / "tiny-train.json"
    report = json.loads(path.read_text())
    report["model"]["tier"] = "benchmark"
    path.write_text(json.dumps(report))
    page = opened("models", filled, monkeypatch, tier="benchmark")
    assert not page.exception
    assert list(page.dataframe[0].value["model"]) == ["first"]


def test_a_broken_report_on_belonging_is_a_sentence_and_the_model_is_shown(
    filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = filled.runs / "first" / "evaluation" / "belonging"
    beside.mkdir()
    (beside / "test.json").write_text("{")
    page = opened("models", filled, monkeypatch)
    assert not page.exception
    assert "no whole report on belonging" in page.warning[0].value
    assert sorted(page.dataframe[0].value["model"]) == ["default.onnx", "first"]


def test_a_report_that_breaks_off_is_a_sentence_among_those_compared(
    filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled.runs / "first" / "evaluation" / "tiny-train.json"
    report = json.loads(path.read_text())
    report["sections"]["likelihood"]["pieces"] = [{}]
    report["sections"]["likelihood"]["carried"]["nats_a_note"] = float("nan")
    path.write_text(json.dumps(report))
    both = ["first/evaluation/tiny-train.json", "default.evaluation/tiny-train.json"]
    page = opened("models", filled, monkeypatch, beside=both)
    assert not page.exception
    assert "something missing" in page.warning[0].value
    assert "The same call, answered by each" in words_of(page)


def test_a_table_of_runs_keeps_its_rows_where_they_are_while_one_of_them_learns(
    filled: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("learning", filled, monkeypatch)
    table = page.dataframe[0]
    order = list(table.value["run"])
    later = time.time_ns() + 10**12
    os.utime(filled.runs / order[-1] / "curves.jsonl", ns=(later, later))
    page = page.run()
    assert not page.exception
    assert list(page.dataframe[0].value["run"]) == order
    assert page.dataframe[0].key == table.key  # else its sorting and its place would be lost
    learnt_run(filled.runs, "third", 20)
    page = page.run()
    assert set(page.dataframe[0].value["run"]) == {*order, "third"}
    anew = opened("learning", filled, monkeypatch).dataframe[0].value
    assert anew["run"].iloc[0] == order[-1]


def test_all_rows_behind_a_chart_of_several_tables_can_be_taken_away(
    mixed: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [run for run in find_runs(mixed).runs if run.name in ("first", "second")]
    chart = loss_curves(runs, "nats an event")
    rows = rows_behind(chart)
    assert set(rows["table"]) == {1, 2}
    assert len(rows) == sum(len(run.train) + len(run.validation) for run in runs)
    alone = rows_behind(train_curves(runs, "rate", "rate", ".0e"))
    assert "table" not in alone
    assert len(alone) == sum(len(run.train) for run in runs)
    for name in ("learning", "models", "model", "experiments"):
        both = ["first/evaluation/tiny-train.json", "default.evaluation/tiny-train.json"]
        page = opened(name, mixed, monkeypatch, beside=both)
        assert not page.exception
        saved = [one for one in page.get("download_button") if one.label == "CSV"]
        assert len(saved) == len(page.get("vega_lite_chart")) > 0


@pytest.fixture
def of_all_kinds(filled: Places, belonging_text: str, alone_text: str) -> Places:
    """Beside models of events, one of rows in a run, and one deep among Antiphon's own whose answers alone
    were judged."""
    rows_report(filled.runs / "second" / "rolls.evaluation" / "rows" / "tiny-test.json")
    concert = filled.models / "concert" / "concert.evaluation"
    for kind, text in (("belonging", belonging_text), ("alone", alone_text)):
        (concert / kind).mkdir(parents=True)
        (concert / kind / "test.json").write_text(text.replace('"a model"', '"concert.onnx"'))
    return filled


ROWS_NAME = "second/rolls.evaluation/rows/tiny-test.json"
CONCERT_NAME = "concert/concert.evaluation/belonging/test.json"


def test_models_of_rows_and_those_whose_answers_alone_were_judged_have_a_row(
    of_all_kinds: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("models", of_all_kinds, monkeypatch)
    assert not page.exception
    assert not page.warning
    table = page.dataframe[0].value.set_index("model")
    assert set(table.index) == {"first", "default.onnx", "rolls.onnx", "concert.onnx"}
    assert table["nats a step, roll"].dropna().to_dict() == {"rolls.onnx": 4.25}
    assert set(table["nats a note"].dropna().index) == {"first", "default.onnx"}
    assert "calls of phrased (train)" in table.loc["concert.onnx", "both on"]
    assert table.loc["concert.onnx", "people of"] == "people (test), 2 min"
    every = ["first/evaluation/tiny-train.json", ROWS_NAME, CONCERT_NAME]
    page = opened("models", of_all_kinds, monkeypatch, beside=every)
    assert not page.exception
    assert not page.warning
    assert "Whether answers belong to their calls: " in words_of(page)
    page = opened("models", of_all_kinds, monkeypatch, beside=every[1:])
    assert not page.exception
    assert "Better than counting" not in words_of(page)


def test_one_model_shows_what_is_known_of_each_kind(
    of_all_kinds: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("model", of_all_kinds, monkeypatch)
    assert page.selectbox(key="report").value.endswith("tiny-train.json")
    page = opened("model", of_all_kinds, monkeypatch, report=ROWS_NAME)
    assert not page.exception
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["nats a step, roll"] == "4.250"
    assert list(page.dataframe[0].value["part"]) == ["keys", "onsets"]
    assert "weights may be given away freely" in words_of(page)
    page = opened("model", of_all_kinds, monkeypatch, report=CONCERT_NAME)
    assert not page.exception
    words = words_of(page)
    assert "Only its answers were judged" in words
    assert "Whether its answers belong to their calls, train pieces" in words
    assert "How it plays by itself, beside people's test pieces" in words


def test_models_are_filtered_by_name_family_and_precision(
    of_all_kinds: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    for said, names in (
        ({"called": "DEFAULT"}, ["default.onnx"]),
        ({"family": "roll"}, ["rolls.onnx"]),
        ({"precision": "int8"}, ["rolls.onnx"]),
        ({"called": "o", "family": "roll", "precision": "int8"}, ["rolls.onnx"]),
    ):
        page = opened("models", of_all_kinds, monkeypatch, **said)
        assert not page.exception
        assert list(page.dataframe[0].value["model"]) == names
        assert address_of(page) == {name: [word] for name, word in said.items()}
    page = opened("models", of_all_kinds, monkeypatch, called="nobody")
    assert not page.exception
    assert "No model is all of that" in words_of(page)
