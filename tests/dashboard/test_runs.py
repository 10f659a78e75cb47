"""Runs and reports found on disk: what is broken is a sentence, the rest is there; changes are read again."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dashboard.places import Places, places_from
from dashboard.reports import load_report
from dashboard.runs import (
    Alike,
    Experiment,
    default_reports,
    find_reports,
    find_runs,
    grouped,
    held_out_as_train,
    load_run,
    true_call,
)
from evaluation.answering.own_calls import OWN_CALLS
from music.phrase import Phrase
from music.settings import SettingError
from pieces.corpus import prepare
from pieces.music_sets import music_set
from tests.support.corpora import music_folder
from tests.support.judged import diverged_run, learnt_experiment, learnt_roll_run, learnt_run, stopped_run


def test_runs_are_found_with_how_far_they_are(filled: Places) -> None:
    os.utime(filled.runs / "second" / "curves.jsonl", (1e9, 1e9))
    first, second = find_runs(filled).runs
    assert (first.name, first.done, first.progress) == ("first", 100, "100 of 100")
    assert (second.name, second.done, second.progress) == ("second", 60, "60 of 100")
    assert first.best == pytest.approx(12.0)
    assert first.learnt_from == "tiny"
    assert len(first.train) == 10
    assert len(first.validation) == 5


def test_the_run_that_changed_last_comes_first(filled: Places) -> None:
    os.utime(filled.runs / "first" / "curves.jsonl", (1e9, 1e9))
    assert [run.name for run in find_runs(filled).runs] == ["second", "first"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may look into every folder")
def test_a_folder_that_may_not_be_looked_into_is_a_sentence_and_the_others_are_there(filled: Places) -> None:
    (filled.runs / "second").chmod(0)
    try:
        found = find_runs(filled)
        assert [run.name for run in found.runs] == ["first"]
        (trouble,) = found.troubles
        assert str(filled.runs / "second") in trouble
        assert len(find_reports(filled).reports) == 2
    finally:
        (filled.runs / "second").chmod(0o755)


@pytest.mark.parametrize("there", [True, False])
def test_an_empty_folder_and_none_at_all_have_no_runs_and_no_troubles(places: Places, there: bool) -> None:
    if not there:
        places.runs.rmdir()
    assert find_runs(places).runs == ()
    assert find_runs(places).troubles == ()
    assert find_reports(places).reports == ()


def test_a_line_that_is_being_written_is_left_for_later(places: Places) -> None:
    folder = learnt_run(places.runs, "learning")
    with (folder / "curves.jsonl").open("a") as file:
        file.write('{"step": 70, "kind": "tr')
    assert load_run(folder).done == 60


def test_at_every_byte_of_a_curve_that_is_being_written_its_whole_lines_are_there(places: Places) -> None:
    folder = learnt_run(places.runs, "learning", 30)
    curves = folder / "curves.jsonl"
    text = curves.read_bytes()
    curves.write_bytes(b"")
    with curves.open("ab", buffering=0) as file:
        for end in range(1, len(text) + 1):
            file.write(text[end - 1 : end])
            found = find_runs(places)
            assert found.troubles == ()
            rows = len(found.runs[0].train) + len(found.runs[0].validation)
            assert rows == text[:end].count(b"\n")


def test_a_run_that_goes_on_is_read_again(places: Places) -> None:
    folder = learnt_run(places.runs, "learning")
    assert load_run(folder).done == 60
    row = {"step": 70, "kind": "train", "loss": 6.0, "rate": 1e-3, "rows_a_second": 9e3}
    with (folder / "curves.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
    assert load_run(folder).done == 70


def test_a_run_before_its_first_step_has_no_curves(places: Places) -> None:
    folder = learnt_run(places.runs, "new")
    (folder / "curves.jsonl").unlink()
    run = load_run(folder)
    assert (run.done, run.best, len(run.train)) == (0, None, 0)


def test_a_diverged_run_says_at_which_step_and_its_best_is_a_number(places: Places) -> None:
    run = load_run(diverged_run(places.runs, "wild", 60, 40))
    assert (run.diverged_at, run.progress) == (40, "60, diverged at 40")
    assert run.best == pytest.approx(15.2)
    stopped = load_run(stopped_run(places.runs, "steep", 60, 67))
    assert (stopped.diverged_at, stopped.progress) == (67, "60, diverged at 67")
    assert load_run(learnt_run(places.runs, "sane")).diverged_at is None


SPOILT: dict[str, Callable[[Path], object]] = {
    "no run.json": lambda run: (run / "run.json").unlink(),
    "half a run.json": lambda run: (run / "run.json").write_text('{"recipe": {"learn'),
    "another run.json": lambda run: (run / "run.json").write_text("[1, 2]"),
    "no tier": lambda run: (run / "run.json").write_text(
        '{"recipe": {"learning": {"steps": 1}}, "data": []}'
    ),
    "neither steps nor passes": lambda run: (run / "run.json").write_text(
        '{"recipe": {"about": "", "learning": {"steps": 0}, "data": {}}, "data": [], "tier": "own"}'
    ),
    "half an outcome": lambda run: (run / "outcome.json").write_text('{"least_loss": 1.0}'),
    "a damaged outcome": lambda run: (run / "outcome.json").write_text('{"least_loss"'),
    "a broken line within": lambda run: (run / "curves.jsonl").write_text('{"step": 1\n{"step": 2}\n'),
    "a line without figures": lambda run: (run / "curves.jsonl").write_text('{"step": 1, "kind": "train"}\n'),
    "a step that is none": lambda run: (run / "curves.jsonl").write_text(row_at("NaN")),
    "a step beyond all": lambda run: (run / "curves.jsonl").write_text(row_at("1e999")),
    "a held-out step beyond all": lambda run: (run / "curves.jsonl").write_text(
        '{"step": 1e999, "kind": "validation", "loss": 1}\n'
    ),
    "a held-out loss in words": lambda run: (run / "curves.jsonl").write_text(
        '{"step": 1, "kind": "validation", "loss": 1, "nats_an_event": "little"}\n'
    ),
    "a line that is a number": lambda run: (run / "curves.jsonl").write_text("1\n2\n"),
    "no text": lambda run: (run / "curves.jsonl").write_bytes(b"\xff\xfe\x00\n\xff"),
    "a folder for a file": lambda run: a_folder_for_a_file(run / "curves.jsonl"),
}


def row_at(step: str) -> str:
    return f'{{"step": {step}, "kind": "train", "loss": 1, "rate": 1, "rows_a_second": 1}}\n'


def a_folder_for_a_file(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("how", SPOILT)
def test_a_run_that_can_not_be_read_is_a_sentence_and_the_others_are_there(filled: Places, how: str) -> None:
    SPOILT[how](filled.runs / "second")
    found = find_runs(filled)
    assert [run.name for run in found.runs] == ["first"]
    (trouble,) = found.troubles
    assert str(filled.runs / "second") in trouble
    assert "\n" not in trouble


def test_runs_are_kept_apart_by_what_their_losses_are_of(mixed: Places) -> None:
    groups = grouped(find_runs(mixed).runs)
    assert {alike: {run.name for run in runs} for alike, runs in groups.items()} == {
        Alike("nats an event", "event"): {"first", "second", "before"},
        Alike("nats a step", "roll"): {"rolls"},
    }


def test_the_same_measure_of_another_encoding_is_another_group(places: Places) -> None:
    for encoding in ("pair", "character"):
        folder = learnt_roll_run(places.runs, encoding)
        record = json.loads((folder / "run.json").read_text())
        record["measure"], record["recipe"]["data"]["encoding"] = "nats a token", encoding
        (folder / "run.json").write_text(json.dumps(record))
    assert len(grouped(find_runs(places).runs)) == 2


@pytest.mark.parametrize(
    "other",
    [{"encoding_fingerprint": "another"}, {"recipe": {"data": {"encoding_settings": {"steps": 8}}}}],
)
def test_an_encoding_with_other_settings_or_symbols_is_another_group(
    places: Places, other: dict[str, Any]
) -> None:
    learnt_roll_run(places.runs, "one")
    path = learnt_roll_run(places.runs, "two") / "run.json"
    record = json.loads(path.read_text())
    record["recipe"]["data"] |= other.pop("recipe", {}).get("data", {})
    path.write_text(json.dumps(record | other))
    assert len(grouped(find_runs(places).runs)) == 2


def test_an_encoding_is_named_with_its_settings() -> None:
    assert Alike("nats a step", "roll", (("steps", "8"), ("grid", "beats"))).written == (
        "roll (steps 8, grid beats)"
    )
    assert Alike("nats a step", "roll", (), "0123").written == "roll"


@pytest.mark.parametrize(
    ("trials", "points"),
    [
        (("a-seed1", "a-seed2", "b-seed1"), {"a": ("a-seed1", "a-seed2"), "b": ("b-seed1",)}),
        (("seed1", "seed2"), {"every seed": ("seed1", "seed2")}),
        (("lstm", "gru"), {"lstm": ("lstm",), "gru": ("gru",)}),
        (("seedling", "my-seed12"), {"seedling": ("seedling",), "my": ("my-seed12",)}),
    ],
)
def test_trials_that_differ_in_their_seeds_alone_are_one_point(
    trials: tuple[str, ...], points: dict[str, tuple[str, ...]]
) -> None:
    assert Experiment("sweep", trials, (), {}).points == points


def test_a_run_of_another_family_tells_its_model_its_passes_and_that_it_is_done(mixed: Places) -> None:
    run = load_run(mixed.runs / "rolls")
    assert (run.model, run.progress, run.best) == ("roll, gru 1 × 16", "40, done", 17.0)
    (mixed.runs / "rolls" / "outcome.json").unlink()
    assert load_run(mixed.runs / "rolls").progress == "40, for 2.5 passes"


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (
            {"kind": "biaxial", "time_layers": 2, "time_width": 300, "note_layers": 2, "note_width": 100},
            "biaxial 2 × 300 + 2 × 100",
        ),
        ({"kind": "rbm", "steps": 16, "hidden": 1500}, "rbm"),
        ({"layers": 2, "width": 512}, "2 × 512"),
        ({}, ""),
    ],
)
def test_a_model_is_named_in_words(places: Places, model: dict[str, object], words: str) -> None:
    folder = learnt_run(places.runs, "one")
    of_run = json.loads((folder / "run.json").read_text())
    of_run["recipe"]["model"] = model
    (folder / "run.json").write_text(json.dumps(of_run))
    assert load_run(folder).model == words


def test_a_run_of_long_ago_is_read_by_the_names_of_today(mixed: Places) -> None:
    run = load_run(mixed.runs / "before")
    assert run.alike == Alike("nats an event", "event")
    assert [(row["loss"], row["rows_a_second"]) for row in run.train] == [(5.0, 5e3)] * 2
    assert run.best == 11.0
    assert [held_out_as_train(row) for row in run.validation] == [5.5]


def test_an_experiment_has_its_trials_and_is_no_run(mixed: Places) -> None:
    found = find_runs(mixed)
    (experiment,) = found.experiments
    assert "sweep" not in {run.name for run in found.runs}
    assert experiment.trials == ("plain-seed1", "deep-seed1", "deep-seed2")
    assert [run.name for run in experiment.runs] == ["plain-seed1", "deep-seed1"]
    assert list(experiment.outcomes) == ["plain-seed1"]
    assert found.troubles == ()


def test_an_experiment_goes_on_and_is_read_again(mixed: Places) -> None:
    learnt_roll_run(mixed.runs / "sweep", "deep-seed2")
    (experiment,) = find_runs(mixed).experiments
    assert len(experiment.runs) == 3


def test_the_experiment_that_changed_last_comes_first(mixed: Places) -> None:
    older = learnt_experiment(mixed.runs, "older")
    for name in ("experiment.json", "outcomes.json"):
        os.utime(older / name, (1e9, 1e9))
    assert [experiment.name for experiment in find_runs(mixed).experiments] == ["sweep", "older"]


SPOILT_EXPERIMENT: dict[str, Callable[[Path], object]] = {
    "half of it": lambda folder: (folder / "experiment.json").write_text('{"plain'),
    "a list": lambda folder: (folder / "experiment.json").write_text("[]"),
    "half the outcomes": lambda folder: (folder / "outcomes.json").write_text('{"plain'),
    "outcomes without figures": lambda folder: (folder / "outcomes.json").write_text('{"plain-seed1": {}}'),
    "an outcome that is a number": lambda folder: (folder / "outcomes.json").write_text('{"plain-seed1": 3}'),
}


@pytest.mark.parametrize("how", SPOILT_EXPERIMENT)
def test_an_experiment_that_can_not_be_read_is_a_sentence_and_the_runs_are_there(
    mixed: Places, how: str
) -> None:
    SPOILT_EXPERIMENT[how](mixed.runs / "sweep")
    found = find_runs(mixed)
    assert found.experiments == ()
    assert len(found.runs) == 4
    (trouble,) = found.troubles
    assert trouble.startswith(f"{mixed.runs / 'sweep'}: ")


def test_a_broken_run_of_an_experiment_leaves_the_others(mixed: Places) -> None:
    (mixed.runs / "sweep" / "deep-seed1" / "run.json").write_text("{")
    found = find_runs(mixed)
    (experiment,) = found.experiments
    assert [run.name for run in experiment.runs] == ["plain-seed1"]
    (trouble,) = found.troubles
    assert "deep-seed1" in trouble


def test_a_report_of_a_run_within_an_experiment_is_found(mixed: Places, report_text: str) -> None:
    folder = mixed.runs / "sweep" / "plain-seed1" / "evaluation"
    folder.mkdir()
    (folder / "tiny-train.json").write_text(report_text.replace('"a model"', '"plain"'))
    assert "plain on tiny, train" in [report.title for report in find_reports(mixed).reports]


def test_reports_of_runs_of_exported_files_and_of_the_default_model_are_found(
    filled: Places, report_text: str
) -> None:
    exported = filled.runs / "second" / "second-int8.evaluation"
    exported.mkdir()
    (exported / "tiny-train.json").write_text(report_text.replace('"a model"', '"second-int8.onnx"'))
    titles = [report.title for report in find_reports(filled).reports]
    assert titles == [f"{name} on tiny, train" for name in ("first", "second-int8.onnx", "default.onnx")]
    (default,) = default_reports(filled)
    assert default.model["name"] == "default.onnx"


def test_a_report_has_scores_spreads_agreement_and_answers(filled: Places) -> None:
    (report,) = default_reports(filled)
    assert [score.name for score in report.scores] == [
        "state carried",
        "reset",
        "remembering",
        "chance",
        "untrained",
        "unigram",
        "bigram",
    ]
    bigram = report.score("bigram")
    assert bigram is not None
    assert sum(nats for _, nats in bigram.parts) == pytest.approx(bigram.nats)
    assert report.spreads.keys() == {"music", "model", "continuation", "chance"}
    assert report.agreement["model"]["register_off_by"] == 0
    assert len(report.own) == len(OWN_CALLS)
    assert len(report.held_out) == report.agreement["model"]["answers"] > 0
    assert report.own[0].call is not None
    assert report.own[0].call.pedals
    assert report.held_out[0].call is None
    assert sum(piece.notes for piece in report.pieces) == report.music["notes"]


def test_a_report_without_answers_says_why(places: Places, report_text: str) -> None:
    record = json.loads(report_text)
    record["sections"]["answers"] = {"left_out": "there is no runtime"}
    del record["sections"]["own_calls"]
    path = places.models / "report.json"
    path.write_text(json.dumps(record))
    report = load_report(path)
    assert dict(report.left_out)["answers"] == "there is no runtime"
    assert (report.own, report.held_out, report.agreement) == ((), (), {})


def test_a_report_that_is_older_than_answers_is_read(places: Places, report_text: str) -> None:
    record = json.loads(report_text)
    for name in ("answers", "own_calls"):
        del record["sections"][name]
    record["sections"]["distributions"] = {"music": record["sections"]["distributions"]["music"]}
    path = places.models / "report.json"
    path.write_text(json.dumps(record))
    assert "judge the model again" in dict(load_report(path).left_out)["answers"]


def without(*path: str) -> Callable[[str], str]:
    """The report without a value that lies at this path."""

    def spoil(text: str) -> str:
        record = json.loads(text)
        table = record
        for name in path[:-1]:
            table = table[name]
        del table[path[-1]]
        return json.dumps(record)

    return spoil


def with_answer(*row: object) -> Callable[[str], str]:
    """The report with this as the first note of our first call's answer."""

    def spoil(text: str) -> str:
        record = json.loads(text)
        record["sections"]["own_calls"][0]["answer"][0] = list(row)
        return json.dumps(record)

    return spoil


