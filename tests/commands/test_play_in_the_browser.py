"""The whole instrument in a browser.

A phrase by the computer's keys, an answer seen and heard, a cut-in, silence by hand.

Everything is real but the person: the engine, the page process, the browsers. How it looks is for eyes.
"""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from music.midi.files import read_phrase, read_pieces
from realtime.inference.default_model import default_model
from realtime.knobs import KNOBS
from realtime.rows.take import MODEL, PLAYER
from tests.support.browser import BrowserPage
from tests.support.chromium import ChromiumPage, chromium_page
from tests.support.either_browser import CHROMIUM, EITHER, EITHER_HEARD, FIREFOX, Browser, taken_with
from tests.support.running import line_with, running
from tests.support.waiting import PATIENCE_S, wait_until

PHRASE = (("z", "KeyZ"), ("x", "KeyX"), ("c", "KeyC"), ("v", "KeyV"), ("b", "KeyB"), ("n", "KeyN"))
# The instrument is there, and has said what can be set.
READY = "window.antiphon?.connected && document.querySelector('#length') !== null"
SOUNDING = "window.antiphon.soundsSounding"

pytestmark = pytest.mark.slow

in_either_browser = pytest.mark.parametrize("browser", EITHER)
heard_in_either_browser = pytest.mark.parametrize("browser", EITHER_HEARD)


