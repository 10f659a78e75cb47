"""`antiphon evaluate`: a report as a table and as JSON; what can't be judged is refused in one line."""

import argparse
import io
import json
import shutil
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch

from antiphon import main
from commands import evaluate
from evaluation.answering.answerer import Answerer
from evaluation.answering.own_calls import OWN_CALLS
from evaluation.judge import Judged, judge
from evaluation.report import Report
from music.encodings.event import EventEncoding
from music.settings import SettingError
from pieces.corpus import Corpus, prepare
from pieces.music_sets import music_set
from tests.support.corpora import music_folder, tiny_corpus
from training.learning.checkpoint import RunFolder
from training.models.event_model import EventModel
from training.recipes.recipe import Recipe, recipe_named
from training.run import record_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("evaluated")]  # one process makes the report

SMALL = {"model.trunk.width": "16", "model.head": "8", "model.gap_size": "4", "model.key_size": "4"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    tiny_corpus(folder)
    prepare(music_set("one"), music_folder(folder / "one", pieces=1), folder / "one.safetensors", workers=1)
    return folder


@pytest.fixture(autouse=True)
def _at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)


def make_run(home: Path, name: str, *, trained: bool = True, **changes: str) -> RunFolder:
    recipe = recipe_named("tiny", SMALL | changes)
    corpora = [Corpus(home / "corpora" / "tiny.safetensors")]
    record = record_of(recipe_named("tiny", SMALL), corpora, EventEncoding())
    record |= {"recipe": recipe.record(), "encoding_fingerprint": recipe.data.unfitted().fingerprint}
    folder = RunFolder.new(home / "runs" / name, json.loads(json.dumps(record)))
    if trained:
        folder.save_model(model_of(recipe, seed=7))
    return folder


def model_of(recipe: Recipe, seed: int) -> EventModel:
    torch.manual_seed(seed)
    return EventModel(recipe.model)


def judged(*words: str) -> int:
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    return evaluate.run(parser.parse_args([*words, "--device", "cpu"]))


@pytest.fixture(scope="module")
def mine(home: Path) -> tuple[Report, str]:
    """The run `mine`, judged once for all: its report, and what was printed of it as JSON."""
    make_run(home, "mine")
    reports: list[Report] = []

    def judge_and_keep(*asked: Any) -> Report:
        reports.append(judge(*asked))
        return reports[0]

    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.chdir(home)
        patch.setattr(evaluate, "judge", judge_and_keep)
        assert judged("mine", "--json") == 0
    return reports[0], printed.getvalue()


def test_a_runs_model_is_judged_beside_its_baselines(home: Path, mine: tuple[Report, str]) -> None:
    report = json.loads(mine[1])
    assert report["model"]["name"] == "mine"
    assert report["model"]["tier"] == "own"
    assert len(report["model"]["hash"]) == 16
    assert report["music"]["hash"] == report["model"]["learnt_from"][0]["hash"]
    assert report["music"]["split"] == "test"
    assert {"processor", "date", "command"} <= report["machine"].keys()
    assert report["sections"].keys() == {"likelihood", "baselines", "distributions", "answers", "own_calls"}
    assert report["sections"]["answers"]["calls"] == len(report["sections"]["answers"]["each"])
    assert len(report["sections"]["own_calls"]) == len(OWN_CALLS)
    assert report["sections"]["baselines"].keys() == {"chance", "untrained", "unigram", "bigram"}
    assert json.loads((home / "runs" / "mine" / "evaluation" / "tiny-test.json").read_text()) == report


