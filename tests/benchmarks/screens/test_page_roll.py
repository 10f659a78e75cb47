"""The roll's figures come from a browser that draws; a folder without a page is refused."""

import json
from pathlib import Path

import pytest

import antiphon


@pytest.mark.browser
@pytest.mark.slow
def test_every_number_of_notes_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert antiphon.main(["bench", "page-roll", "--notes", "0", "30", "--frames", "4", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["frame_ms"]
    assert [(notes, spread["n"]) for notes, spread in figures.items()] == [("0 notes", 4), ("30 notes", 4)]
    assert all(spread["p50"] > 0 for spread in figures.values())


def test_a_folder_without_a_page_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert antiphon.main(["bench", "page-roll", "--page", str(tmp_path)]) == 2
    assert "no roll.js is there" in capsys.readouterr().err
