"""axe finds nothing serious in any state of the page.

Keys that are down, the list of keys, a take that is heard again: also on the narrowest of phones, and where
the person has chosen the colours of every page.
"""

import json
from collections.abc import Iterator
from importlib.resources import files

import pytest

from tests.realtime.web.test_everyone import begun, found_by_axe, now, opened
from tests.support.browser import BrowserPage
from tests.support.chromium import chromium_page
from tests.support.page_process import PageProcess, note, page_process, turn

SIZES = [(1280, 800), (320, 568)]
COLOURS = ["none", "active"]
# A take with a star that this process hasn't is heard again, and stands still there.
HEARD = """(() => {
  const take = { seconds: 60, starred: [12], rows: [] };
  const fetched = window.fetch;
  window.fetch = async (asked) => String(asked).includes("/heard/") ? Response.json(take) : fetched(asked);
  document.querySelector("#takes li > button").click();
})()"""
LISTED = {"name": "a take.mid", "seconds": 60.0, "player": 12, "model": 30, "now": False, "starred": 1}

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def process() -> Iterator[PageProcess]:
    with page_process() as running:
        yield running.open()


@pytest.fixture(scope="module")
def axe() -> str:
    pytest.importorskip("axe_core_python")
    return (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("forced", COLOURS)
@pytest.mark.parametrize("size", SIZES)
def test_in_every_state_of_the_page_axe_finds_nothing_serious(
    process: PageProcess, axe: str, size: tuple[int, int], forced: str
) -> None:
    with opened(process, chromium_page, *size) as page:
        page.prefer(forced_colors=forced)
        page.wait_for(f"matchMedia('(forced-colors: {forced})').matches")
        begun(page)
        found = {state: found_by_axe(page, axe) for state in states(process, page)}
        assert {state: serious for state, serious in found.items() if serious} == {}
        assert len(found) == 4


def hear_again(page: BrowserPage) -> None:
    page.value(f"antiphon.received({json.dumps({'kind': 'takes', 'takes': [LISTED]})})")
    page.value(HEARD)
    page.wait_for("!document.querySelector('#heard-again').hidden")
    page.wait_for("!document.querySelector('.next-star').hidden")


def states(process: PageProcess, page: BrowserPage) -> Iterator[str]:
    """The page in one state after the other."""
    at = now(process)
    process.tell(turn(at, "answering"), note(at, 60), note(at, 64, who="model"))
    page.wait_for("document.querySelectorAll('.key.player, .key.model').length === 2")
    yield "keys are down"
    process.tell(note(at, 60, 0), note(at, 64, 0, who="model"), turn(at, "waiting"))
    page.value("document.querySelector('#help').showModal()")
    yield "the list of keys"
    page.value("document.querySelector('#help').close()")
    hear_again(page)
    yield "a take is heard again"
    page.click("#heard-again .onward")
    page.wait_for("document.querySelector('#heard-again').textContent.includes('On from')")
    yield "it stands still"


@pytest.mark.parametrize("size", [(320, 568), (568, 320), (390, 844), (1280, 800)])
def test_a_take_that_is_heard_again_can_be_stopped_on_every_screen(
    process: PageProcess, size: tuple[int, int]
) -> None:
    with opened(process, chromium_page, *size) as page:
        begun(page)
        hear_again(page)
        for button in (".onward", ".next-star", ".stop"):
            found = "document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)"
            box = f"document.querySelector('#heard-again {button}').getBoundingClientRect()"
            assert page.value(f"(() => {{ const box = {box}; return {found}.matches('{button}') }})()"), (
                button
            )
        assert page.value("document.documentElement.scrollWidth") <= size[0]
        page.click("#heard-again .stop")
        page.wait_for("document.querySelector('#heard-again').hidden")
