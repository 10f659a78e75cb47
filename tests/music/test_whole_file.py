"""A file is there whole or not at all, whatever breaks off; what is written beside it is gone afterwards."""

import errno
import os
from pathlib import Path

import pytest

from music import whole_file
from music.whole_file import whole, write_whole


def test_a_file_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    write_whole(tmp_path / "t", b"one")
    write_whole(tmp_path / "t", "zwei: ü\n")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ["zwei: ü\n".encode()]


def test_until_it_is_whole_the_file_before_is_found(tmp_path: Path) -> None:
    write_whole(tmp_path / "t", "before")
    with whole(tmp_path / "t") as unfinished:
        unfinished.write_text("half")
        assert (tmp_path / "t").read_text() == "before"
        assert unfinished.parent == tmp_path  # on the same disk, so that it can take the place in one step
    assert (tmp_path / "t").read_text() == "half"


def broken_off(target: Path, breaks: BaseException) -> None:
    with whole(target) as unfinished:
        unfinished.write_text("half")
        raise breaks


@pytest.mark.parametrize("breaks", [OSError(errno.ENOSPC, "No space"), KeyboardInterrupt()])
def test_what_breaks_off_leaves_the_file_before_and_nothing_beside_it(
    tmp_path: Path, breaks: BaseException
) -> None:
    write_whole(tmp_path / "t", "before")
    with pytest.raises(type(breaks)):
        broken_off(tmp_path / "t", breaks)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("t", "before")]


def test_what_the_disk_refuses_last_of_all_does_not_take_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(whole_file.os, "fsync", refuse)
    with pytest.raises(OSError, match="Input/output"):
        write_whole(tmp_path / "t", "one")
    assert list(tmp_path.iterdir()) == []


def test_two_writers_of_one_file_do_not_mix(tmp_path: Path) -> None:
    with whole(tmp_path / "t") as one:
        one.write_text("one")
        write_whole(tmp_path / "t", "other")
    assert (tmp_path / "t").read_text() == "one"


@pytest.mark.skipif(os.name == "nt", reason="needs permissions as POSIX has them")
def test_others_may_read_it_as_they_may_read_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    write_whole(tmp_path / "t", "")
    assert (tmp_path / "t").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("names", [(), ("/unfinished",)])
def test_what_has_no_room_is_said_of_the_file_that_was_meant(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(OSError, match="No space") as error, whole(tmp_path / "t") as unfinished:
        raise OSError(errno.ENOSPC, "No space", *(str(unfinished) for _ in names))
    assert error.value.filename == str(tmp_path / "t")


def test_another_file_s_error_stays_that_file_s(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone") as error, whole(tmp_path / "t"):
        raise OSError(errno.EIO, "gone", "another")
    assert error.value.filename == "another"


def test_an_error_names_the_file_that_was_asked_for_and_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as why:
        write_whole(tmp_path / "missing" / "t", "one")
    assert str(why.value).endswith(f": '{tmp_path / 'missing' / 't'}'")
