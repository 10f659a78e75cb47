"""The recorded piano in a real page.

It sounds where it is whole; where it isn't, a line says so once and the page's own piano sounds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.browser import BrowserPage
from tests.support.chromium import chromium_page
from tests.support.page_process import TOKEN, PageProcess, page_process
from tests.support.recordings import made_piano, tone

pytestmark = pytest.mark.browser

# Levels in dB of the first 0.4 s of a key, played by the page's piano with the recordings that it has.
LEVEL = """(async () => {
  const { Piano } = await import(new URL("page/sound/piano.js", document.baseURI));
  const context = new OfflineAudioContext(2, 24000, 48000);
  const piano = new Piano(context);
  const { recorded } = antiphon.sound;
  if (recorded.isReady) piano.play(recorded);
  piano.strike("page:1", PITCH, 100, 0.05);
  const sound = await context.startRendering();
  let energy = 0;
  for (const side of [0, 1]) {
    for (const value of sound.getChannelData(side).subarray(2400, 21600)) energy += value ** 2;
  }
  return 10 * Math.log10(energy / 38400);
})()"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANTIPHON_PIANO", str(tmp_path / "piano"))
    return tmp_path / "piano"


@contextmanager
def opened() -> Iterator[tuple[PageProcess, BrowserPage]]:
    with page_process() as process, chromium_page() as page:
        process.open()
        page.open(f"http://{process.host}/{TOKEN}/")
        page.wait_for("window.antiphon?.connected")
        yield process, page


def test_it_is_served_with_its_type_and_where_there_is_none_nothing_is(folder: Path) -> None:
    with page_process() as process:
        process.open()
        assert process.get("/piano/index.json")[0].status == 204
        made_piano(folder)
        response, content = process.get("/piano/48-40.wav")
        assert (response.status, response.headers["Content-Type"], content) == (200, "audio/wav", tone(48))
        assert process.get("/piano/..%2fsecret")[0].status == 204


@pytest.mark.slow
def test_it_sounds_at_its_place_and_as_loud_as_the_piano_that_is_worked_out(folder: Path) -> None:
    made_piano(folder)
    with opened() as (_, page):
        assert page.value("antiphon.sound.recordedIsReady") is True
        recorded = page.value(LEVEL.replace("PITCH", "72"))
        assert page.value("antiphon.sound.recorded.of(70, 110).zone") == 72
        page.value("antiphon.sound.recorded.isReady = false")
        assert abs(recorded - page.value(LEVEL.replace("PITCH", "72"))) < 6
        assert page.errors == []


@pytest.mark.slow
def test_the_page_says_which_piano_sounds_and_whose_it_is(folder: Path) -> None:
    where = "document.querySelector('#font-word').textContent"
    with opened() as (_, page):
        page.value("antiphon.sound.recordedIsReady")
        assert page.value(where) == "the page's own"
    made_piano(folder)
    with opened() as (_, page):
        page.wait_for(f"{where} === 'made by a test'")


@pytest.mark.slow
def test_once_it_is_there_nothing_that_was_worked_out_is_kept_also_before_the_first_click(
    folder: Path,
) -> None:
    made_piano(folder)
    with opened() as (_, page):
        assert page.value("antiphon.sound.recordedIsReady") is True
        kept = page.value(
            "(async () => { const { Piano } = await import(new URL('page/sound/piano.js', document.baseURI));"
            "return new Piano(new OfflineAudioContext(2, 1, 48000)).samples.ready.size })()"
        )
        assert kept == 0
        assert page.errors == []


@pytest.mark.slow
def test_beside_a_soundfont_one_stroke_of_each_key_is_kept(folder: Path) -> None:
    made_piano(folder)
    buffers = "[...antiphon.sound.recorded.keys.values()].flat().filter((stroke) => stroke.buffer).length"
    with opened() as (_, page):
        page.wait_for(f"{buffers} === 4")
        page.value("antiphon.sound.keepFew(true)")
        assert page.value(buffers) == 2
        page.value("antiphon.sound.keepFew(false)")
        page.wait_for(f"{buffers} === 4")


@pytest.mark.slow
def test_memory_is_bounded_and_what_was_let_go_comes_back(folder: Path) -> None:
    made_piano(folder)
    with opened() as (_, page):
        page.value(
            "(async () => { const { Recorded } = await import("
            "new URL('page/sound/recorded.js', document.baseURI));"
            "window.small = new Recorded('piano/', 400_000); await window.small.load(); })()"
        )
        buffers = "[...small.keys.values()].flat().filter((stroke) => stroke.buffer).length"
        page.wait_for(f"small.bytes <= 400_000 && {buffers} >= 2 && {buffers} < 4")
        page.value(
            "void small.of(48, 127); void small.of(72, 127); void small.of(48, 10); void small.of(72, 10)"
        )
        page.wait_for("small.bytes <= 400_000 && small.of(48, 127).layers[0].buffer instanceof AudioBuffer")
        assert page.errors == []


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [b"", tone(48)[:-9]])
def test_where_a_recording_is_wrong_a_line_says_so_and_the_page_sounds_on(folder: Path, wrong: bytes) -> None:
    made_piano(folder)
    for name in ("48-40.wav", "48-100.wav"):
        (folder / name).write_bytes(wrong)
    with opened() as (process, page):
        assert page.value("antiphon.sound.recordedIsReady") is False
        lines = process.said("line")
        assert "antiphon piano fetches the recorded piano anew" in lines["text"]
        assert page.value(LEVEL.replace("PITCH", "60")) > -45
        assert page.errors == []
