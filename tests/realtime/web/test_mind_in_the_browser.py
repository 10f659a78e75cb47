"""What the page shows of the answerer's mind, and what it tells those who are new: in a browser, everything
else real.

How it looks is for eyes.
"""

from collections.abc import Iterator
from time import sleep

import pytest

from tests.support.browser import BrowserPage
from tests.support.chromium import chromium_page
from tests.support.running import line_with, running

PHRASE = (("z", "KeyZ"), ("x", "KeyX"), ("c", "KeyC"), ("v", "KeyV"))
STATES = "window.antiphon.ahead.map(note => note.state)"
EXPECTED = "document.querySelectorAll('#piano .expected').length"
HINT = "document.querySelector('#hint').innerText"

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture(params=["default", "none"])
def page(request: pytest.FixtureRequest) -> Iterator[BrowserPage]:
    words = [*("--page-port", "0", "--seed", "1", "--no-take", "--length", "8s", "--model", request.param)]
    words += ["--longest-hold", "none"]  # a busy machine may show late what is thought of while a key is held
    with running("play", *words) as process, chromium_page() as opened:
        opened.open(line_with(process, "page  http").split()[1])
        opened.wait_for("window.antiphon?.connected")
        opened.click("#start")
        opened.has_a_model = request.param == "default"  # type: ignore[attr-defined]
        yield opened
        assert opened.errors == []


def play(page: BrowserPage) -> None:
    for key, code in PHRASE:
        page.key("keyDown", key, code)
        sleep(0.12)  # a finger's pace
        page.key("keyUp", key, code)


def phase(page: BrowserPage, wanted: str) -> None:
    page.wait_for(f"document.querySelector('#turn').dataset.phase === '{wanted}'")


def choose(page: BrowserPage, switch: str) -> None:
    page.value(f"document.querySelector('#{switch}').click()")


def test_an_answer_stands_ready_while_a_key_is_held_and_is_committed_at_the_hand_over(
    page: BrowserPage,
) -> None:
    page.key("keyDown", "z", "KeyZ")
    page.wait_for(f"{STATES}.includes('sketch')")
    if page.has_a_model:  # type: ignore[attr-defined]
        page.wait_for(f"{EXPECTED} > 0")
    page.key("keyUp", "z", "KeyZ")
    phase(page, "answering")
    page.wait_for(f"{STATES}.includes('committed')")
    assert page.value(f"{STATES}.includes('sketch')") is False
    assert page.value(EXPECTED) == 0
    page.key("keyDown", "Escape", "Escape")
    phase(page, "waiting")
    page.wait_for("window.antiphon.ahead.length === 0")


def test_what_is_switched_off_is_not_shown_and_stays_so(page: BrowserPage) -> None:
    for switch in ("see-ideas", "see-expected"):
        choose(page, switch)
    play(page)
    phase(page, "answering")
    assert page.value(f"window.antiphon.ahead.length + {EXPECTED}") == 0
    address = page.value("location.href")
    page.open("about:blank")
    page.wait_for("location.href === 'about:blank'")
    page.open(address)
    page.wait_for("window.antiphon?.connected")
    assert page.value("document.querySelector('#see-ideas').checked") is False


def test_another_is_offered_beside_it_and_calmer_reaches_the_knob(page: BrowserPage) -> None:
    another = "document.querySelector('#asides [data-name=again]')"
    assert page.value(f"{another}.disabled") is True
    play(page)
    phase(page, "answering")
    page.wait_for(f"!{another}.disabled")
    page.click("#asides [data-name=again]")
    page.wait_for("document.querySelector('#lines').textContent.includes('asked for another answer')")
    page.click("#asides [data-name=calmer]")
    page.wait_for("document.querySelector('#temperature').dataset.value === '0.8'")


def test_the_line_of_help_goes_on_with_what_was_tried_and_all_keys_are_a_key_away(page: BrowserPage) -> None:
    first = page.wait_for(HINT)
    page.key("keyDown", "z", "KeyZ")
    page.wait_for(f"{HINT} !== {first!r}")
    page.key("keyUp", "z", "KeyZ")
    page.key("keyDown", "?", "Slash")
    page.wait_for("document.querySelector('#help').open")
    notes = page.value("+document.querySelector('#roll').dataset.playerNotes")
    page.key("keyDown", "z", "KeyZ")  # in the list no key plays
    page.key("keyUp", "z", "KeyZ")
    page.key("keyDown", "?", "Slash")
    page.wait_for("!document.querySelector('#help').open")
    page.key("keyDown", "x", "KeyX")
    page.wait_for(f"+document.querySelector('#roll').dataset.playerNotes === {notes + 1}")
    page.key("keyUp", "x", "KeyX")


def test_a_knob_is_called_by_what_it_does_to_the_music(page: BrowserPage) -> None:
    label = page.wait_for("document.querySelector('label[for=temperature]')?.textContent")
    assert label == "Daring"
    title = page.value("document.querySelector('#temperature').title")
    assert "(temperature)" in title
    assert "goes its own way" in title
