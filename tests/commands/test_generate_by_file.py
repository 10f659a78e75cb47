"""`antiphon generate FILE`: an exported model of any family plays by itself, without torch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from antiphon import main
from music.midi.files import read_pieces, write_midi
from music.notes import Note
from tests.support.command import ROOT
from tests.support.phrases import improvised

GOLDEN = ROOT / "tests" / "golden"
EVENTS = GOLDEN / "format-3-tables-int8.onnx"
FAMILIES = [*sorted((GOLDEN / "families").glob("*.onnx")), EVENTS]
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
    assert main(["generate", str(file), str(tmp_path / "a.mid"), "--no-format-filter"]) == 2
    assert "the encoding roll has no format to be filtered by" in capsys.readouterr().err
    assert main(["generate", str(file), str(tmp_path / "a.mid"), "--top-p", "0.5"]) == 2
    assert "each key of a roll is drawn as a yes or no" in capsys.readouterr().err
    assert main(["generate", str(EVENTS), str(tmp_path / "a.mid"), "--no-format-filter"]) == 2
    assert "the encoding event has no format to be filtered by" in capsys.readouterr().err
    assert main(["generate", str(EVENTS), str(tmp_path / "a.mid"), "--temperature", "11"]) == 2
    assert "a temperature is a number from 0 to 10, not 11" in capsys.readouterr().err


def generated(file: Path, place: Path, *words: str) -> tuple[Note, ...]:
    """What a file plays."""
    assert main(["generate", str(file), str(place), *words]) == 0
    (piece,) = read_pieces(place)
    return piece.phrase.notes


def test_a_file_of_events_goes_on_from_a_phrase_and_is_cut_where_it_is_long_enough(tmp_path: Path) -> None:
    prompt = improvised(2, notes=12, pedal=False)
    write_midi(prompt, tmp_path / "phrase.mid")
    words = ("--from", str(tmp_path / "phrase.mid"), "--seconds", "5", "--seed", "1")
    notes = generated(EVENTS, tmp_path / "on.mid", *words)
    heard = [note for note in notes if note.voice == 0]
    assert [note.pitch for note in heard] == [note.pitch for note in prompt.notes]
    new = [note for note in notes if note.voice == 1]
    assert new
    assert max(note.until for note in new) <= prompt.until + 5.02
    alone = generated(EVENTS, tmp_path / "alone.mid", *words, "--only-new")
    assert [note.pitch for note in alone] == [note.pitch for note in new]


def test_a_file_of_events_is_tamed_by_temperature_and_top_p(tmp_path: Path) -> None:
    def pitches(name: str, *words: str) -> list[int]:
        return [note.pitch for note in generated(EVENTS, tmp_path / name, "--rows", "60", *words)]

    drawn = pitches("drawn.mid", "--seed", "1")
    assert drawn != pitches("other-seed.mid", "--seed", "2")
    assert drawn != pitches("hot.mid", "--seed", "1", "--temperature", "5")
    likeliest = pitches("likeliest.mid", "--seed", "1", "--argmax")
    assert likeliest == pitches("again.mid", "--seed", "2", "--argmax")
    assert likeliest == pitches("top-p.mid", "--seed", "3", "--top-p", "0.001")


def test_it_needs_no_torch(tmp_path: Path) -> None:
    program = (
        "import sys; from antiphon import main; status = main(sys.argv[1:]); "
        "assert not {'torch', 'onnx'} & sys.modules.keys(); sys.exit(status)"
    )
    words = ["generate", str(FAMILIES[0]), str(tmp_path / "a.mid"), "--rows", "5"]
    subprocess.run([sys.executable, "-c", program, *words], check=True, cwd=ROOT, timeout=300)
    assert (tmp_path / "a.mid").exists()