def test_the_untrained_model_is_the_one_that_the_run_began_with(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_answers(folder: Path) -> Answerer:
        raise SettingError("answers are not asked for here")

    monkeypatch.setattr(evaluate, "run_answering", no_answers)
    folder = make_run(home, "unlearnt", trained=False)
    folder.save_model(model_of(recipe_named("tiny", SMALL), recipe_named("tiny").seed))
    assert judged("unlearnt", "--json") == 0
    sections = json.loads(capsys.readouterr().out)["sections"]
    assert sections["baselines"]["untrained"] == sections["likelihood"]["carried"]
    assert sections["answers"] == {"left_out": "answers are not asked for here"}


def test_without_json_it_is_a_table_and_says_where_all_of_it_is_kept(
    mine: tuple[Report, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluate, "judge", lambda *_: mine[0])
    assert judged("mine", "--split", "validation", "--corpus", "corpora/tiny.safetensors") == 0
    captured = capsys.readouterr()
    out = captured.out.splitlines()
    assert out[0].startswith("model   mine")
    assert out[-3].startswith("the model")
    assert [line.split()[0] for line in out[4:11]] == [
        "state",
        "reset",
        "remembering",
        "chance",
        "untrained",
        "unigram",
        "bigram",
    ]
    kept = Path("runs/mine/evaluation/tiny-validation.json")
    assert kept.exists()
    assert captured.err.splitlines()[-1] == f"kept in {kept}"


def test_figures_that_can_not_be_kept_are_printed_all_the_same(
    home: Path,
    mine: tuple[Report, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(evaluate, "judge", lambda *_: mine[0])
    folder = make_run(home, "full")
    (folder.path / "evaluation").write_text("a file where the folder should be")
    assert judged("full", "--json") == 2
    captured = capsys.readouterr()
    assert captured.out == mine[1]
    assert "runs/full/evaluation" in captured.err.splitlines()[-1]


def test_judged_again_the_figures_are_the_same(
    mine: tuple[Report, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged("mine", "--json") == 0
    again = json.loads(capsys.readouterr().out)["sections"]
    assert again == json.loads(mine[1])["sections"]


def test_a_runs_corpora_are_found_where_they_lay_when_it_began_or_where_they_are_said_to_lie_now(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    taken: list[Path] = []

    def not_judged(_: Judged, corpus: Corpus, *__: object) -> NoReturn:
        taken.append(corpus.path)
        raise SettingError("which corpus was taken is all that is asked here")

    monkeypatch.setattr(evaluate, "judge", not_judged)
    before, now = tmp_path / "music" / "corpora", tmp_path / "moved"
    shutil.copytree(home / "corpora", before)
    monkeypatch.chdir(tmp_path)
    small = [word for name, value in SMALL.items() for word in ("--set", f"{name}={value}")]
    words = [*small, "--set", "log.validate_every=1", "--until", "1", "--corpora", "music/corpora"]
    assert main(["train", "tiny", "--run", "far", "--device", "cpu", *words]) == 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    resume, judging = ["train", "--resume", "far", "--until", "1"], ["evaluate", "far"]
    runs = ["--runs", str(tmp_path / "runs"), "--device", "cpu"]
    assert main([*resume, *runs]) == 0
    assert main([*judging, *runs]) == 2
    before.rename(now)
    capsys.readouterr()
    for command in (resume, judging):
        assert main([*command, *runs]) == 2
        (refusal,) = capsys.readouterr().err.splitlines()
        assert f"(tiny) isn't in {before} nor in corpora; say where it lies (--corpora DIR)" in refusal
    assert main([*judging, *runs, "--corpora", str(now)]) == 2
    assert main([*resume, *runs, "--corpora", str(now)]) == 0  # from here on the run knows
    assert main([*judging, *runs]) == 2
    assert taken == [before / "tiny.safetensors", now / "tiny.safetensors", now / "tiny.safetensors"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["whole", "--corpus", "one.safetensors", "--corpora", "corpora"], "leave one out"),
        (["whole", "--answers", "out", "--corpora", "corpora"], "leave out --corpus and --corpora"),
        (["whole", "--corpora", "nowhere"], "nowhere/tiny.safetensors: no such corpus"),
        (["never-begun"], "never-begun: no run lies there"),
        (["whole", "--corpus", "nowhere.safetensors"], "nowhere.safetensors: no such corpus"),
        (["whole", "--corpus", "runs/whole/run.json"], "not a corpus"),
        (["whole", "--corpus", "runs/whole/model.safetensors"], "not a corpus"),
        (["whole", "--corpus", "one.safetensors"], "no piece is for test"),
        (["unfinished"], "it has no model yet"),
        (["of-notes"], "the event model reads the encoding 'event'"),
        (["of-two"], "say which to judge on"),
        (["broken"], "no weights can be read"),
        (["of-another"], "weights of another model"),
        (["wild"], "its weights are broken"),
    ],
)
def test_what_can_not_be_judged_is_refused_in_one_line(
    home: Path, words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = words[0]
    if not (home / "runs" / name).exists() and name != "never-begun":
        spoilt_run(home, name)
    assert judged(*words) == 2
    captured = capsys.readouterr()
    assert why in captured.err
    assert captured.out == ""
    assert captured.err.splitlines()[-1].startswith("antiphon: ")


def spoilt_run(home: Path, name: str) -> None:
    changes = {"data.encoding": "note"} if name == "of-notes" else {}
    changes |= {"data.corpora": "tiny,other"} if name == "of-two" else {}
    folder = make_run(home, name, trained=name != "unfinished", **changes)
    if name == "broken":
        folder.model.write_bytes(b"no weights")
    if name == "of-another":
        folder.save_model(model_of(recipe_named("tiny", SMALL | {"model.trunk.width": "24"}), 1))
    if name == "wild":
        model = model_of(recipe_named("tiny", SMALL), 1)
        torch.nn.init.constant_(model.gap_out.bias, float("nan"))
        folder.save_model(model)
