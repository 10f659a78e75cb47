"""`antiphon play` reached from elsewhere: its link in the network, and the person's own browser opened."""

import socket
import sys
import urllib.request
from pathlib import Path

import pytest

from music.settings import SettingError
from realtime.reach import reach_of
from tests.support.running import line_with, running
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

PLAY = ("play", "--model", "none", "--no-take", "--page-port", "0")


def own_ip() -> str:
    try:
        return reach_of("", None, None).ip
    except SettingError as reason:
        pytest.skip(str(reason))


def test_the_link_for_others_is_said_and_leads_to_the_page() -> None:
    ip = own_ip()
    with running(*PLAY, "--host") as process:
        home = line_with(process, "page  http").split()[1]
        reach = line_with(process, "reach http").split()[1]
        assert reach == home.replace("127.0.0.1", ip)
        with urllib.request.urlopen(reach) as page:
            assert b"<title>Antiphon</title>" in page.read()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs a script that can be started by its name")
def test_the_person_s_browser_is_opened_without_the_word_on_its_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, seen = tmp_path / "browser", tmp_path / "seen"
    browser.write_text(
        f"#!{sys.executable}\nimport sys, urllib.request\n"
        f"page = urllib.request.urlopen(sys.argv[1]).read().decode()\n"
        f"open({str(seen)!r}, 'w').write(' '.join(sys.argv[1:]) + chr(10) + page)\n"
    )
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    with running(*PLAY, "--open") as process:
        url = line_with(process, "page  http").split()[1]
        wait_until(lambda: seen.exists() and url in seen.read_text())
        said, *_ = seen.read_text().splitlines()
        assert said.startswith("file://")
        assert url.rsplit("/", 2)[1] not in said
