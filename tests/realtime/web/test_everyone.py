"""The page for everyone: phones held either way, keys alone, a screen reader, calm, and two browsers.

The page process and the browsers are real; rows come to it as from the engine.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import pytest

from tests.support.browser import BrowserPage
from tests.support.chromium import chromium_page
from tests.support.either_browser import CHROMIUM, EITHER, EITHER_HEARD, FIREFOX, Browser, taken_with
from tests.support.page_process import TOKEN, PageProcess, note, page_process, turn

PHONES = [(844, 390), (390, 844), (320, 568), (568, 320)]
DEEDS = ("pedal", "hand-over", "panic")
IN_SIGHT = """(id) => {
  const box = document.getElementById(id).getBoundingClientRect();
  const found = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const isWithin = box.left >= 0 && box.right <= innerWidth && box.top >= 0 && box.bottom <= innerHeight;
  return isWithin && !!found?.closest(`#${id}`);
}"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def process() -> Iterator[PageProcess]:
    """A page process for all tests of this module: none of them leaves anything behind but notes."""
    with page_process() as running:
        yield running.open()


@contextmanager
def opened(process: PageProcess, browser: Browser, width: int = 1280, height: int = 800) -> Iterator[Any]:
    with browser(width, height) as page:
        page.open(f"http://{process.host}/{TOKEN}/")
        page.wait_for("window.antiphon?.connected")
        yield page


def begun(page: BrowserPage) -> None:
    page.click("#start button")
    page.wait_for("document.querySelector('#start').classList.contains('gone')")
    page.wait_for("getComputedStyle(document.querySelector('#start')).visibility === 'hidden'")


def now(process: PageProcess) -> float:
    return time.perf_counter()


@pytest.mark.parametrize("browser", EITHER)
def test_what_is_played_on_the_page_goes_out_and_what_is_answered_is_seen(
    process: PageProcess, browser: Browser
) -> None:
    with opened(process, browser) as page:
        begun(page)
        page.key("keyDown", "z", "KeyZ")
        struck = process.said("key")
        page.key("keyUp", "z", "KeyZ")
        assert process.said("key") == struck | {"velocity": 0}
        before = page.value("+document.querySelector('#roll').dataset.modelNotes")
        process.tell(turn(now(process), "answering"), note(now(process), 64, who="model"))
        page.wait_for("document.querySelector('.key[data-pitch=\"64\"]').classList.contains('model')")
        page.wait_for("document.querySelector('#turn').innerText.startsWith('Antiphon answers')")
        assert page.value("+document.querySelector('#roll').dataset.modelNotes") == before + 1
        process.tell(note(now(process), 64, 0, who="model"), turn(now(process), "waiting"))
        page.wait_for("!document.querySelector('.key.model')")
        page.key("keyDown", "Escape", "Escape")
        assert process.said()["kind"] == "panic"
        page.key("keyUp", "Escape", "Escape")
        assert page.errors == []


@pytest.mark.parametrize("browser", EITHER_HEARD)
def test_loaded_anew_in_mid_answer_it_shows_what_sounds_and_sounds_what_follows(
    process: PageProcess, browser: Browser
) -> None:
    with opened(process, browser) as page:
        begun(page)
        process.tell(turn(now(process), "answering"), note(now(process), 64, who="model"))
        page.wait_for("antiphon.soundsSounding === 1")
        page.reload()
        page.wait_for("document.querySelector('.key[data-pitch=\"64\"]')?.classList.contains('model')")
        assert page.value("document.querySelector('#turn').innerText").startswith("Antiphon answers")
        begun(page)
        page.wait_for("antiphon.sound.context.state === 'running'")
        assert page.value("antiphon.soundsSounding") == 0  # a string that was struck long ago
        process.tell(note(now(process), 67, who="model"))
        page.wait_for("antiphon.soundsSounding === 1")
        process.tell(*(note(now(process), pitch, 0, who="model") for pitch in (64, 67)))
        page.wait_for("!document.querySelector('.key.model')")
        process.tell(turn(now(process), "waiting"))
        page.wait_for("antiphon.soundsSounding === 0")
        assert page.errors == []


@pytest.mark.parametrize("browser", EITHER)
def test_by_a_word_that_was_guessed_or_is_of_yesterday_nobody_is_let_in_and_by_the_right_one_one_is(
    browser: Browser,
) -> None:
    with page_process() as process, browser(1280, 800) as page:
        process.open()
        for word, said in (
            ("guessed", "open the address that Antiphon shows"),
            ("bcdf-ghjk-mnpq", "not the address of this start: scan the code"),
        ):
            page.open(f"http://{process.host}/{word}/")
            page.wait_for_text(said)
            assert page.value("document.scripts.length") == 0
            process.said("line")
        page.open(f"http://{process.host}/{TOKEN}/")
        page.wait_for("window.antiphon?.connected")