BROKEN: dict[str, Callable[[str], str]] = {
    "half of it": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "a list": lambda text: "[]",
    "no version": without("version"),
    "of the future": lambda text: json.dumps(json.loads(text) | {"version": 99}),
    "no model's name": without("model", "name"),
    "no likelihood": without("sections", "likelihood"),
    "no score": without("sections", "likelihood", "carried", "nats_a_note"),
    "no distribution of gaps": without("sections", "distributions", "music", "gap"),
    "no count of answers": without("sections", "answers", "model", "answers"),
    "no density": without("sections", "answers", "model", "density_off_by"),
    "no count of notes": without("music", "notes"),
    "a gap that is no number": lambda text: text.replace('"0.05"', '"a bit"'),
    "a note beyond all keyboards": with_answer(0.0, 300, 60, 1.0),
    "a note that never ends": with_answer(0.0, 60, 60, float("inf")),
    "a note of words": with_answer("soon", "C", "loud", "long"),
    "half a note": with_answer(0.0, 60),
    "nats that are no number": lambda text: re.sub(r'"nats_a_note": [0-9.]+', '"nats_a_note": NaN', text),
    "sections that are none": lambda text: json.dumps(json.loads(text) | {"sections": 3}),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_report_that_can_not_be_read_is_a_sentence_and_the_others_are_there(
    filled: Places, how: str
) -> None:
    path = filled.runs / "first" / "evaluation" / "tiny-train.json"
    path.write_text(BROKEN[how](path.read_text()))
    with pytest.raises(SettingError) as refused:
        load_report(path)
    trouble = str(refused.value)
    assert trouble.startswith(f"{path}: ")
    assert "\n" not in trouble
    found = find_reports(filled)
    names = [report.model for report in found.reports]
    # What is wrong with its findings is said where it is chosen.
    assert (names, found.troubles) in (
        (["default.onnx"], (trouble,)),
        (["first", "default.onnx"], ()),
    )


def test_a_report_that_changed_is_read_again(filled: Places) -> None:
    path = filled.runs / "first" / "evaluation" / "tiny-train.json"
    assert load_report(path) is load_report(path)
    path.write_text(path.read_text().replace('"first"', '"the first"'))
    assert load_report(path).model["name"] == "the first"


def test_the_true_call_is_read_from_the_corpus(filled: Places) -> None:
    (report,) = default_reports(filled)
    for answered in report.held_out:
        true = true_call(filled, report, answered)
        assert true.call.until == pytest.approx(answered.until_s - answered.from_s, abs=0.01)
        assert true.continuation.notes[0].at > true.call.until
        assert len(answered.answer.notes) == len(true.call.notes)  # the model was an echo


def test_without_the_corpus_the_page_says_how_to_get_it(filled: Places, tmp_path: Path) -> None:
    (report,) = default_reports(filled)
    elsewhere = replace(filled, corpora=tmp_path / "nowhere")
    with pytest.raises(SettingError, match=r"isn't unpacked here.*antiphon data prepare"):
        true_call(elsewhere, report, report.held_out[0])


def test_another_corpus_of_that_name_is_not_taken_for_it(filled: Places, tmp_path: Path) -> None:
    (report,) = default_reports(filled)
    folder = music_folder(tmp_path / "music", pieces=3)
    prepare(music_set("tiny"), folder, tmp_path / "data" / "tiny.safetensors", workers=1)
    with pytest.raises(SettingError, match="has changed since the model was judged"):
        true_call(replace(filled, corpora=tmp_path / "data"), report, report.held_out[0])


def test_places_are_written_in_words_and_read_back(places: Places) -> None:
    assert places_from(["--anything", *places.words()]) == places
    assert places_from([]) == Places()


def test_an_answer_is_a_phrase(filled: Places) -> None:
    (report,) = default_reports(filled)
    assert all(isinstance(one.answer, Phrase) and one.answer.notes for one in (*report.own, *report.held_out))
