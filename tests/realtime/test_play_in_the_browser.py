"""The whole instrument in a browser: a phrase by the computer's keys, an answer seen and heard, a cut-in, silence by hand.

Everything is real but the person: the engine, the page process, Chromium. How it looks is for eyes.
"""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import pytest

from music.midi_files import read_phrase
from realtime.engine.take import MODEL, PLAYER
from tests.support.browser import BrowserPage, browser_page
from tests.support.running import line_with, running
from tests.support.waiting import PATIENCE_S

PHRASE = (("z", "KeyZ"), ("x", "KeyX"), ("c", "KeyC"), ("v", "KeyV"), ("b", "KeyB"), ("n", "KeyN"))
SOUNDING = "window.antiphon.soundsSounding"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@contextmanager
def playing(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`antiphon play` with its page open, and where that is."""
    with running("play", "--page-port", "0", "--seed", "1", *words) as process:
        yield process, line_with(process, "page  http").split()[1]


@pytest.fixture
def take(tmp_path: Path) -> Path:
    return tmp_path / "take.mid"


@pytest.fixture
def stage(take: Path) -> Iterator[tuple[BrowserPage, subprocess.Popen[str]]]:
    with playing("--length", "20s", "--take", str(take)) as (process, url), browser_page() as page:
        page.open(url)
        page.wait_for("window.antiphon?.connected")
        page.click("#start")
        page.wait_for(
            "document.querySelector('#start').hidden || !document.querySelector('#start').offsetParent"
        )
        yield page, process


def phase(page: BrowserPage, wanted: str) -> None:
    page.wait_for(f"document.querySelector('#turn').dataset.phase === '{wanted}'")


def play(page: BrowserPage) -> None:
    for key, code in PHRASE:
        page.key("keyDown", key, code)
        sleep(0.12)  # a finger's pace: the phrase has a rhythm
        page.key("keyUp", key, code)


def model_keys(page: BrowserPage) -> str:
    return "[...document.querySelectorAll('#piano .model')].map(key => key.dataset.pitch)"


def test_a_phrase_is_answered_seen_and_heard_and_cut_short(
    stage: tuple[BrowserPage, subprocess.Popen[str]], take: Path
) -> None:
    page, process = stage
    phase(page, "waiting")
    play(page)
    phase(page, "answering")
    page.wait_for(f"{SOUNDING} > 0")
    page.wait_for(f"{model_keys(page)}.length > 0")
    assert page.value("+document.querySelector('#roll').dataset.playerNotes") == len(PHRASE)
    page.wait_for("+document.querySelector('#roll').dataset.modelNotes > 2")
    started = page.value("window.antiphon.soundsStarted")
    assert started > len(PHRASE)

    page.key("keyDown", "z", "KeyZ")
    phase(page, "calling")
    page.wait_for(f"{model_keys(page)}.length === 0")
    page.wait_for(f"{SOUNDING} === 1")
    page.key("keyUp", "z", "KeyZ")
    phase(page, "answering")
    page.key("keyDown", "Escape", "Escape")
    phase(page, "waiting")
    page.wait_for(f"{SOUNDING} === 0")
    assert page.errors == []

    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0
    assert {note.voice for note in read_phrase(take).notes} == {PLAYER, MODEL}


def test_a_browser_that_leaves_with_a_key_held_holds_up_nothing(
    stage: tuple[BrowserPage, subprocess.Popen[str]],
) -> None:
    page, _ = stage
    play(page)
    phase(page, "answering")
    page.key("keyDown", "z", "KeyZ")
    phase(page, "calling")
    address = page.value("location.href")
    page.open("about:blank")
    page.wait_for("location.href === 'about:blank'")
    page.open(address)
    page.wait_for("window.antiphon?.connected")
    phase(page, "answering")  # the key was let go, so the phrase ended


def test_the_page_s_controls_move_the_instrument_s(stage: tuple[BrowserPage, subprocess.Popen[str]]) -> None:
    page, _ = stage
    page.value(
        "(() => { const knob = document.querySelector('#temperature'); knob.value = 0.5;"
        "knob.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )
    address = page.value("location.href")
    page.open("about:blank")
    page.wait_for("location.href === 'about:blank'")
    page.open(address)  # what a fresh page shows is what the instrument says
    page.wait_for("window.antiphon?.connected")
    page.wait_for("Math.abs(+document.querySelector('#temperature').value - 0.5) < 0.02")