@pytest.mark.parametrize("browser", EITHER)
@pytest.mark.parametrize(("width", "height"), PHONES)
def test_on_a_phone_nothing_is_wider_than_it_and_the_three_buttons_stay_however_far_it_is_scrolled(
    process: PageProcess, browser: Browser, width: int, height: int
) -> None:
    with opened(process, browser, width, height) as page:
        begun(page)
        page.value("document.querySelector('#pedal').style.display = 'block'")  # as where there are no mice
        assert page.value("document.documentElement.scrollWidth") <= width
        for place in ("0", "document.body.scrollHeight", "0"):
            page.value(f"scrollTo(0, {place})")
            for deed in DEEDS:
                page.wait_for(f"({IN_SIGHT})('{deed}')", patience_s=30)
        assert page.errors == []


@pytest.mark.parametrize("browser", EITHER)
def test_of_two_pages_each_sees_the_other_hand_in_its_colour(process: PageProcess, browser: Browser) -> None:
    with opened(process, browser) as first, opened(process, browser) as second:
        mine, other = (page.value("+document.body.dataset.hand") for page in (first, second))
        assert mine != other
        begun(second)
        second.key("keyDown", "z", "KeyZ")
        struck = process.said("key")
        process.tell(note(now(process), struck["pitch"]) | {"source": 1000})
        key = f"document.querySelector('.key[data-pitch=\"{struck['pitch']}\"]')"
        for page in (first, second):
            page.wait_for(f"{key}.classList.contains('player')")
        inks = [page.value(f"{key}.style.getPropertyValue('--hand')") for page in (first, second)]
        assert inks[0] == inks[1]
        yours = "document.querySelector('.sides').style.getPropertyValue('--warm')"
        assert second.value(yours) == inks[1]
        assert first.value(yours) != inks[0]
        second.key("keyUp", "z", "KeyZ")
        assert process.said("key")["velocity"] == 0
        process.tell(note(now(process), struck["pitch"], 0) | {"source": 1000})


