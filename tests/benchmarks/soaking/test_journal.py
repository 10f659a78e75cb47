"""Rows are there for whoever reads, as soon as they are noted, however their writer ends."""

from pathlib import Path

import pytest

from benchmarks.soaking import journal
from benchmarks.soaking.journal import Journal, Reading, rows_in


def test_rows_are_read_while_the_journal_grows(tmp_path: Path) -> None:
    written, reading = Journal(tmp_path / "j"), Reading(tmp_path / "j")
    assert list(reading.rows()) == []
    written.note("came", message="903c40")
    assert [row["message"] for row in reading.rows()] == ["903c40"]
    written.note("sent", message="803c40")
    assert [row["kind"] for row in reading.rows()] == ["sent"]
    assert [row["kind"] for row in rows_in(tmp_path / "j")] == ["came", "sent"]


def test_a_journal_that_is_full_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "GROWS_BY", 4096)
    written = Journal(tmp_path / "j")
    for number in range(200):
        written.note("came", number=number)
    assert [row["number"] for row in rows_in(tmp_path / "j")] == list(range(200))


def test_there_is_nothing_to_read_where_nobody_has_written(tmp_path: Path) -> None:
    assert rows_in(tmp_path / "nowhere") == []
