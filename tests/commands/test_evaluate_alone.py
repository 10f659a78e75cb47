"""`antiphon evaluate --alone`: the rule alone, a file as it answers and as it is drawn; refusals."""

import json
import shutil
from pathlib import Path

import pytest

from antiphon import main
from music.midi.files import write_midi
from pieces.corpus import prepare
from pieces.music_sets import music_set
from tests.support.passages import tune

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exported")]  # one process exports the file


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    (folder / "long").mkdir()
    for number in range(3):
        pitches = [50 + (number + 7 * place * place) % 31 for place in range(200)]
        write_midi(tune(pitches, 0.4), folder / "long" / f"{number}.mid")
    prepare(music_set("long"), folder / "long", folder / "long.safetensors", workers=1)
    return folder


@pytest.fixture(autouse=True)
def _at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)


ALONE = ["--alone", "long.safetensors", "--minutes", "1", "--calls", "1"]


def test_the_rule_goes_on_for_as_long_as_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "none", *ALONE]) == 0
    assert "rule: Lullaby" in capsys.readouterr().out
    report = json.loads(Path("none.evaluation/alone/test.json").read_text())
    (row,) = report["voices"]["rule"]
    assert len(row["windows"]["density"]) == 2
    assert min(row["windows"]["density"]) > 0


def test_a_file_goes_on_as_it_answers_and_as_it_is_drawn(
    home: Path, small_files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(small_files / "small-int8.onnx", home / "small.onnx")
    assert main(["evaluate", "small.onnx", *ALONE, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert list(report["voices"]) == ["model", "as drawn", "rule"]
    assert report["voices"]["model"] != report["voices"]["as drawn"]
    assert json.loads((home / "small.evaluation" / "alone" / "test.json").read_text()) == report


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["none", "--alone", "nowhere.safetensors"], "no such corpus"),
        (["none", *ALONE, "--minutes", "0"], "--minutes 0: from 1 to 60 minutes"),
        (["none", "--minutes", "3"], "for --alone CORPUS"),
        (["none", *ALONE, "--calls", "0"], "--calls 0: a number of calls, 1 or more"),
        (["none", *ALONE, "--belonging", "long.safetensors"], "leave out --corpus"),
        (["none", *ALONE, "--answers", "out"], "leave out --corpus"),
    ],
)
def test_what_can_not_be_judged_is_refused_in_one_line(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *words]) == 2
    assert why in capsys.readouterr().err.splitlines()[-1]
