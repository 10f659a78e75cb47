"""`antiphon piano`: fetched or refused in a line; what is there and whole is left alone."""

from pathlib import Path

import pytest

from antiphon import main
from tests.support.recordings import made_piano


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANTIPHON_PIANO", str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_what_is_there_and_whole_is_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made_piano(folder)
    assert main(["piano", "--from", "nowhere"]) == 0
    assert "the recorded piano is there" in capsys.readouterr().out


def test_what_is_wrong_is_said_and_fetched_anew(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (made_piano(folder) / "48-40.wav").write_bytes(b"")
    assert main(["piano", "--from", str(tmp_path / "nowhere")]) == 2
    wrong, refused = capsys.readouterr().err.splitlines()
    assert "48-40.wav is not what was kept" in wrong
    assert "no folder, nor an address" in refused


def test_nothing_is_kept_of_a_folder_that_lacks_recordings(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["piano", "--from", str(tmp_path)]) == 2
    assert "A0v4.ogg is not in it" in capsys.readouterr().err
    assert not folder.exists()
