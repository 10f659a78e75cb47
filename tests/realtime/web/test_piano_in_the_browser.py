"""The page's piano through a browser's own audio: pedals, strings that ring along, where players sit."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.support.browser import BrowserPage
from tests.support.chromium import chromium_page
from tests.support.page_process import TOKEN, page_process

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What is heard, in dB for each side, in pieces of 0.2 s, while things are done at their moments (in seconds).
HEARD = """(async (actions) => {
  const { Piano } = await import(new URL("page/sound/piano.js", document.baseURI));
  const context = new OfflineAudioContext(2, 2.4 * 32000, 32000);
  const piano = new Piano(context, context.destination, (who) => (who === "model" ? 0.22 : -0.22));
  for (const [at, name, ...words] of actions) {
    if (at === 0) piano[name](...words);
    else context.suspend(at).then(() => { piano[name](...words); context.resume(); });
  }
  const sound = await context.startRendering();
  return [0, 1].map((side) => Array.from({ length: 12 }, (_, piece) => {
    const samples = sound.getChannelData(side).subarray(piece * 6400, (piece + 1) * 6400);
    return 10 * Math.log10(samples.reduce((sum, value) => sum + value ** 2, 1e-12) / 6400);
  }));
})(ACTIONS)"""


@pytest.fixture(scope="module")
def page() -> Iterator[BrowserPage]:
    with page_process() as process, chromium_page() as page:
        process.open()
        page.open(f"http://{process.host}/{TOKEN}/")
        page.wait_for("window.antiphon?.connected")
        yield page


def heard(page: BrowserPage, *actions: tuple[Any, ...]) -> list[list[float]]:
    sides: list[list[float]] = page.value(HEARD.replace("ACTIONS", json.dumps(actions)))
    return sides


def late(page: BrowserPage, *actions: tuple[Any, ...]) -> float:
    """How loud it is between 1.4 and 1.6 s."""
    return heard(page, *actions)[0][7]


STRIKE = (0, "strike", "page:1", 48, 90)
RELEASE = (0.512, "release", "page:1")


def test_the_further_a_pedal_is_down_the_longer_a_released_string_is_heard(page: BrowserPage) -> None:
    levels = [late(page, STRIKE, (0, "pedal", "page", lift), RELEASE) for lift in (0, 0.6, 0.8, 1)]
    assert all(higher > lower + 3 for lower, higher in pairwise(levels)), levels


def test_a_pedal_catches_what_is_still_to_be_heard(page: BrowserPage) -> None:
    half = (0, "pedal", "page", 0.7)
    caught = late(page, STRIKE, half, RELEASE, (0.768, "pedal", "page", 1))
    assert caught > late(page, STRIKE, half, RELEASE) + 3
    dry = late(page, STRIKE, RELEASE, (1.28, "pedal", "page", 1))
    assert dry < caught - 10  # what had died is not brought back


def test_a_pedal_that_is_to_lift_later_holds_until_then(page: BrowserPage) -> None:
    held = [STRIKE, (0, "pedal", "page", 1), RELEASE]
    ringing = heard(page, *held)[0]
    lifted = heard(page, *held, (0.768, "pedal", "page", 0, 1.28))[0]
    assert lifted[5] == pytest.approx(ringing[5], abs=0.5)  # from 1 to 1.2 s
    assert lifted[9] < ringing[9] - 15
    silenced = heard(page, *held, (0.768, "pedal", "page", 0, 1.28), (0.8, "silence", "page"))[0]
    assert silenced[9] < ringing[9] - 15


def test_another_player_s_pedal_holds_nothing(page: BrowserPage) -> None:
    assert (
        late(page, STRIKE, (0, "pedal", "model", 1), RELEASE)
        < late(page, STRIKE, (0, "pedal", "page", 1), RELEASE) - 10
    )


def test_free_strings_ring_along_and_fall_silent_with_the_pedal(page: BrowserPage) -> None:
    short = [STRIKE, (0.256, "silence", "page")]
    free = (0, "pedal", "model", 1)
    alone, along = late(page, *short), late(page, free, *short)
    assert along > alone + 6
    assert late(page, free, *short, (0.768, "pedal", "model", 0)) < along - 6
    assert along < heard(page, STRIKE)[0][0] - 15  # beside the note itself it is faint


def test_the_left_pedal_makes_it_softer(page: BrowserPage) -> None:
    plain, soft = heard(page, STRIKE)[0][1], heard(page, (0, "soften", "page", True), STRIKE)[0][1]
    assert 1 < plain - soft < 8


def test_player_and_model_sit_apart(page: BrowserPage) -> None:
    lean = [
        left[1] - right[1]
        for left, right in (heard(page, (0, "strike", f"{who}:1", 62, 90)) for who in ("page", "model"))
    ]
    assert lean[0] > lean[1] + 3


def test_chords_stay_below_full_scale(page: BrowserPage) -> None:
    chord = [(0, "strike", f"page:{pitch}", pitch, 127) for pitch in (24, 36, 48, 52, 55, 60, 64, 67, 72, 84)]
    left, right = heard(page, (0, "pedal", "page", 1), *chord)
    assert -20 < max(left + right) < -2