@pytest.mark.parametrize(
    ("browser", "size"),
    [
        taken_with(CHROMIUM, (1280, 800)),
        taken_with(CHROMIUM, (390, 844)),
        taken_with(FIREFOX, (1280, 800)),
    ],
)
def test_axe_finds_nothing_serious(process: PageProcess, browser: Browser, size: tuple[int, int]) -> None:
    pytest.importorskip("axe_core_python")
    axe = (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")
    with opened(process, browser, *size) as page:
        serious: list[str] = []
        for panel in (None, "takes-panel", "mode-panel", "midi-panel", "log-panel"):
            if panel is None:
                serious += found_by_axe(page, axe)
                begun(page)
            else:
                page.value(f"document.getElementById('{panel}').open = true")
            serious += found_by_axe(page, axe)
        assert sorted(set(serious)) == []
        page.value(
            "document.querySelector('main').append(Object.assign(new Image(), {src: 'page/favicon.svg'}))"
        )
        assert len(found_by_axe(page, axe)) == 1  # which shows that it looks


def found_by_axe(page: BrowserPage, axe: str) -> list[str]:
    """What it calls serious or critical, each with the places."""
    page.value(f"void (() => {{ {axe}\n }})()")
    found = page.value(
        "axe.run(document, {resultTypes: ['violations']}).then(({violations}) => violations"
        ".filter(({impact}) => impact === 'serious' || impact === 'critical')"
        ".map(({id, nodes}) => `${id}: ${nodes.map(({target}) => target).join(', ')}`))"
    )
    return [str(violation) for violation in found]


@pytest.mark.browser
def test_a_screen_reader_hears_turns_and_lines_and_no_chatter(process: PageProcess) -> None:
    spoken = ("[aria-live]:not([aria-live=off])", "[role=log]", "[role=status]", "[role=progressbar]")
    live = f"[...document.querySelectorAll('{', '.join(spoken)}')]"
    with opened(process, chromium_page) as page:
        begun(page)
        assert page.value(f"{live}.map(({{id}}) => id)") == ["turn", "elsewhere", "toasts"]
        page.value(
            f"window.heard = []; for (const place of {live}) new MutationObserver(() => heard.push(place.id))"
            ".observe(place, { childList: true, characterData: true, subtree: true });"
        )
        at = now(process)
        quiet = {"kind": "quiet", "at": at, "since": at, "needed_s": 0.5}
        for pitch in range(60, 72):
            process.tell(note(at, pitch), quiet, note(at, pitch, 0))
        page.wait_for(
            "!document.querySelector('.key.player') && +document.querySelector('#silence').dataset.share >= 0"
        )
        assert page.value("heard") == []
        process.tell(turn(at, "calling"))
        page.wait_for("heard.includes('turn')")
        process.tell(turn(at, "waiting"))


@pytest.mark.browser
def test_keys_have_names_and_are_struck_and_let_go_when_they_are_pressed_by_name(
    process: PageProcess,
) -> None:
    with opened(process, chromium_page) as page:
        begun(page)
        tree = page.call("Accessibility.getFullAXTree")["nodes"]
        keys = [node["name"]["value"] for node in tree if node.get("role", {}).get("value") == "button"]
        assert {"A 0", "C 4", "F sharp 4", "C 8"} <= set(keys)
        page.value("document.querySelector('[aria-label=\"C sharp 4\"]').click()")
        assert process.said() == {"kind": "key", "pitch": 61, "velocity": 76}
        assert process.said() == {"kind": "key", "pitch": 61, "velocity": 0}


@pytest.mark.parametrize("browser", EITHER)
def test_with_keys_alone_every_control_is_reached_and_what_has_the_focus_shows_it(
    process: PageProcess, browser: Browser
) -> None:
    with opened(process, browser) as page:
        page.press("Enter", "Enter")
        page.wait_for("document.querySelector('#start').classList.contains('gone')")
        page.value("document.activeElement.blur()")
        reached = []
        for _ in range(40):
            page.press("Tab", "Tab")
            reached.append(page.value("document.activeElement.id || document.activeElement.parentElement.id"))
            if reached.count(reached[0]) > 1:
                break
            outline = page.value("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none" or reached[-1] == ""
        assert {"takes-panel", "mode-panel", "midi-panel", "mute", "volume", "channel", "panic"} <= set(
            reached
        )


@pytest.mark.parametrize("browser", EITHER)
def test_where_less_motion_is_wanted_nothing_moves_by_itself(process: PageProcess, browser: Browser) -> None:
    with opened(process, browser) as page:
        page.prefer(prefers_reduced_motion="reduce")
        page.wait_for("matchMedia('(prefers-reduced-motion: reduce)').matches")
        begun(page)
        process.tell(turn(now(process), "asking"))
        page.wait_for("document.body.dataset.phase === 'asking'")
        assert (
            page.value("document.getAnimations().filter(({playState}) => playState === 'running').length")
            == 0
        )
        process.tell(turn(now(process), "waiting"))


@pytest.mark.browser
def test_keys_that_are_down_tell_by_a_shape_who_plays_them(process: PageProcess) -> None:
    with opened(process, chromium_page) as page:
        begun(page)
        at = now(process)
        process.tell(note(at, 60), note(at, 64, who="model"), note(at, 67), note(at, 67, who="model"))
        page.wait_for("document.querySelectorAll('.key.model').length === 2")
        shape = "getComputedStyle(document.querySelector('.key[data-pitch=\"{}\"]'), '::before').clipPath"
        shapes = [page.value(shape.format(pitch)) for pitch in (60, 64, 67)]
        assert len(set(shapes)) == 3
        assert "none" not in shapes
        released = [note(at, pitch, 0, who) for pitch in (60, 64, 67) for who in ("player", "model")]
        process.tell(*released)
        page.wait_for("!document.querySelector('.key.model, .key.player')")


@pytest.mark.browser
def test_help_and_hints_have_the_letters_of_the_keyboard_that_is_there(process: PageProcess) -> None:
    with opened(process, chromium_page) as page:
        begun(page)
        # As on a French keyboard, where the letters of a row are others.
        page.call(
            "Page.addScriptToEvaluateOnNewDocument",
            source="Object.defineProperty(navigator, 'keyboard', { value: { getLayoutMap: async () => "
            "new Map([['KeyA', 'q'], ['KeyZ', 'w'], ['BracketLeft', '^'], ['Minus', ')']]) } })",
        )
        page.call("Page.reload")
        page.wait_for("document.querySelector('[data-pitch=\"48\"] span')?.textContent === 'W'")
        keys = "[...document.querySelectorAll('#help kbd')].map((key) => key.textContent)"
        assert {"W", "Q", "^", ")"} <= set(page.value(keys))
        assert page.value("document.querySelector('#asides [data-name=again]').title").endswith("(Q)")
