"""Takes kept and shared in the page: heard again with their roll, starred, named, made into a sound file.

Everything is real but the person and their ears: the engine, the page process, Chromium.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.test_play_in_the_browser import SOUNDING, a_finished_take, phase
from tests.support.browser import BrowserPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIRST = "document.querySelector('#takes li:last-child')"
NOTICE = "document.querySelector('#heard-again')"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("takes")


@pytest.fixture(scope="module")
def page(folder: Path) -> Iterator[BrowserPage]:
    """A page with a finished take in it, whose one answer has a star, and nothing sounding."""
    with a_finished_take(folder, ("4", "Digit4")) as page:
        page.wait_for("document.querySelector('#takes .stars')?.textContent === '★'")
        yield page


def press(page: BrowserPage, about: str) -> None:
    page.value(f"{FIRST}.querySelector(`button[title^='{about}']`).click()")


def test_a_take_is_heard_again_and_falls_silent_when_you_play(page: BrowserPage) -> None:
    started = page.value("window.antiphon.soundsStarted")
    press(page, "Hear it again")
    page.wait_for(f"!{NOTICE}.hidden && window.antiphon.soundsStarted > {started} + 6")
    assert "first" in page.value(f"{NOTICE}.textContent")
    page.key("keyDown", "z", "KeyZ")
    page.wait_for(f"{NOTICE}.hidden && {SOUNDING} === 1")
    page.key("keyUp", "z", "KeyZ")
    phase(page, "answering")
    page.key("keyDown", "Escape", "Escape")
    phase(page, "waiting")


def test_the_star_is_marked_at_its_place_and_one_press_goes_there(page: BrowserPage) -> None:
    press(page, "Hear it again")
    page.wait_for(f"!{NOTICE}.hidden && {NOTICE}.querySelectorAll('.starred i').length === 1")
    place = f"{NOTICE}.querySelector('input')"
    share = page.value(f"+{NOTICE}.querySelector('.starred i').style.getPropertyValue('--at')")
    assert 0 < share < 1
    page.click("#heard-again .next-star")
    page.wait_for(f"+{place}.value >= {share} * +{place}.max - 0.2")
    page.wait_for(f"Math.abs({place}.style.getPropertyValue('--share') - {place}.value / {place}.max) < 0.01")
    page.click("#heard-again .stop")
    page.wait_for(f"{NOTICE}.hidden")


def test_its_sound_becomes_a_file(page: BrowserPage) -> None:
    page.value(
        "window.kept = undefined; URL.createObjectURL = (blob) => { window.kept = blob; return '#'; };"
        "HTMLAnchorElement.prototype.click = function () { window.keptAs = this.download; }"
    )
    press(page, "Record its sound")
    page.wait_for(f"!{NOTICE}.hidden")
    page.wait_for("window.kept?.size > 2000")
    page.wait_for(f"{NOTICE}.hidden")
    assert page.value("window.keptAs").split(".")[0] == "first"
    assert page.value("window.kept.type").startswith("audio/")


def test_it_is_given_a_name_and_keeps_it_where_the_name_can_t_be(page: BrowserPage, folder: Path) -> None:
    for name in ("A fine evening", "a/b"):
        press(page, "Give it a name")
        page.value(f"{FIRST}.querySelector('input').value = {name!r}")
        page.value(f"{FIRST}.querySelector('form').requestSubmit()")
        page.wait_for(f"{FIRST}.textContent.includes('A fine evening')")
    page.wait_for("document.querySelector('#lines').textContent.includes('keeps its name')")
    assert (folder / "A fine evening.mid").is_file()
    assert not (folder / "first.mid").exists()


def test_what_is_dragged_out_of_the_page_is_its_file(page: BrowserPage) -> None:
    page.value(
        f"(() => {{ window.data = new DataTransfer(); {FIRST}.querySelector('a').dispatchEvent("
        "new DragEvent('dragstart', {dataTransfer: window.data, bubbles: true})); })()"
    )
    kind, name, address = page.value("window.data.getData('DownloadURL')").split(":", 2)
    assert kind == "audio/midi"
    assert name.endswith(".mid")
    assert address.startswith("http://127.0.0.1:")
