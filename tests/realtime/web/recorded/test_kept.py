"""The recorded piano in its folder: read as it was kept, or refused with a line."""

import json
from pathlib import Path

import pytest

from realtime.web.recorded.kept import INDEX, KeptPiano, WrongRecordingError, piano_folder
from tests.support.recordings import made_piano, tone

NAME = "48-40.wav"


def test_what_was_kept_is_read(tmp_path: Path) -> None:
    kept = KeptPiano(made_piano(tmp_path))
    kept.check()
    assert kept.file(NAME) == tone(48)
    index = json.loads(kept.file(INDEX) or b"")
    assert index["credit"] == "made by a test"
    assert [(each["pitch"], each["velocity"]) for each in index["samples"]] == [
        (48, 40),
        (48, 100),
        (72, 40),
        (72, 100),
    ]


def test_nothing_else_of_the_folder_or_outside_is_read(tmp_path: Path) -> None:
    kept = KeptPiano(made_piano(tmp_path / "piano"))
    (tmp_path / "piano" / "mine.txt").write_text("mine")
    (tmp_path / "secret").write_text("mine")
    assert [kept.file(name) for name in ("mine.txt", "../secret", "", "/etc/passwd")] == [None] * 4


def test_where_there_is_none_there_is_none(tmp_path: Path) -> None:
    kept = KeptPiano(tmp_path)
    assert not kept.is_there
    assert kept.file(INDEX) is None


@pytest.mark.parametrize("wrong", [b"", tone(48)[:-100], tone(48)[:-1] + b"\x01"])
def test_a_recording_that_is_truncated_or_another_is_refused_with_the_remedy(
    tmp_path: Path, wrong: bytes
) -> None:
    kept = KeptPiano(made_piano(tmp_path))
    (tmp_path / NAME).write_bytes(wrong)
    for read in (lambda: kept.file(NAME), kept.check):
        with pytest.raises(
            WrongRecordingError, match=r"48-40\.wav is not what was kept .*: antiphon piano fetches"
        ):
            read()
    assert kept.file("72-40.wav") == tone(72)


@pytest.mark.parametrize(
    "index", ["", "[]", "{}", '{"format": 2, "samples": []}', '{"format": 1, "samples": [3]}']
)
def test_an_index_that_is_none_is_refused(tmp_path: Path, index: str) -> None:
    (tmp_path / INDEX).write_text(index)
    with pytest.raises(WrongRecordingError, match="antiphon piano fetches"):
        KeptPiano(tmp_path).file(INDEX)


def test_the_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTIPHON_PIANO", str(tmp_path / "grand"))
    assert piano_folder() == tmp_path / "grand"
    monkeypatch.delenv("ANTIPHON_PIANO")
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert piano_folder() == tmp_path / "antiphon" / "piano"
