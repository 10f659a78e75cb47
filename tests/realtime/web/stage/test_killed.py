"""Killed in mid-answer: the page falls silent, and where there is somebody to come back to, it heals.

Everything is real but the person: the engine, the page process, the browsers.
"""

import os
import signal
import subprocess

import pytest

from benchmarks.instrument.processes import children
from tests.commands.test_play_in_the_browser import SOUNDING, looking, model_keys, phase, play, playing
from tests.support.browser import BrowserPage
from tests.support.either_browser import EITHER_HEARD, Browser
from tests.support.waiting import PATIENCE_S

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("browser", EITHER_HEARD)]

ANSWER = ("--model", "none", "--length", "20s", "--no-take")
TURN = "document.querySelector('#turn').innerText"


def answering(page: BrowserPage) -> None:
    play(page)
    phase(page, "answering")
    page.wait_for(f"{SOUNDING} > 0 && {model_keys(page)}.length > 0")


def page_process_of(engine: subprocess.Popen[str]) -> int:
    (found,) = children(engine.pid)
    return found


def test_a_page_process_that_is_killed_comes_back_and_the_music_goes_on(browser: Browser) -> None:
    with playing(*ANSWER) as (engine, url), looking(url, browser) as page:
        answering(page)
        before = page_process_of(engine)
        page.value(
            "(() => { window.wasSilent = false; new MutationObserver(() => {"
            f"if (document.body.dataset.connected === 'false') window.wasSilent ||= {SOUNDING} === 0;"
            "}).observe(document.body, { attributes: true }) })()"
        )
        os.kill(before, signal.SIGKILL)
        page.wait_for("document.body.dataset.connected === 'false' || window.wasSilent")
        page.wait_for("window.antiphon.connected")
        page.wait_for(f"{TURN}.startsWith('Antiphon answers') || {TURN}.startsWith('Play a phrase')")
        assert page.value("window.wasSilent")
        assert page_process_of(engine) != before
        page.press("Escape", "Escape")
        phase(page, "waiting")
        answering(page)  # as if nothing had been
        page.key("keyDown", "Escape", "Escape")
        page.wait_for(f"{SOUNDING} === 0")


def test_an_engine_that_is_killed_leaves_a_silent_page_that_finds_the_next_start_closed(
    browser: Browser,
) -> None:
    with playing(*ANSWER) as (engine, url), looking(url, browser) as page:
        answering(page)
        engine.kill()
        engine.wait(PATIENCE_S)
        page.wait_for("document.body.dataset.connected === 'false'")
        page.wait_for(f"{SOUNDING} === 0 && {model_keys(page)}.length === 0")
        page.wait_for(f"{TURN}.includes('The line to Antiphon is lost')")
        port = url.split(":")[2].split("/")[0]
        with playing(*ANSWER, "--page-port", port) as (_, other):
            assert other != url
            page.wait_for(f"{TURN}.includes('open the link, that is shown now')")
            page.open(other)
            page.wait_for("window.antiphon?.connected")
