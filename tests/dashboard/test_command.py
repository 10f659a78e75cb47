"""`antiphon dashboard`: a missing streamlit and a busy port are a line each; in a browser no exception box is seen."""

import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import antiphon
from dashboard.places import Places
from tests.support.browser import browser_page
from tests.support.command import ROOT

NO_EXCEPTION = "!document.querySelector('[data-testid=stException]')"
READY = "document.querySelectorAll('[data-testid=stAppViewContainer] [data-testid=stSkeleton]').length === 0"
PLAYS = "document.querySelector('iframe')?.contentDocument?.querySelector('button')?.ariaPressed"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(places: Places) -> Iterator[str]:
    """`antiphon dashboard` as a process of its own; its address."""
    port = free_port()
    words = ["--runs", str(places.runs), "--corpora", str(places.corpora), "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", "antiphon", "dashboard", *words],
        cwd=places.runs.parent,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if re.search(r"server started", line, re.IGNORECASE):
                break
        else:
            pytest.fail("".join(lines))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(20) == 0
        finally:
            process.kill()
            if process.stdout is not None:
                process.stdout.close()


def test_a_busy_port_is_told_with_another(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert antiphon.main(["dashboard", "--port", str(port)]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"antiphon: port {port} can't be had: ")
    assert "--port " in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize("port", ["0", "70000"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert antiphon.main(["dashboard", "--port", port]) == 2
    assert capsys.readouterr().err == f"antiphon: --port is a number from 1 to 65535, not {port}\n"


def test_without_streamlit_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "streamlit" else find(name))
    assert antiphon.main(["dashboard"]) == 2
    assert capsys.readouterr().err == (
        "antiphon: dashboard needs streamlit, which is not installed: pip install 'antiphon[dashboard]'\n"
    )


@pytest.mark.slow
@pytest.mark.browser
def test_every_page_is_seen_in_a_browser_without_an_exception_and_a_roll_is_played(mixed: Places) -> None:
    with served(mixed) as address, browser_page() as page:
        page.open(f"{address}/model")  # by its own address first: the frame is around it all the same
        page.wait_for_text("What its notes are like")
        page.wait_for_text("Calls and answers")
        page.wait_for_text("Where it comes from")
        page.wait_for(READY)
        assert page.value(NO_EXCEPTION)
        page.open(address)
        page.wait_for_text("Held-out pieces")
        page.wait_for("document.querySelectorAll('.vega-embed canvas, .vega-embed svg').length >= 8")
        assert page.value(NO_EXCEPTION)
        page.open(f"{address}/answers")
        page.wait_for_text("All of them")
        page.wait_for(f"{PLAYS} === 'false'")
        page.click("button", frame="iframe")
        page.wait_for(f"{PLAYS} === 'true'")
        clock = (
            "parseFloat(document.querySelector('iframe').contentDocument.querySelector('.clock').textContent)"
        )
        page.wait_for(f"{clock} > 0.3")
        page.click("button", frame="iframe")
        page.wait_for(f"{PLAYS} === 'false'")
        assert page.value(NO_EXCEPTION)
        assert [error for error in page.errors if "_stcore" not in error] == []
