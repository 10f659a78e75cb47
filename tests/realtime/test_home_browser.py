"""The person's own browser is opened with a file that only its owner can read, never with the word itself."""

import os
import stat
import webbrowser
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from realtime.home_browser import NO_BROWSER, HomeBrowser
from tests.support.waiting import wait_until

URL = "http://127.0.0.1:8765/bcdf-ghjk-mnpq/"


def test_what_is_opened_leads_to_the_page_and_hides_the_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: not opened.append(url))
    home = HomeBrowser(tmp_path, print)
    home.open(URL)
    home.open(URL)  # a page process that came back
    wait_until(lambda: opened)
    (url,) = opened
    assert "bcdf" not in url
    path = Path(url2pathname(urlsplit(url).path))
    assert path.parent == tmp_path
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert URL in path.read_text()
    home.close()
    assert list(tmp_path.iterdir()) == []


def test_where_there_is_no_browser_a_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    home = HomeBrowser(tmp_path / "not there", said.append)
    home.open(URL)
    wait_until(lambda: said)
    assert said == [NO_BROWSER]
    home.close()
