"""A SoundFont of the user's own in a real page: dropped, its piano sounds; what is wrong is a line."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.browser import BrowserPage
from tests.support.either_browser import CHROMIUM, EITHER_HEARD, Browser
from tests.support.page_process import TOKEN, PageProcess, page_process
from tests.support.soundfonts import (
    ATTENUATION,
    CENTS,
    CUTOFF,
    DECAY,
    PAN,
    RELEASE,
    SUSTAIN,
    Zone,
    font,
    parts,
)

pytestmark = pytest.mark.slow

GRAND = [
    Zone(48, keys=(0, 60), velocities=(0, 80)),
    Zone(48, keys=(0, 60), velocities=(81, 127), seconds=0.6),
    Zone(72, keys=(61, 127)),
]
# Around all that follows, what a script needs of the page.
WITH = """(async () => {
  const at = (name) => import(new URL(`page/sound/${name}.js`, document.baseURI));
  const modules = await Promise.all(["piano", "font_piano", "soundfont"].map(at));
  const [{ Piano }, { FontPiano }, { NoSoundFont }] = modules;
  const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  DO
})()"""
# How a key that is struck at 0.05 s and let go at 0.5 sounds: levels in dB, and where its pitch lies.
PLAYED = """
  const context = new OfflineAudioContext(2, 48000, 48000);
  const piano = new Piano(context);
  piano.playFont(FONT);
  piano.strike("page:1", PITCH, 100, 0.05);
  context.suspend(0.5).then(() => { piano.release("page:1"); context.resume(); });
  const sound = await context.startRendering();
  const [left, right] = [0, 1].map((side) => sound.getChannelData(side));
  const level = (samples, from, to) => {
    let sum = 0;
    for (let at = from * 48000; at < to * 48000; at++) sum += samples[at] ** 2;
    return 10 * Math.log10(sum / ((to - from) * 48000) + 1e-12);
  };
  let crossings = 0;
  for (let at = 0.1 * 48000; at < 0.4 * 48000; at++) if (left[at - 1] < 0 && left[at] >= 0) crossings += 1;
  return { left: level(left, 0.06, 0.3), right: level(right, 0.06, 0.3), held: level(left, 0.4, 0.5),
           after: level(left, 0.8, 1), hertz: crossings / 0.3 };
"""
IS_REFUSED_OR_SOUNDS = """
  try {
    return (await FontPiano.from(FILE)).zones.length >= 1;
  } catch (error) {
    return error instanceof NoSoundFont;
  }
"""
# A file that is made up as it is read; `read` counts the bytes.
GIGABYTE = """
  const [head, sound, tail] = PARTS.map(bytesOf);
  const size = head.length + 1_200_000_000 + tail.length;
  const pieces = [[0, head], [head.length, sound], [size - tail.length, tail]];
  let read = 0;
  const bytesFrom = (begin, end) => {
    read += end - begin;
    const bytes = new Uint8Array(end - begin);
    for (const [at, piece] of pieces) {
      const [from, to] = [Math.max(begin, at), Math.min(end, at + piece.length)];
      if (from < to) bytes.set(piece.subarray(from - at, to - at), from - begin);
    }
    return bytes.buffer;
  };
  const part = (begin, end) => ({
    size: end - begin,
    slice: (from, to) => part(begin + from, Math.min(begin + to, end)),
    arrayBuffer: async () => bytesFrom(begin, end),
  });
  const file = part(0, size);
  const whole = await FontPiano.from(file);
  const all = read;
  const thin = await FontPiano.from(file, 300_000);
  const line = await FontPiano.from(file, 30_000).catch(({ message }) => message);
  const strokes = new Set(thin.zones.map(({ velocities }) => velocities[1])).size;
  const [isWhole, isThin] = [!whole.isThinned, thin.isThinned];
  return { all, whole: whole.bytes, isWhole, thin: thin.bytes, isThin, strokes, line };
