"""Tags and notes beside a run: kept, found again, never over somebody else's."""

import os
from pathlib import Path

import pytest

from dashboard.comparing.remarks import FILE, Remarks, keep, remarks_on, tags_in
from music.settings import SettingError
from realtime.journals.held import hold


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    assert remarks_on(tmp_path) == Remarks()
    remarks = Remarks(tags_in(" good,, too  loud ,good"), "Its basses\nwander.")
    assert remarks.tags == ("good", "too loud")
    keep(tmp_path, remarks, Remarks())
    assert remarks_on(tmp_path) == remarks


def test_what_somebody_else_wrote_meanwhile_is_not_lost(tmp_path: Path) -> None:
    theirs = Remarks(("theirs",))
    keep(tmp_path, theirs, Remarks())
    with pytest.raises(SettingError, match="changed meanwhile"):
        keep(tmp_path, Remarks(("ours",)), Remarks())
    assert remarks_on(tmp_path) == theirs


@pytest.mark.skipif(os.name != "posix", reason="a folder can't be held here")
def test_while_another_dashboard_writes_nothing_is_written(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        hold(folder)
        with pytest.raises(SettingError, match="just now"):
            keep(tmp_path, Remarks(("ours",)), Remarks())
    finally:
        os.close(folder)
    assert not (tmp_path / FILE).exists()
    keep(tmp_path, Remarks(("ours",)), Remarks())
    assert remarks_on(tmp_path) == Remarks(("ours",))


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"tags": 3, "note": ""}'])
def test_damaged_remarks_are_a_line(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(SettingError, match="damaged"):
        remarks_on(tmp_path)


def test_more_than_anybody_reads_is_refused(tmp_path: Path) -> None:
    for remarks in (Remarks(("x" * 41,)), Remarks(tuple(map(str, range(21)))), Remarks((), "x" * 10_001)):
        with pytest.raises(SettingError, match="at most"):
            keep(tmp_path, remarks, Remarks())
    assert not (tmp_path / FILE).exists()
