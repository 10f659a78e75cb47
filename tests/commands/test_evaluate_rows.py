"""`antiphon evaluate FILE` of a model of any family: nats a row by part, as the file's own session says."""

import argparse
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from commands import evaluate
from dashboard.judged.row_reports import load_rows
from evaluation.answering.own_calls import OWN_CALLS
from evaluation.scoring.unknown import MOST_UNKNOWN
from export.exporting import Written, export_each, source_of_run
from music.midi.files import read_pieces
from pieces.corpus import Corpus
from realtime.inference.bundle import read_bundle
from realtime.inference.rows.row_session import open_rows
from tests.support.command import ROOT
from tests.support.corpora import tiny_corpus
from tests.support.families import family_run
from tests.support.model_files import resealed
from training.opened_run import opened

FAMILIES = ROOT / "tests" / "golden" / "families"
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("evaluated")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    tiny_corpus(folder)
    return folder


def judged(home: Path, name: str, *words: str) -> int:
    """The file's copy judged on the tiny corpus."""
    shutil.copy(FAMILIES / name, home / name)
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    corpus = home / "corpora" / "tiny.safetensors"
    return evaluate.run(parser.parse_args([str(home / name), "--corpus", str(corpus), *words]))


@pytest.mark.parametrize("name", ["format-3-character-int8.onnx", "format-3-windows-int8.onnx"])
def test_the_report_has_what_the_session_says_of_each_row(
    home: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged(home, name, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    session, nats, count = open_rows(home / name), 0.0, 0
    for _, phrase in Corpus(home / "corpora" / "tiny.safetensors").phrases("test"):
        state, last = session.silent_state(), session.begin()
        for row in session.bundle.encoding.encode(phrase):
            scores, state = session.score(last, row[None], state)
            nats, count, last = nats - float(scores.sum()), count + 1, row[None]
    assert report["likelihood"]["rows"] == count
    assert report["likelihood"]["nats_a_row"] == pytest.approx(nats / count, rel=1e-5)
    assert (report["unit"], report["in_nats"]) == ("token", True)
    kept = json.loads((home / name).with_suffix(".evaluation").joinpath("rows", "tiny-test.json").read_text())
    assert kept == report


def test_the_table_names_each_part(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged(home, "format-3-step-int8.onnx") == 0
    printed = capsys.readouterr().out
    assert "nats a note" in printed
    assert all(part in printed for part in ("pitch", "step", "duration"))
    assert np.isfinite(float(printed.splitlines()[-1].split()[2]))


def test_the_share_of_what_it_never_learnt_stands_beside_the_loss(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged(home, "format-3-chord-int8.onnx", "--json") == 0
    found = json.loads(capsys.readouterr().out)["likelihood"]
    encoding = open_rows(home / "format-3-chord-int8.onnx").bundle.encoding
    music = Corpus(home / "corpora" / "tiny.safetensors").phrases("test")
    rows = np.concatenate([encoding.encode(phrase) for _, phrase in music])
    assert found["unknown"] == pytest.approx((rows == 0).mean())
    assert judged(home, "format-3-chord-int8.onnx") == 0
    said = capsys.readouterr().out
    assert f"{found['unknown']:.1%} of the tokens are unknown" in said
    assert ("says little" in said) == (found["unknown"] > MOST_UNKNOWN)
    kept = home / "format-3-chord-int8.evaluation" / "rows" / "tiny-test.json"
    assert load_rows(kept).unknown.startswith(f"{found['unknown']:.1%} of the")
    assert judged(home, "format-3-character-int8.onnx", "--json") == 0
    assert "unknown" not in json.loads(capsys.readouterr().out)["likelihood"]


def test_a_machine_over_windows_is_judged_by_its_energies(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged(home, "format-3-rbm-int8.onnx") == 0
    printed = capsys.readouterr().out
    assert "loss a step" in printed
    assert "energy" in printed


def test_it_answers_calls_of_our_own(home: Path) -> None:
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    file = str(FAMILIES / "format-3-step-int8.onnx")
    assert evaluate.run(parser.parse_args([file, "--answers", str(home / "answers")])) == 0
    written = sorted((home / "answers").glob("*.mid"))
    assert len(written) == len(OWN_CALLS)
    assert all({note.voice for note in read_pieces(path)[0].phrase.notes} == {0, 1} for path in written)


def test_models_of_several_families_and_the_rule_answer_the_same_calls_beside_one_another(home: Path) -> None:
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    step, note = (str(FAMILIES / f"format-3-{name}-int8.onnx") for name in ("step", "note"))
    folder = home / "beside"
    assert evaluate.run(parser.parse_args([step, "--answers", str(folder), "--beside", note, "none"])) == 0
    names = ["format-3-step-int8", "format-3-note-int8", "none"]
    for name in names:
        assert len(list(folder.glob(f"*-{name}.mid"))) == len(OWN_CALLS)
    page = (folder / "answers.md").read_text()
    assert page.startswith(f"| call | {' | '.join(names)} |")
    assert all((folder / picture).is_file() for picture in re.findall(r"\]\((.*?)\)", page))


def test_who_else_answers_must_be_another(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    step = str(FAMILIES / "format-3-step-int8.onnx")
    assert evaluate.run(parser.parse_args([step, "--answers", str(home / "no"), "--beside", step])) == 2
    assert "two models of one name" in capsys.readouterr().err
    assert evaluate.run(parser.parse_args([step, "--beside", "none"])) == 2
    assert "say --answers DIR, too" in capsys.readouterr().err


def test_whether_its_answers_belong_is_judged_too(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(FAMILIES / "format-3-note-int8.onnx", home / "notes.onnx")
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    corpus = str(home / "corpora" / "tiny.safetensors")
    words = [str(home / "notes.onnx"), "--belonging", corpus, "--calls", "2", "--json"]
    assert evaluate.run(parser.parse_args(words)) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["model"]["name"] == "notes.onnx"
    assert report["model"]["rule_stood_in"] == 0


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of some families, of weights by chance."""
    folder = tmp_path_factory.mktemp("runs")
    for family in ("note", "windows"):
        family_run(folder, family)
    return folder


@pytest.mark.parametrize("run", ["note-own", "windows-own"])
def test_a_run_is_judged_as_its_file_is(
    home: Path, runs: Path, run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    words = ["--corpus", str(home / "corpora" / "tiny.safetensors"), "--json"]
    assert evaluate.run(parser.parse_args([run, "--runs", str(runs), *words])) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["model"]["name"] == run
    kept = json.loads((runs / run / "evaluation" / "rows" / "tiny-test.json").read_text())
    assert kept == report
    (file,) = export_each(source_of_run(opened(runs / run), None), home, ["fp32"])
    assert isinstance(file, Written)
    assert evaluate.run(parser.parse_args([str(file.bundle.path), *words])) == 0
    of_file = json.loads(capsys.readouterr().out)
    assert of_file["likelihood"] == report["likelihood"]


def test_whether_answers_of_a_run_belong_is_judged_for_every_family(
    home: Path, runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    corpus = str(home / "corpora" / "tiny.safetensors")
    words = ["note-own", "--runs", str(runs), "--belonging", corpus, "--calls", "2", "--json"]
    assert evaluate.run(parser.parse_args(words)) == 0
    assert json.loads(capsys.readouterr().out)["model"]["name"] == "note-own"
    assert (runs / "note-own" / "evaluation" / "belonging" / "test.json").exists()


def test_events_that_were_learnt_backwards_are_not_judged_forwards(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    family_run(tmp_path, "event", changes={"data.transforms": [{"name": "reverse"}]})
    file = tmp_path / "backwards.onnx"
    events = read_bundle(ROOT / "tests" / "golden" / "format-3-int8.onnx")
    file.write_bytes(resealed(events, is_backwards=True))
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    corpus = ["--corpus", str(home / "corpora" / "tiny.safetensors")]
    for words in (["event-own", "--runs", str(tmp_path)], [str(file)]):
        assert evaluate.run(parser.parse_args([*words, *corpus])) == 2
        assert "it learnt music backwards, and events are judged forwards" in capsys.readouterr().err