"""
WHERE = "document.querySelector('#font-word').textContent"


@pytest.fixture(scope="module")
def process() -> Iterator[PageProcess]:
    with page_process() as running:
        yield running.open()


@pytest.fixture(params=[CHROMIUM])
def browser(request: pytest.FixtureRequest) -> Browser:
    chosen: Browser = request.param
    return chosen


@pytest.fixture
def page(process: PageProcess, browser: Browser) -> Iterator[BrowserPage]:
    with browser(1400, 1000) as page:
        page.open(f"http://{process.host}/{TOKEN}/")
        page.wait_for("window.antiphon?.connected")
        page.click("#start")
        page.wait_for("!document.querySelector('#start').checkVisibility({visibilityProperty: true})")
        yield page
        assert page.errors == []


def file_of(content: bytes, name: str = "mine.sf2") -> str:
    """A file in the page, as an expression."""
    text = base64.b64encode(content).decode()
    return f"new File([Uint8Array.from(atob('{text}'), (letter) => letter.charCodeAt(0))], {name!r})"


def drop(page: BrowserPage, content: bytes, name: str = "mine.sf2") -> None:
    page.value(
        "(() => { const data = new DataTransfer();"
        f"data.items.add({file_of(content, name)});"
        "document.querySelector('#piano').dispatchEvent("
        "new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true})) })()"
    )


def reload(page: BrowserPage) -> None:
    page.reload()
    page.wait_for("window.antiphon?.connected")


def within(page: BrowserPage, script: str) -> Any:
    return page.value(WITH.replace("DO", script))


def played(page: BrowserPage, content: bytes | None, pitch: int) -> dict[str, float]:
    """How a key sounds from a SoundFont, or without one."""
    of = "undefined" if content is None else f"await FontPiano.from({file_of(content)})"
    found: dict[str, float] = within(page, PLAYED.replace("PITCH", str(pitch)).replace("FONT", of))
    return found


def refused(page: BrowserPage, content: bytes) -> str:
    drop(page, content, "wrong.sf2")
    said = "[...document.querySelectorAll('#toasts li')].map((line) => line.textContent)"
    page.wait_for(f"{said}.some((line) => line.startsWith('wrong.sf2 can\\'t be played'))")
    lines: list[str] = page.value(said)
    page.value("document.querySelector('#toasts').replaceChildren()")
    assert page.value(WHERE) == "the page's own"
    return lines[-1].partition(": ")[2]


@pytest.mark.parametrize("browser", EITHER_HEARD)
def test_dropped_its_piano_sounds_and_the_pages_own_comes_back(page: BrowserPage) -> None:
    drop(page, font(GRAND))
    page.wait_for(f"{WHERE}.startsWith('Made Grand of mine.sf2')")
    assert page.value("antiphon.sound.piano.font.of(60, 100).layers[0].buffer.length") == 9600
    page.key("keyDown", "z", "KeyZ")
    page.wait_for("antiphon.soundsSounding === 1")
    page.key("keyUp", "z", "KeyZ")
    page.wait_for("antiphon.soundsSounding === 0")
    page.value("document.querySelector('#font-back').click()")
    assert page.value(WHERE) == "the page's own"
    assert page.value("antiphon.sound.piano.font") is None


@pytest.mark.parametrize("browser", EITHER_HEARD)
def test_it_is_kept_over_a_reload_until_the_pages_own_is_chosen(
    process: PageProcess, page: BrowserPage
) -> None:
    drop(page, font(GRAND))
    page.wait_for("document.querySelector('#toasts').textContent.includes('mine.sf2 sounds now')")
    said = page.value("[...document.querySelectorAll('#toasts li')].map((line) => line.textContent)")
    assert said == ["mine.sf2 sounds now"]  # and nothing of its not being kept
    reload(page)
    page.wait_for(f"{WHERE}.startsWith('Made Grand of mine.sf2')")
    assert page.value("document.querySelector('#toasts').children.length") == 0
    page.value("document.querySelector('#font-back').click()")
    reload(page)
    page.wait_for("antiphon.fontIsRestored")
    assert page.value(WHERE) == "the page's own"


def test_the_pages_own_chosen_while_the_kept_one_is_being_read_stays(page: BrowserPage) -> None:
    drop(page, font(GRAND))
    page.wait_for(f"{WHERE}.startsWith('Made Grand of mine.sf2')")
    found = within(
        page,
        """const { FontPlace } = await at("font_place");
        const { keepFont } = await at("kept_font");
        await keepFont(new File([bytesOf("FILE")], "kept.sf2"));
        const playFont = function (font) { this.font = font; };
        const own = { recordedIsReady: Promise.resolve(), keepFew() {}, playFont };
        const words = { chooser: new EventTarget(), word: {}, back: new EventTarget(), said() {} };
        const place = new FontPlace(own, words);
        await own.recordedIsReady;
        words.back.dispatchEvent(new Event("click"));
        await place.restored;
        return [own.font ?? null, words.word.textContent];""".replace(
            "FILE", base64.b64encode(font(GRAND)).decode()
        ),
    )
    assert found == [None, "the page's own"]


def test_one_that_is_too_large_to_be_kept_is_said_to_be_and_none_is_kept(page: BrowserPage) -> None:
    found = within(
        page,
        """const { forgetFont, keepFont, keptFont, MOST_KEPT_BYTES } = await at("kept_font");
        const small = new File(["small"], "small.sf2");
        const kept = [await keepFont(small), (await keptFont())?.name];
        const size = { value: MOST_KEPT_BYTES + 1 };
        const large = Object.defineProperty(new File(["x"], "large.sf2"), "size", size);
        const refused = [await keepFont(large), await keptFont() ?? null];
        await forgetFont();
        return { kept, refused };""",
    )
    assert found == {"kept": [True, "small.sf2"], "refused": [False, None]}


def test_beside_it_few_samples_are_kept_of_the_pages_own_piano(page: BrowserPage) -> None:
    ready = "antiphon.sound.piano.samples.ready.size"
    page.wait_for(f"{ready} > 20")
    drop(page, font(GRAND))
    page.wait_for(f"{WHERE}.startsWith('Made Grand')")
    assert page.value(ready) < 10
    page.value("document.querySelector('#font-back').click()")
    assert (
        page.value("antiphon.sound.piano.samples.of(60, 80).layers.length") == 2
    )  # from a neighbour, at once
    page.wait_for(f"{ready} > 20")


def test_each_key_has_its_sample_at_its_pitch_as_loud_as_the_pages_own_piano(page: BrowserPage) -> None:
    own = played(page, None, 69)
    for pitch, hertz in ((69, 440.0), (57, 220.0), (81, 880.0)):
        sounds = played(page, font(GRAND), pitch)
        assert sounds["hertz"] == pytest.approx(hertz, rel=0.02)
    assert abs(played(page, font(GRAND), 69)["left"] - own["left"]) < 6


def test_a_loop_goes_on_for_as_long_as_the_key_is_held_and_then_it_is_damped(page: BrowserPage) -> None:
    looped = Zone(69, seconds=0.2, loop=(400, 2800))  # 66 turns of 440 Hz at 16 kHz
    sounds = played(page, font([looped]), 69)
    assert abs(sounds["held"] - sounds["left"]) < 1.5
    assert sounds["after"] < sounds["held"] - 25  # the room is heard
    slow = played(page, font([Zone(69, seconds=0.2, loop=(400, 2800), says={RELEASE: 4000})]), 69)
    assert slow["after"] > sounds["after"] + 15


def test_it_falls_by_itself_where_the_font_says_so(page: BrowserPage) -> None:
    falls = Zone(69, seconds=0.2, loop=(400, 2800), says={DECAY: 0, SUSTAIN: 1000})  # 100 dB in a second
    sounds = played(page, font([falls]), 69)
    assert sounds["held"] < sounds["left"] - 15


def test_two_zones_at_the_sides_sound_together_and_a_preset_adds_to_what_they_say(page: BrowserPage) -> None:
    pair = [Zone(69, says={PAN: -500}), Zone(69, says={PAN: 500, ATTENUATION: 200})]
    sounds = played(page, font(pair, preset_says={CENTS: 50}), 69)
    assert sounds["left"] - sounds["right"] == pytest.approx(20, abs=3)
    assert sounds["hertz"] == pytest.approx(440 * 2 ** (50 / 1200), rel=0.02)
    closed = played(page, font([Zone(93, says={CUTOFF: 6900})]), 93)
    assert closed["left"] < played(page, font([Zone(93)]), 93)["left"] - 15


def test_what_is_no_soundfont_or_a_broken_one_is_a_line(page: BrowserPage) -> None:
    whole = font(GRAND)
    assert refused(page, b"MThd" + bytes(40)) == "it is no SoundFont"
    assert refused(page, b"") == "it is no SoundFont"
    assert refused(page, whole[: len(whole) // 2]) == "it is cut short"
    assert refused(page, font(GRAND, kind=0x11)) == "its samples are compressed (SF3): save it as SF2"
    assert refused(page, font([])) == "Made Grand has no samples"
    assert "no list shdr" in refused(page, whole.replace(b"shdr", b"xxxx"))
    head, sound, _ = parts(GRAND[:1])
    assert "cut short" in refused(page, head + sound + parts(GRAND)[2])


def test_whatever_is_bent_is_a_line_or_sounds(page: BrowserPage) -> None:
    whole = font([Zone(69, seconds=0.02)])
    for place in range(0, len(whole), 7):
        bent = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        script = IS_REFUSED_OR_SOUNDS.replace("FILE", file_of(bent))
        assert within(page, script) is True, place


def test_of_a_gigabyte_no_more_is_read_than_there_is_room_for(page: BrowserPage) -> None:
    strokes = [Zone(60, velocities=(8 * layer, 8 * layer + 7), seconds=1.0) for layer in range(16)]
    made = [base64.b64encode(part).decode() for part in parts(strokes, claimed=1_200_000_000)]
    found = within(page, GIGABYTE.replace("PARTS", json.dumps(made)))
    assert found["all"] < 1_000_000
    assert found["whole"] == 16 * 16000 * 4
    assert found["isWhole"]
    assert found["isThin"]
    assert found["thin"] <= 300_000
    assert found["strokes"] == 4
    assert found["line"] == "its piano takes 2 MB, and this page keeps 0"
