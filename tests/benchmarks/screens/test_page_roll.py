"""The roll's figures come from a browser that draws; a folder without a page is refused."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from queue import Queue
from types import SimpleNamespace
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

import antiphon
from benchmarks.screens import page_roll
from music.settings import SettingError
from tests.support.waiting import PATIENCE_S


@pytest.mark.browser
@pytest.mark.slow
def test_every_number_of_notes_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert antiphon.main(["bench", "page-roll", "--notes", "0", "30", "--frames", "4", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["frame_ms"]
    assert [(notes, spread["n"]) for notes, spread in figures.items()] == [("0 notes", 4), ("30 notes", 4)]
    assert all(spread["p50"] > 0 for spread in figures.values())


def test_a_folder_without_a_page_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert antiphon.main(["bench", "page-roll", "--page", str(tmp_path)]) == 2
    assert "no roll/roll.js is there" in capsys.readouterr().err


def options(page: Path, *words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    page_roll.add_arguments(parser)
    return parser.parse_args(["--page", str(page), *words])


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A folder with a page's files, which draw nothing."""
    (tmp_path / "roll").mkdir()
    (tmp_path / "roll" / "roll.js").write_text("export class Roll {}", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("not the page's")
    return tmp_path


def fetched(address: str, body: bytes | None = None) -> tuple[str, str]:
    """The kind of what lies at an address, and its text."""
    with urlopen(address, data=body, timeout=PATIENCE_S) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


@contextmanager
def browser_that_measures(frames: dict[str, list[float]], address: str) -> Iterator[None]:
    fetched(f"{address}figures", json.dumps(frames).encode())
    yield


def test_the_browser_is_given_a_canvas_and_the_program_that_measures(page: Path) -> None:
    asked = options(page, "--notes", "0", "7", "--frames", "3", "--width", "300", "--height", "200")
    with page_roll._served(asked, Queue()) as address:
        kind, html = fetched(address)
        assert kind == "text/html"
        assert "width: 300px; height: 200px" in html
        kind, program = fetched(f"{address}measure.js")
        assert kind == "text/javascript"
        assert '{"notes": [0, 7], "frames": 3, "ahead": 60}' in program
        assert "Math.max(200 / 64, 5)" in program
        assert "%%" not in program


def test_the_pages_own_files_are_served_and_nothing_beside_them(page: Path) -> None:
    with page_roll._served(options(page), Queue()) as address:
        assert fetched(f"{address}page/roll/roll.js") == ("text/javascript", "export class Roll {}")
        for wrong in (
            "page/none.js",
            "page/roll.js",
            "page/secret.txt",
            "secret.txt",
            "page/../../etc/passwd",
        ):
            with pytest.raises(HTTPError) as refused:
                fetched(address + wrong)
            assert refused.value.code == 404
            refused.value.close()


def test_what_the_browser_found_is_heard(page: Path) -> None:
    found: Queue[dict[str, list[float]]] = Queue()
    with page_roll._served(options(page), found) as address:
        fetched(f"{address}figures", b'{"50": [1.5, 2.5]}')
    assert found.get_nowait() == {"50": [1.5, 2.5]}


def test_nobody_listens_any_more_when_all_is_measured(page: Path) -> None:
    with page_roll._served(options(page), Queue()) as address:
        pass
    with pytest.raises(URLError):
        fetched(address)


def test_figures_are_milliseconds_by_the_notes_in_view(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = {"0": [1.0, 1.0], "50": [2.0, 4.0]}
    monkeypatch.setattr(page_roll, "_browser", partial(browser_that_measures, frames))
    found = page_roll.run(options(page, "--width", "300", "--height", "200"))
    assert found["canvas"] == "300 x 200"
    assert found["frame_ms"]["0 notes"]["p50"] == pytest.approx(1.0)
    assert found["frame_ms"]["50 notes"] == pytest.approx({"p50": 3.0, "p99": 3.98, "max": 4.0, "n": 2})


def test_a_browser_that_finds_nothing_is_given_up_with_the_remedy(
    page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_roll, "_browser", lambda address: nullcontext())
    monkeypatch.setattr(page_roll, "WITHIN_S", 0.01)
    with pytest.raises(SettingError, match="try fewer --frames"):
        page_roll.run(options(page))


def test_without_a_browser_it_is_said_which_to_install(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_roll.shutil, "which", lambda program: None)
    with pytest.raises(SettingError, match="install one of chromium, "):
        page_roll.run(options(page))


def test_the_first_browser_there_is_opens_the_address_in_a_profile_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[list[str]] = []
    ended: list[str] = []
    process = SimpleNamespace(
        terminate=lambda: ended.append("asked to end"), wait=lambda: ended.append("gone")
    )
    programs = {"google-chrome": "/bin/google-chrome", "chrome": "/bin/chrome"}
    monkeypatch.setattr(page_roll.shutil, "which", programs.get)
    monkeypatch.setattr(page_roll.subprocess, "Popen", lambda command, **_: begun.append(command) or process)
    with page_roll._browser("http://here/"):
        (command,) = begun
        assert (command[0], command[-1]) == ("/bin/google-chrome", "http://here/")
        profile = Path(command[-2].removeprefix("--user-data-dir="))
        assert profile.is_dir()
        assert ended == []
    assert ended == ["asked to end", "gone"]
    assert not profile.exists()


@pytest.mark.parametrize(("user", "flags"), [(0, ["--no-sandbox"]), (1000, [])])
def test_only_root_goes_without_a_sandbox(
    user: int, flags: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_roll.os, "geteuid", lambda: user, raising=False)
    assert page_roll.for_root() == flags
