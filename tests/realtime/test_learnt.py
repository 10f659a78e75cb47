"""What controllers learn is in a file on the next evening, until it is forgotten; a bad file is refused."""

from pathlib import Path

import pytest

from music.settings import SettingError
from realtime.knobs import learnt_beside
from realtime.learnt import LEARNT, LearntKeeper, learnt_in
from realtime.rows.turned import ControlMoved, Learnt, Turned, Unlearnt


def kept(path: Path, *events: Learnt | Unlearnt | ControlMoved) -> list[str]:
    said: list[str] = []
    keeper = LearntKeeper(path, said.append)
    for event in events:
        keeper(Turned(event, (), event.at))
    keeper.close()
    return said


def test_what_was_learnt_is_there_the_next_time_and_forgotten_it_is_not(tmp_path: Path) -> None:
    path = tmp_path / "Antiphon" / LEARNT
    assert learnt_in(path) == {}
    said = kept(path, Learnt(1.0, "freeze", 80), ControlMoved(2.0, "mute", 1), Learnt(3.0, "mute", 81))
    assert learnt_in(path) == {"freeze": 80, "mute": 81}
    assert all(f"kept for the next time too, in {path}" in line for line in said)
    kept(path, Learnt(1.0, "star", 80))  # one controller moves one control
    assert learnt_in(path) == {"mute": 81, "star": 80}
    assert kept(path, Unlearnt(4.0), Unlearnt(5.0)) == []
    assert learnt_in(path) == {}
    assert not path.exists()


def test_nothing_was_learnt_in_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "Antiphon").write_text("in the way")
    assert learnt_in(tmp_path / "Antiphon" / LEARNT) == {}


def test_where_it_cannot_be_kept_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "Antiphon").write_text("in the way")
    (line,) = kept(tmp_path / "Antiphon" / LEARNT, Learnt(1.0, "freeze", 80))
    assert line.startswith("what was learnt can't be kept for the next time: ")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("freeze = ", "can't be read"),
        ("warmth = 3", "no control is called 'warmth'"),
        ("freeze = 64", "from 0 to 119 but 64, not 64"),
        ("freeze = true", "not True"),
        ("freeze = 3\nmute = 3", "controller 3 moves two controls"),
    ],
)
def test_a_file_that_cannot_be_is_refused(text: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / LEARNT
    path.write_text(text)
    with pytest.raises(SettingError, match=complaint):
        learnt_in(path)


def test_what_is_said_now_goes_before_what_was_learnt() -> None:
    learnt = {"freeze": 80, "mute": 81, "star": 82}
    said = [("freeze", 3), ("panic", 81)]
    assert learnt_beside(said, learnt) == {"star": 82}
    assert learnt_beside([("star", None)], learnt) == {"freeze": 80, "mute": 81}
