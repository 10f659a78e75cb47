"""The folder of the takes, its disk and the page's port, as the doctor finds them."""

import shutil
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from realtime.health.finding import Finding, Verdict
from realtime.health.places import ADDRESS, place_findings

Usage = namedtuple("Usage", "total used free")


def found(takes: Path, port: int = 0) -> dict[str, Finding]:
    return {one.about: one for one in place_findings(takes, port)}


def test_a_folder_that_is_made_later_is_fine_with_the_disk_that_it_will_lie_on(tmp_path: Path) -> None:
    places = found(tmp_path / "Music" / "Antiphon")
    assert places["takes"].verdict is Verdict.FINE
    assert "made at the first take" in places["takes"].found
    assert "GiB free" in places["disk"].found


def test_a_file_in_place_of_the_folder_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    takes = found(tmp_path / "file")["takes"]
    assert takes.verdict is Verdict.WRONG
    assert "--takes DIR" in takes.remedy


@pytest.mark.parametrize(
    ("free", "verdict"), [(1 << 20, Verdict.WRONG), (1 << 29, Verdict.NOTE), (1 << 31, Verdict.FINE)]
)
def test_a_disk_is_judged_by_what_is_free(
    free: int, verdict: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1 << 40, 0, free))
    assert found(tmp_path)["disk"].verdict is verdict


def test_a_port_in_use_is_noted(tmp_path: Path) -> None:
    with socket.create_server((ADDRESS, 0)) as taken:
        page = found(tmp_path, taken.getsockname()[1])["page"]
    assert page.verdict is Verdict.NOTE
    assert "in use" in page.found
