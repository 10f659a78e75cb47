"""The whole instrument in a browser.

A phrase by the computer's keys, an answer seen and heard, a cut-in, silence by hand.

Everything is real but the person: the engine, the page process, Chromium. How it looks is for eyes.
"""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

import pytest

from music.midi.files import read_phrase
from realtime.knobs import KNOBS
from realtime.rows.take import MODEL, PLAYER
from tests.support.browser import BrowserPage, browser_page
from tests.support.running import line_with, running
from tests.support.waiting import PATIENCE_S, wait_until

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


def move(page: BrowserPage, control: str, place: int) -> None:
    page.value(
        f"(() => {{ const slider = document.querySelector('#{control}'); slider.value = {place};"
        "slider.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


def readout(page: BrowserPage, control: str) -> str:
    return str(
        page.value(f"document.querySelector('#{control}').parentElement.querySelector('output').textContent")
    )


def test_sliders_reach_their_ends_and_a_double_click_sets_exactly_1(
    stage: tuple[BrowserPage, subprocess.Popen[str]],
) -> None:
    page, _ = stage
    for control, knob in KNOBS.items():
        slider = f"document.querySelector('#{control}')"
        for place, value in ((0, f"{knob.lowest:g}"), (10_000, f"{knob.highest:g}")):
            move(page, control, place)
            assert page.value(f"{slider}.dataset.value") == value
        page.value(f"{slider}.dispatchEvent(new MouseEvent('dblclick', {{bubbles: true}}))")
        assert page.value(f"{slider}.dataset.value") == "1"
        output = f"document.querySelector('#{control}').parentElement.querySelector('output')"
        page.wait_for(f"{output}.textContent.startsWith('1.00')")  # the engine has said so too


def test_the_length_s_readout_tells_its_bounds_in_seconds(
    stage: tuple[BrowserPage, subprocess.Popen[str]],
) -> None:
    page, _ = stage
    assert readout(page, "length") == "20 s"
    move(page, "length", 64)
    page.wait_for(
        "document.querySelector('#length').parentElement.querySelector('output').textContent "
        "=== '1.00 × · 2–30 s'"
    )


def test_the_page_s_controls_move_the_instrument_s(stage: tuple[BrowserPage, subprocess.Popen[str]]) -> None:
    page, _ = stage
    move(page, "temperature", 32)
    address = page.value("location.href")
    page.open("about:blank")
    page.wait_for("location.href === 'about:blank'")
    page.open(address)  # what a fresh page shows is what the instrument says
    page.wait_for("window.antiphon?.connected")
    page.wait_for("document.querySelector('#temperature').dataset.value === '0.5'")


def offered(page: BrowserPage, label: str, *, enabled: bool) -> None:
    button = "document.querySelector('#hand-over')"
    page.wait_for(
        f"{button}.innerText.includes('{label}') && {button}.disabled === {str(not enabled).lower()}"
    )


def test_the_hand_over_button_is_shown_as_it_is_and_gives_another_answer_after_silence(
    stage: tuple[BrowserPage, subprocess.Popen[str]],
) -> None:
    page, _ = stage
    offered(page, "Hand over now", enabled=False)
    page.wait_for_text("first play a phrase")
    play(page)
    phase(page, "answering")
    offered(page, "Hand over now", enabled=False)
    page.key("keyDown", "Escape", "Escape")
    phase(page, "waiting")
    offered(page, "Another answer", enabled=True)
    page.click("#hand-over")
    phase(page, "answering")
    assert page.errors == []


@pytest.mark.parametrize(("width", "height"), [(740, 360), (568, 320), (390, 844), (1400, 1000)])
def test_pedal_hand_over_and_silence_are_in_sight_on_a_phone_however_it_is_held(
    stage: tuple[BrowserPage, subprocess.Popen[str]], width: int, height: int
) -> None:
    page, _ = stage
    page.call("Emulation.setTouchEmulationEnabled", enabled=True)
    page.call(
        "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=True
    )
    for button in ("pedal", "hand-over", "panic"):
        page.wait_for(
            f"(() => {{ const box = document.querySelector('#{button}').getBoundingClientRect();"
            "const found = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);"
            f"return box.top >= 0 && box.bottom <= innerHeight && !!found?.closest('#{button}') }})()",
            patience_s=5.0,
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_where_colours_are_forced_keys_and_sliders_stand_out_from_the_ground(
    stage: tuple[BrowserPage, subprocess.Popen[str]], tmp_path: Path, scheme: str
) -> None:
    image = pytest.importorskip("PIL.Image")
    page, _ = stage
    chosen = {"forced-colors": "active", "prefers-color-scheme": scheme}
    page.call(
        "Emulation.setEmulatedMedia",
        features=[{"name": name, "value": value} for name, value in chosen.items()],
    )
    page.wait_for("matchMedia('(forced-colors: active)').matches")

    def box(selector: str) -> dict[str, float]:
        found: dict[str, float] = page.value(
            f"document.querySelector('{selector}').getBoundingClientRect().toJSON()"
        )
        return found

    def stands_out() -> bool:
        page.screenshot(tmp_path / "page.png")
        seen = image.open(tmp_path / "page.png").convert("L")

        def contrast(selector: str) -> int:
            """Between the lightest and the darkest that an element shows."""
            around = box(selector)
            part = seen.crop([round(around[side]) for side in ("left", "top", "right", "bottom")])
            darkest, lightest = part.getextrema()
            return int(lightest - darkest)

        key, ground = box(".key.black"), seen.getpixel((5, seen.height // 3))
        middle = seen.getpixel((round(key["x"] + key["width"] / 2), round(key["y"] + key["height"] / 2)))
        sliders = ("#temperature", "#length", "#loudness", "#volume")
        return abs(middle - ground) > 200 and all(contrast(slider) > 200 for slider in sliders)

    wait_until(stands_out, within_s=20)  # the page is drawn anew some moments after its colours are forced


def fact(page: BrowserPage, word: str) -> str:
    return str(page.value(f"document.querySelector('#facts [title^=\"{word}:\"]').title"))


def test_of_two_pages_the_one_touched_last_sounds_and_the_other_says_so(
    stage: tuple[BrowserPage, subprocess.Popen[str]],
) -> None:
    first, _ = stage
    first.wait_for("window.antiphon.isHeard")
    with browser_page() as second:
        second.open(first.value("location.href"))
        second.wait_for("window.antiphon?.connected")
        second.click("#start")
        second.wait_for("window.antiphon.isHeard")
        first.wait_for("!window.antiphon.isHeard && !document.querySelector('#elsewhere').hidden")
        assert fact(first, "Out").endswith("another page")
        assert fact(second, "Out").endswith("this page")
        play(second)
        phase(first, "answering")
        second.wait_for(f"{SOUNDING} > 0")
        assert first.value(SOUNDING) == 0
        first.click("#elsewhere button")
        first.wait_for(f"window.antiphon.isHeard && {SOUNDING} > 0")
        second.wait_for(f"!window.antiphon.isHeard && {SOUNDING} === 0")
        second.key("keyDown", "Shift", "ShiftLeft")
        second.wait_for("window.antiphon.isHeard")
        second.open("about:blank")
        first.wait_for(
            "window.antiphon.isHeard"
        )  # though the browser may keep the other page for its way back
        second.back()
        second.wait_for("window.antiphon?.connected")
        assert second.errors == []
    assert first.errors == []


def test_where_no_port_sounds_the_page_is_said_to() -> None:
    with running("play", "--page-port", "0", "--model", "none", "--no-take") as process:
        assert "not heard" not in line_with(process, "out ")


def test_the_log_tells_turns_controls_and_takes_and_is_there_for_whoever_opens_the_page_later(
    stage: tuple[BrowserPage, subprocess.Popen[str]],
) -> None:
    page, _ = stage
    play(page)
    phase(page, "answering")
    page.key("keyDown", "z", "KeyZ")
    phase(page, "calling")
    page.key("keyUp", "z", "KeyZ")
    move(page, "temperature", 32)
    page.wait_for("document.querySelector('#lines').textContent.includes('temperature 0.50')")
    address = page.value("location.href")
    page.open("about:blank")
    page.wait_for("location.href === 'about:blank'")
    page.open(address)
    page.wait_for("window.antiphon?.connected && document.querySelector('#lines').children.length > 4")
    log = page.value("document.querySelector('#lines').textContent")
    for said in (
        "the phrase is over, for about 20 s",
        "the player cuts in",
        "temperature 0.50",
        "a take begins",
    ):
        assert said in log
