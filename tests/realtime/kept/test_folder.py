"""Takes in a folder: found by what a person would say, and never written over."""

import os
from pathlib import Path

import pytest

from music.midi.files import read_pieces
from music.settings import SettingError
from realtime.kept.folder import described, exported, found, renamed, shelved_in
from realtime.rows.take import MODEL, PLAYER
from tests.support.takes import ANSWERED_PITCH, take_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three takes, `take-2` the newest, with a file that isn't whole and one that is no take."""
    folder = take_folder(tmp_path / "takes", takes=3, notes=20)
    for age, path in enumerate(sorted(folder.iterdir(), reverse=True)):
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    (folder / ".take-3.mid").touch()
    (folder / "notes.txt").touch()
    return folder


def test_takes_are_listed_with_the_newest_first_and_without_what_is_no_take(folder: Path) -> None:
    assert [path.stem for path in shelved_in(folder)] == ["take-2", "take-1", "take-0"]
    assert shelved_in(folder / "nowhere") == []


def test_a_take_that_is_renamed_while_it_is_listed_is_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = Path.iterdir

    def renamed_at_once(place: Path) -> list[Path]:
        paths = list(looked(place))
        (place / "take-1.mid").rename(place / "renamed.mid")
        return paths

    monkeypatch.setattr(Path, "iterdir", renamed_at_once)
    assert [path.stem for path in shelved_in(folder)] == ["take-2", "take-0"]


def test_a_folder_that_may_not_be_read_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(place: Path) -> list[Path]:
        raise PermissionError(13, "Permission denied", str(place))

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(SettingError, match="can't be read: Permission denied"):
        shelved_in(folder)


def test_a_take_is_described_by_its_length_its_notes_and_its_seed(folder: Path) -> None:
    take = described(folder / "take-0.mid")
    (piece,) = read_pieces(folder / "take-0.mid")
    assert take.model == sum(note.pitch == ANSWERED_PITCH for note in piece.phrase.notes) > 0
    assert take.player + take.model == len(piece.phrase.notes)
    assert take.about == ("seed: 0",)
    assert take.seconds == piece.phrase.until


def test_a_file_that_can_not_be_read_is_listed_with_its_fault(folder: Path) -> None:
    (folder / "junk.mid").write_bytes(b"junk")
    assert "junk.mid" in (described(folder / "junk.mid").fault or "")


@pytest.mark.parametrize("wanted", ["1", "take-2", "take-2.mid", "KE-2"])
def test_a_take_is_found_by_number_name_or_a_part_of_it(wanted: str, folder: Path) -> None:
    assert found(folder, wanted).stem == "take-2"


def test_a_number_that_is_none_of_the_list_is_no_part_of_a_name(folder: Path) -> None:
    """Else a slip of the finger would delete another take."""
    (folder / "take-0.mid").rename(folder / "2026-11-27 14.57.16.mid")
    with pytest.raises(SettingError, match="none is number 7 or called so"):
        found(folder, "7")
    (folder / "take-1.mid").rename(folder / "7.mid")
    assert found(folder, "7").stem == "7"


@pytest.mark.parametrize(
    ("wanted", "complaint"), [("take", "fits 3 takes"), ("waltz", "no take is called 'waltz'")]
)
def test_what_fits_no_take_or_several_is_refused(wanted: str, complaint: str, folder: Path) -> None:
    with pytest.raises(SettingError, match=complaint):
        found(folder, wanted)


def test_an_empty_folder_is_refused_with_the_option_that_names_another(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="--takes DIR"):
        found(tmp_path, "1")


def test_a_new_name_keeps_the_suffix_and_the_content(folder: Path) -> None:
    content = (folder / "take-1.mid").read_bytes()
    there = renamed(folder / "take-1.mid", "the good one")
    assert there.name == "the good one.mid"
    assert there.read_bytes() == content
    assert not (folder / "take-1.mid").exists()


@pytest.mark.parametrize(
    "name", ["", "..", "a/b", "take-2", 'a"b', "two\nlines", "n" * 201, "é" * 130, "\udcff"]
)
def test_a_name_that_can_not_be_is_refused_and_nothing_is_lost(name: str, folder: Path) -> None:
    with pytest.raises(SettingError):
        renamed(folder / "take-1.mid", name)
    assert len(shelved_in(folder)) == 3


def test_exported_whole_a_take_is_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    there = exported(folder / "take-0.mid", tmp_path)
    assert there == tmp_path / "take-0.mid"
    assert there.read_bytes() == (folder / "take-0.mid").read_bytes()


@pytest.mark.parametrize(("only", "voice"), [("player", PLAYER), ("antiphon", MODEL)])
def test_exported_in_part_one_side_is_left_at_its_moments(
    only: str, voice: int, folder: Path, tmp_path: Path
) -> None:
    (whole,) = read_pieces(folder / "take-0.mid")
    (part,) = read_pieces(exported(folder / "take-0.mid", tmp_path / "part.mid", only))
    notes = [note for note in whole.phrase.notes if note.voice == voice]
    assert [(n.at, n.pitch, n.velocity) for n in part.phrase.notes] == [
        (n.at, n.pitch, n.velocity) for n in notes
    ]
    assert bool(part.phrase.pedals) == (voice == PLAYER)


def test_an_export_never_writes_over_the_take_itself(folder: Path) -> None:
    for to in (folder, folder / "take-0.mid", folder / "take-0.txt", folder / "no" / "where.mid"):
        with pytest.raises(SettingError):
            exported(folder / "take-0.mid", to)