@contextmanager
def playing(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`antiphon play` with its page open, and where that is."""
    with running("play", "--page-port", "0", "--seed", "1", *words) as process:
        yield process, line_with(process, "page  http").split()[1]


@pytest.fixture
def take(tmp_path: Path) -> Path:
    return tmp_path / "take.mid"


@pytest.fixture(params=[CHROMIUM])
def browser(request: pytest.FixtureRequest) -> Browser:
    """The one that most tests take; those `in_either_browser` take both."""
    chosen: Browser = request.param
    return chosen


@pytest.fixture
def stage(browser: Browser, take: Path) -> Iterator[tuple[BrowserPage, subprocess.Popen[str]]]:
    words = ("--length", "20s", "--take", str(take))
    with playing(*words) as (process, url), looking(url, browser) as page:
        yield page, process


@pytest.fixture(scope="module")
def still() -> Iterator[str]:
    """Where the page of an instrument is on which nobody plays: for tests that only look."""
    with playing("--no-take") as (_, url):
        yield url


@contextmanager
def looking(url: str, browser: Browser = chromium_page) -> Iterator[BrowserPage]:
    with browser(1400, 1000) as page:
        page.open(url)
        page.wait_for(READY)
        page.click("#start")
        page.wait_for("!document.querySelector('#start').checkVisibility({visibilityProperty: true})")
        yield page


def phase(page: BrowserPage, wanted: str) -> None:
    page.wait_for(f"document.querySelector('#turn').dataset.phase === '{wanted}'")


def play(page: BrowserPage) -> None:
    for key, code in PHRASE:
        page.key("keyDown", key, code)
        sleep(0.12)  # a finger's pace: the phrase has a rhythm
        page.key("keyUp", key, code)


def model_keys(page: BrowserPage) -> str:
    return "[...document.querySelectorAll('#piano .model')].map(key => key.dataset.pitch)"


@heard_in_either_browser
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


@contextmanager
def a_finished_take(folder: Path, *presses: tuple[str, str]) -> Iterator[BrowserPage]:
    """A page with one take in it, of a phrase and its answer by the rule, and nothing sounding.

    These keys were pressed while it was answered.
    """
    words = ("--model", "none", "--length", "2s", "--take", str(folder / "first.mid"))
    with playing(*words) as (_, url), looking(url) as page:
        play(page)
        phase(page, "answering")
        for key, code in presses:
            page.press(key, code)
        phase(page, "waiting")
        page.value("document.querySelector('#takes-panel').open = true")
        page.click("#new-take")
        page.wait_for("document.querySelectorAll('#takes li').length === 1")
        page.wait_for(f"{SOUNDING} === 0")
        yield page
        assert page.errors == []


@in_either_browser
def test_sliders_reach_their_ends_and_a_double_click_sets_exactly_their_middle(
    stage: tuple[BrowserPage, subprocess.Popen[str]],
) -> None:
    page, _ = stage
    for control, knob in KNOBS.items():
        slider = f"document.querySelector('#{control}')"
        for place, value in ((0, f"{knob.lowest:g}"), (10_000, f"{knob.highest:g}")):
            move(page, control, place)
            assert page.value(f"{slider}.dataset.value") == value
        page.value(f"{slider}.dispatchEvent(new MouseEvent('dblclick', {{bubbles: true}}))")
        middle = page.value(f"{slider}.dataset.value")
        assert middle == f"{knob.default:g}"
        output = f"document.querySelector('#{control}').parentElement.querySelector('output')"
        said = "1.00" if middle == "1" else middle
        page.wait_for(f"{output}.textContent.startsWith('{said}')")  # the engine has said so too


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


@in_either_browser
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


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(740, 360), (568, 320), (390, 844), (1400, 1000)])
def test_pedal_hand_over_and_silence_are_in_sight_on_a_phone_however_it_is_held(
    still: str, width: int, height: int
) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True}
    with looking(still) as page:
        assert isinstance(page, ChromiumPage)  # which has fingers
        page.call("Emulation.setTouchEmulationEnabled", enabled=True)
        page.call("Emulation.setDeviceMetricsOverride", **size)
        for button in ("pedal", "hand-over", "panic"):
            page.wait_for(
                f"(() => {{ const box = document.querySelector('#{button}').getBoundingClientRect();"
                "const found = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);"
                f"return box.top >= 0 && box.bottom <= innerHeight && !!found?.closest('#{button}') }})()",
                patience_s=30.0,
            )


@pytest.mark.parametrize(
    ("browser", "scheme"),
    [taken_with(CHROMIUM, "light"), taken_with(CHROMIUM, "dark"), taken_with(FIREFOX, "light")],
)
def test_where_colours_are_forced_keys_and_sliders_stand_out_from_the_ground(
    still: str, tmp_path: Path, browser: Browser, scheme: str
) -> None:
    image = pytest.importorskip("PIL.Image")
    with looking(still, browser) as page:
        stand_out_where_colours_are_forced(page, image, tmp_path, scheme)


def stand_out_where_colours_are_forced(page: BrowserPage, image: Any, tmp_path: Path, scheme: str) -> None:
    page.prefer(forced_colors="active", prefers_color_scheme=scheme)
    page.wait_for("matchMedia('(forced-colors: active)').matches")

    def box(selector: str) -> dict[str, float]:
        found: dict[str, float] = page.value(
            f"document.querySelector('{selector}').getBoundingClientRect().toJSON()"
        )
        return found

    def stands_out() -> bool:
        page.screenshot(tmp_path / "page.png")
        seen = image.open(tmp_path / "page.png").convert("L")

        def contrast(selector: str, edge: float = 0.0) -> int:
            """Between the lightest and the darkest that an element shows, without an edge of such a share."""
            around = box(selector)
            across, down = around["width"] * edge, around["height"] * edge
            sides = (around["left"] + across, around["top"] + down)
            part = seen.crop([*map(round, (*sides, around["right"] - across, around["bottom"] - down))])
            darkest, lightest = part.getextrema()
            return int(lightest - darkest)

        key, ground = box(".key.black"), seen.getpixel((5, seen.height // 3))
        middle = seen.getpixel((round(key["x"] + key["width"] / 2), round(key["y"] + key["height"] / 2)))
        sliders = ("#temperature", "#length", "#loudness", "#volume")
        words = ("#panic", "#asides [data-name=calmer]", "#help-button", "#channel")
        return (
            abs(middle - ground) > 200
            and all(contrast(slider) > 200 for slider in sliders)
            and all(contrast(word, edge=0.25) > 120 for word in words)
        )

    wait_until(stands_out)  # the page is drawn anew some moments after its colours are forced


def fact(page: BrowserPage, word: str) -> str:
    return str(page.value(f"document.querySelector('#facts [title^=\"{word}:\"]').title"))


@heard_in_either_browser
def test_of_two_pages_the_one_touched_last_sounds_and_the_other_says_so(
    stage: tuple[BrowserPage, subprocess.Popen[str]], browser: Browser
) -> None:
    first, _ = stage
    first.wait_for("window.antiphon.isHeard")
    with browser(1400, 1000) as second:
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


@pytest.mark.browser
def test_another_model_is_chosen_while_it_answers_and_one_that_breaks_leaves_it_playing(
    tmp_path: Path, take: Path
) -> None:
    mine = Path(shutil.copy(default_model(), tmp_path / "mine.onnx"))
    words = ("--also", str(mine), "--length", "20s", "--take", str(take))
    with playing(*words) as (process, url), chromium_page() as page:
        page.open(url)
        page.wait_for(READY)
        page.click("#start")
        play(page)
        phase(page, "answering")
        choose(page, "none")
        page.wait_for_text("none: imitates")
        phase(page, "answering")  # by the one who began it
        mine.write_bytes(mine.read_bytes()[:-1000])
        choose(page, "mine")
        page.wait_for_text("none plays on")
        page.wait_for("document.querySelector('#model').value === 'none'")
        assert page.errors == []
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    (piece,) = read_pieces(take)
    lines = [words.text for words in piece.words if words.kind == "text"]
    assert lines[0].startswith("answerer: default")
    assert lines[1].startswith("answerer: none: imitates")


def choose(page: BrowserPage, model: str) -> None:
    page.value(
        f"(() => {{ const select = document.querySelector('#model'); select.value = '{model}';"
        "select.dispatchEvent(new Event('change')); })()"
    )


def test_the_mode_and_the_commands_are_on_the_page_and_its_keys(
    stage: tuple[BrowserPage, subprocess.Popen[str]],
) -> None:
    page, _ = stage
    word = "document.querySelector('#mode-word').textContent"
    page.key("keyDown", "k", "KeyK")
    page.wait_for(f"{word} === 'call · muted'")
    page.key("keyUp", "k", "KeyK")
    page.value("document.querySelector('#commands [data-name=mute]').click()")
    page.wait_for(f"{word} === 'call'")
    page.value("document.querySelector('#modes input[value=endless]').click()")
    page.wait_for(f"{word} === 'endless'")
    play(page)
    phase(page, "answering")
    page.value("document.querySelector('#commands [data-name=freeze]').click()")
    page.wait_for(f"{word} === 'endless · frozen'")
    page.press("z", "KeyZ")
    page.wait_for("+document.querySelector('#roll').dataset.playerNotes === " + str(len(PHRASE) + 1))
    assert page.value("document.querySelector('#turn').dataset.phase") in ("answering", "asking")
    page.key("keyDown", "Escape", "Escape")
    phase(page, "waiting")
    page.wait_for(f"{word} === 'endless'")


@pytest.mark.browser
def test_a_preset_is_kept_by_a_name_that_is_typed_and_recalled_by_its_button(tmp_path: Path) -> None:
    presets = tmp_path / "presets.toml"
    presets.write_text("# mine\n[verse]\nprogram = 1\ntemperature = 0.5\n")
    with playing("--no-take", "--presets", str(presets)) as (_, url), chromium_page() as page:
        page.open(url)
        page.wait_for(READY)
        page.click("#start")
        page.wait_for("!document.querySelector('#start').checkVisibility({visibilityProperty: true})")
        page.value("document.querySelector('#modes input[value=endless]').click()")
        page.wait_for("document.querySelector('#mode-word').textContent === 'endless'")
        page.click("#mode-panel summary")
        page.click("#preset")
        for key, code in (("z", "KeyZ"), ("x", "KeyX")):  # letters of a name, and no keys of the piano
            page.press(key, code)
        page.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", text="\r")
        page.wait_for("document.querySelector('#commands [data-name=zx]') !== null")
        assert page.value("document.querySelector('#preset').value") == ""
        assert page.value("document.querySelector('#turn').dataset.phase") == "waiting"
        page.value("document.querySelector('#modes input[value=call]').click()")
        page.wait_for("document.querySelector('#mode-word').textContent === 'call'")
        page.value("document.querySelector('#commands [data-name=zx]').click()")
        page.wait_for("document.querySelector('#mode-word').textContent === 'endless'")
        page.open(url)  # whoever comes later has it too
        page.wait_for("document.querySelector('#commands [data-name=zx]') !== null")
        assert not page.errors
    assert presets.read_text().startswith("# mine\n[verse]\n")
    assert 'mode = "endless"' in presets.read_text()


@pytest.mark.browser
def test_a_page_of_which_a_part_does_not_come_is_asked_for_again(still: str) -> None:
    with chromium_page() as page:
        page.call("Network.enable")
        page.call("Network.setBlockedURLs", urls=["*/font_place.js"])
        page.open(still)
        page.wait_for("Number(sessionStorage.getItem('asked-again')) >= 2")
        page.call("Network.setBlockedURLs", urls=[])
        page.wait_for("window.antiphon?.connected && sessionStorage.getItem('asked-again') === null")
