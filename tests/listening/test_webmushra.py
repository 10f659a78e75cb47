"""A test for a webMUSHRA server: a page for each round, clips by names that say nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from listening.folder import WAV, ListeningFolder
from listening.webmushra import export
from music.settings import SettingError
from tests.support.listening import made_folder


def with_sound(path: Path, **more: object) -> ListeningFolder:
    folder = made_folder(path, **more)  # type: ignore[arg-type]
    test, key = replace(folder.test(), sound=WAV), folder.key()
    for clip in test.clips():
        folder.clip(test, clip.name).write_bytes(b"RIFF")
    folder.begin(test, key)
    return folder


def test_each_order_is_a_configuration_and_every_clip_is_there(tmp_path: Path) -> None:
    paths = export(with_sound(tmp_path / "test"), tmp_path / "out")
    assert [path.name for path in paths] == ["ttest-1.yaml", "ttest-2.yaml"]
    text = paths[0].read_text()
    assert text.count("- type: likert_single_stimulus") == 4
    assert text.count("mustPlayback: ended") == 4
    named = [line.split(": ")[1].strip('"') for line in text.splitlines() if ".wav" in line]
    assert len(named) == 5
    assert all((tmp_path / "out" / name).is_file() for name in named)
    assert '"5 just like it"' in text


def test_three_back_to_back_are_one_page(tmp_path: Path) -> None:
    paths = export(with_sound(tmp_path / "test", items=6, columns=3, scale="novice"), tmp_path / "out")
    assert len(paths) == 6
    assert paths[0].read_text().count("- type: likert_multi_stimulus") == 2


def test_notes_for_the_pages_own_piano_are_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="--sound fluidsynth"):
        export(made_folder(tmp_path / "test"), tmp_path / "out")
