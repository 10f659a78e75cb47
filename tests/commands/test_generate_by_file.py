"""`antiphon generate FILE`: an exported model of any family plays by itself, without torch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from antiphon import main
from music.midi.files import read_pieces, write_midi
from tests.support.command import ROOT
from tests.support.phrases import improvised

FAMILIES = sorted((ROOT / "tests" / "golden" / "families").glob("*.onnx"))
files = pytest.mark.parametrize("file", FAMILIES, ids=lambda path: path.stem)
pytestmark = pytest.mark.slow


@files
def test_a_file_plays_and_by_the_same_seed_the_same(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one.mid", "two.mid"):
        words = [str(file), str(tmp_path / name), "--rows", "40", "--seed", "3", "--json"]
        assert main(["generate", *words]) == 0
        report = json.loads(capsys.readouterr().out)
        assert report["pieces"][0]["rows"] <= 40
    one, two = ((tmp_path / name).read_bytes() for name in ("one.mid", "two.mid"))
    assert one == two


def test_it_goes_on_from_a_phrase_on_a_track_of_its_own(tmp_path: Path) -> None:
    (file,) = [path for path in FAMILIES if "nade" in path.stem]
    write_midi(improvised(2, notes=12, pedal=False), tmp_path / "phrase.mid")
    words = ["--from", str(tmp_path / "phrase.mid"), "--seconds", "5", "--seed", "1"]
    assert main(["generate", str(file), str(tmp_path / "on.mid"), *words]) == 0
    (piece,) = read_pieces(tmp_path / "on.mid")
    assert [part.name for part in piece.parts] == ["Prompt", "Continuation"]
    assert {note.voice for note in piece.phrase.notes} == {0, 1}


def test_what_only_a_run_can_do_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (file,) = [path for path in FAMILIES if "nade" in path.stem]
    assert main(["generate", str(file), str(tmp_path / "a.mid"), "--top-k", "3"]) == 2
    assert "--top-k: a file has no such choice" in capsys.readouterr().err
    events = ROOT / "tests" / "golden" / "format-2-int8.onnx"
    assert main(["generate", str(events), str(tmp_path / "a.mid")]) == 2
    assert "a file of events answers calls" in capsys.readouterr().err


def test_it_needs_no_torch(tmp_path: Path) -> None:
    program = (
        "import sys; from antiphon import main; status = main(sys.argv[1:]); "
        "assert not {'torch', 'onnx'} & sys.modules.keys(); sys.exit(status)"
    )
    words = ["generate", str(FAMILIES[0]), str(tmp_path / "a.mid"), "--rows", "5"]
    subprocess.run([sys.executable, "-c", program, *words], check=True, cwd=ROOT, timeout=300)
    assert (tmp_path / "a.mid").exists()
