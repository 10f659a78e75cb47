"""`antiphon evaluate --belonging`: the rule alone, a file without torch, a run; what can't be is one line."""

import json
import shutil
from pathlib import Path

import pytest

from antiphon import main
from evaluation.answering.own_calls import OWN_CALLS
from evaluation.belonging.tables import OWN
from evaluation.belonging.voices import VOICES
from music.midi.files import write_midi
from pieces.corpus import prepare
from pieces.music_sets import music_set
from tests.support.command import antiphon_without
from tests.support.corpora import phrased_corpus
from tests.support.passages import tune

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exported")]  # one process exports the file


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    phrased_corpus(folder / "corpora" / "phrased.safetensors")
    phrased_corpus(folder / "corpora" / "other.safetensors")
    (folder / "even").mkdir()
    for number in range(3):
        write_midi(tune([60 + number + place % 7 for place in range(80)]), folder / "even" / f"{number}.mid")
    prepare(music_set("even"), folder / "even", folder / "corpora" / "even.safetensors", workers=1)
    return folder


@pytest.fixture(autouse=True)
def _at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)


def judged(*words: str) -> int:
    return main(["evaluate", *words])


PHRASED = ["--belonging", "corpora/phrased.safetensors"]
TRAIN = ["--split", "train", "--calls", "4"]


def test_the_rule_is_judged_alone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged("none", *PHRASED, *TRAIN) == 0
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert lines[0].startswith("model   none: imitates")
    assert "phrased: 4 calls of 4 pieces" in lines
    assert f"{OWN}: {len(OWN_CALLS)} calls" in lines
    assert not any(line.startswith("the model") for line in lines)
    kept = Path("none.evaluation/belonging/train.json")
    assert captured.err.splitlines()[-1] == f"kept in {kept}"
    assert json.loads(kept.read_text())["split"] == "train"


def test_the_calls_are_of_the_test_split_unless_another_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert judged("none", *PHRASED, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["split"] == "test"
    assert report["music"][0].keys() == {"sort", "corpus", "hash", "tier", "licence"}
    assert json.loads(Path("none.evaluation/belonging/test.json").read_text()) == report


def test_corpora_joined_by_a_plus_are_one_sort_and_share_its_calls(
    capsys: pytest.CaptureFixture[str],
) -> None:
    both = "corpora/phrased.safetensors+corpora/other.safetensors"
    assert judged("none", "--belonging", both, "corpora/other.safetensors", *TRAIN, "--json") == 0
    sorts = json.loads(capsys.readouterr().out)["sorts"]
    assert {name: sort["calls"] for name, sort in sorts.items()} == {
        "phrased+other": 4,
        "other": 4,
        "all": 8,
        OWN: len(OWN_CALLS),
    }


def test_runs_that_answers_share_with_what_was_learnt_are_looked_for_when_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert judged("none", *PHRASED, *TRAIN, "--recited-from", "corpora/phrased.safetensors") == 0
    assert "shared with train" in capsys.readouterr().out


def test_a_file_is_judged_without_torch_and_its_report_kept_beside_it(home: Path, small_files: Path) -> None:
    shutil.copy(small_files / "small-fp32.onnx", home / "small.onnx")
    done = antiphon_without(("torch", "onnx"), "evaluate", "small.onnx", *PHRASED, *TRAIN, "--json", cwd=home)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["model"]["name"] == "small.onnx"
    assert list(report["sorts"]["phrased"]["voices"]) == list(VOICES)
    assert json.loads((home / "small.evaluation" / "belonging" / "train.json").read_text()) == report


def test_a_run_is_judged_through_a_file_that_is_exported_for_it(home: Path, small_files: Path) -> None:
    shutil.copytree(small_files, home / "runs" / "small")
    assert judged("small", *PHRASED, *TRAIN, "--device", "cpu") == 0
    kept = home / "runs" / "small" / "evaluation" / "belonging" / "train.json"
    assert json.loads(kept.read_text())["model"]["name"] == "small"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["none"], "only answers can be judged: --belonging CORPUS"),
        (["none", "--belonging", "corpora/nowhere.safetensors"], "no such corpus"),
        (["none", "--belonging", "corpora/even.safetensors"], "no test piece has a call"),
        (["none", *PHRASED, "corpora/phrased.safetensors"], "one corpus twice"),
        (["none", *PHRASED, "--calls", "0"], "--calls 0: a number of calls, 1 or more"),
        (["none", *PHRASED, "--calls", "1"], "calls of one test piece alone"),
        (["none", *PHRASED, "--recited-from", "nowhere.safetensors"], "no such corpus"),
        (["none", "--recited-from", "corpora/phrased.safetensors"], "answers to calls: --belonging CORPUS"),
        (["none", "--calls", "9"], "for --belonging CORPUS"),
        (["none", *PHRASED, "--corpus", "corpora/even.safetensors"], "--belonging names its corpora itself"),
        (["none", *PHRASED, "--answers", "out"], "leave out --corpus, --corpora and --answers"),
        (["never-begun", *PHRASED], "never-begun: no run lies there"),
        (["nowhere.onnx", *PHRASED], "nowhere.onnx: no such model file"),
    ],
)
def test_what_can_not_be_judged_is_refused_in_one_line(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged(*words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1].startswith("antiphon: ")
    assert why in captured.err.splitlines()[-1]
