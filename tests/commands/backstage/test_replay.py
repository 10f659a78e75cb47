"""`antiphon replay`, as a person types it; ports are tried over JACK elsewhere."""

from pathlib import Path

import pytest

import antiphon
from music.midi.files import read_phrase
from realtime.answerers.rule.imitation import Imitation
from realtime.kept.folder import described
from tests.support.kept_takes import SEED, take_of


@pytest.fixture
def take(tmp_path: Path) -> Path:
    return take_of(Imitation(SEED), tmp_path / "evening.mid")


def test_answered_anew_a_take_is_the_same_and_can_be_replayed_once_more(
    take: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = tmp_path / "again.mid"
    assert antiphon.main(["replay", str(take), "--anew", "--to", str(again)]) == 0
    assert "4 of 4" in capsys.readouterr().out
    assert read_phrase(again).notes == read_phrase(take).notes
    assert described(again).about == described(take).about
    assert antiphon.main(["replay", str(again), "--anew", "--to", str(tmp_path / "third.mid")]) == 0


def test_a_take_is_found_in_the_folder_of_takes(take: Path, tmp_path: Path) -> None:
    words = ["replay", "even", "--takes", str(take.parent), "--anew", "--to", str(tmp_path / "a.mid")]
    assert antiphon.main(words) == 0


def test_another_model_is_said_and_what_differs_is_a_status_of_one(
    take: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime")
    words = ["replay", str(take), "--anew", "--model", "default", "--to", str(tmp_path / "a.mid")]
    assert antiphon.main(words) == 1
    said = capsys.readouterr()
    assert "this is another model" in said.err
    assert "others at 0.0 s" not in said.out
    assert "others at" in said.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--to", "x.mid"], "--anew"),
        (["--model", "none"], "--anew"),
        (["--midi-api", "nonsense"], "no MIDI system named 'nonsense'"),
    ],
)
def test_a_choice_that_can_not_be_is_refused(
    words: list[str], complaint: str, take: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert antiphon.main(["replay", str(take), *words]) == 2
    assert complaint in capsys.readouterr().err


def test_a_file_that_is_no_take_of_ours_can_not_be_answered_anew(
    capsys: pytest.CaptureFixture[str],
) -> None:
    golden = Path(__file__).parents[2] / "golden" / "take-250c1ca.mid"
    assert antiphon.main(["replay", str(golden), "--anew"]) == 2
    assert "were not kept" in capsys.readouterr().err
