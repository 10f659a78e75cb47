"""An answer is heard: the level that a page gives out over time, its onsets where the protocol says.

The page process and the browsers are real, and rows come as from the engine. That rows come in time is not
asked here, as a busy machine delays what it likes: each key sounds when it was to sound, and where all rows
were in time that is as they lie.
"""

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.support.browser import BrowserPage
from tests.support.either_browser import EITHER_HEARD
from tests.support.firefox import FirefoxPage
from tests.support.page_process import PageProcess, note, page_process, turn

pytestmark = pytest.mark.slow

# All that sounds, in blocks of 5 ms on the audio clock, gathered by an AnalyserNode while the page plays.
GATHERING = """(() => {
  const { context, ending } = antiphon.sound.piano;
  const ear = new AnalyserNode(context, { fftSize: 32768, smoothingTimeConstant: 0 });
  ending.connect(ear);
  const block = Math.round(context.sampleRate / 200);
  const samples = new Float32Array(ear.fftSize);
  // When each key of the model's was to sound, and whether its row came before that.
  window.struck = [];
  const { piano } = antiphon.sound;
  const strike = piano.strike;
  piano.strike = (id, pitch, velocity, when) => {
    struck.push([when, when > context.currentTime + 0.001]);
    return strike.call(piano, id, pitch, velocity, when);
  };
  window.levels = new Map(); // number of a block -> its level in dB
  window.listening = setInterval(() => {
    const until = Math.round(context.currentTime * context.sampleRate);
    ear.getFloatTimeDomainData(samples);
    for (let number = Math.ceil((until - samples.length) / block); (number + 1) * block <= until; number++) {
      const from = number * block - until + samples.length;
      let sum = 1e-12;
      for (let index = from; index < from + block; index++) sum += samples[index] ** 2;
      levels.set(number, 10 * Math.log10(sum / block));
    }
  }, 100);
})()"""
# The moments at which it grows by a lot, and the loudest and the softest that it has been since a moment.
HEARD = """((since) => {
  const all = [...levels].filter(([number]) => number / 200 >= since).sort(([one], [other]) => one - other);
  const onsets = [];
  all.forEach(([number, level], place) => {
    const before = Math.max(-120, ...all.slice(Math.max(place - 8, 0), place).map(([, other]) => other));
    const isFresh = onsets.length === 0 || number / 200 - onsets.at(-1) > 0.1;
    if (place > 8 && level > -60 && level > before + 5 && isFresh) onsets.push(number / 200);
  });
  const decibels = all.map(([, level]) => level);
  const isWhole = all.every(([number], place) => place === 0 || number === all[place - 1][0] + 1);
  return { onsets, isWhole, loudest: Math.max(...decibels), last: Math.max(...decibels.slice(-40)) };
})"""
GAPS_S = (0.5, 0.75, 0.5)
ASKED_AT_MOST = 6  # a page that is kept from its work for long misses a piece of what it plays
BEHIND_S = 0.12  # what is heard by now, and the moment that it is said to be: all of it, on a busy machine
AHEAD_S = 0.05  # a row comes so long before its moment, as on a quick line it may


@pytest.fixture(scope="module")
def process() -> Iterator[PageProcess]:
    with page_process() as running:
        yield running.open()


@pytest.fixture(scope="module", params=EITHER_HEARD)
def page(request: pytest.FixtureRequest, process: PageProcess) -> Iterator[BrowserPage]:
    with request.param(1400, 1000) as page:
        page.open(process.ready["url"])
        page.wait_for("window.antiphon?.connected")
        page.click("#start")
        page.wait_for("antiphon.sound.context?.state === 'running'")
        page.wait_for("antiphon.sound.piano.samples.ready.size > 20")
        page.value(GATHERING)
        yield page
        assert page.errors == []


def answer(process: PageProcess) -> list[float]:
    """Rows of an answer, each near its moment; the moments of its strikes."""
    at = time.perf_counter() + 0.3
    process.tell(turn(time.perf_counter(), "asking"))
    strikes = [at]
    for gap_s in GAPS_S:
        strikes.append(strikes[-1] + gap_s)
    for place, (pitch, strike) in enumerate(zip((60, 72, 55, 67), strikes, strict=True)):
        if place == 0:
            process.tell(turn(strike, "answering"))
        for moment, velocity in ((strike, 90), (strike + 0.15, 0)):
            time.sleep(max(moment - AHEAD_S - time.perf_counter(), 0.0))
            process.tell(note(moment, pitch, velocity, who="model") | {"channel": 2})
    process.tell(turn(time.perf_counter(), "waiting"))
    return strikes


def answer_heard(process: PageProcess, page: BrowserPage) -> tuple[list[float], dict[str, Any]]:
    """The moments of an answer's strikes, and how it was heard until there was silence again."""
    page.value("void struck.splice(0)")
    since = page.value("antiphon.sound.context.currentTime")
    strikes = answer(process)
    page.wait_for(f"struck.length === {len(strikes)} && antiphon.soundsSounding === 0")
    page.wait_for(f"{HEARD}({since}).last < -70")
    heard: dict[str, Any] = page.value(f"{HEARD}({since})")
    struck = page.value("struck")
    moments = [when for when, _ in struck]
    # What came late and at once with another is one onset with it.
    heard["apart"] = [when for before, when in pairwise([0.0, *moments]) if when > before + 0.15]
    heard["isInTime"] = all(was_in_time for _, was_in_time in struck)
    return strikes, heard


@pytest.fixture
def step_s(page: BrowserPage) -> float:
    """How long the steps of the clock of sound are, beyond which no two moments can be compared.

    Firefox's are what its loudspeaker takes at once: up to 55 ms, as was seen.
    """
    return 0.13 if isinstance(page, FirefoxPage) else 0.04


def test_its_onsets_lie_as_its_rows_do_and_after_it_there_is_silence(
    process: PageProcess, page: BrowserPage, step_s: float
) -> None:
    for _ in range(ASKED_AT_MOST):
        strikes, heard = answer_heard(process, page)
        if heard["isWhole"] and heard["isInTime"]:
            break
    assert heard["isWhole"], "the machine was too busy to hear it"
    assert heard["loudest"] > -40
    if heard["isInTime"] or not isinstance(
        page, FirefoxPage
    ):  # there a late key waits for the clock's next step
        assert heard["onsets"] == pytest.approx(heard["apart"], abs=BEHIND_S)
    if heard["isInTime"]:
        wanted = [after - before for before, after in pairwise(strikes)]
        found = [after - before for before, after in pairwise(heard["onsets"])]
        assert found == pytest.approx(wanted, abs=step_s)


def test_a_cut_in_is_heard_at_once(process: PageProcess, page: BrowserPage) -> None:
    since = page.value("antiphon.sound.context.currentTime")
    process.tell(turn(time.perf_counter(), "answering"))
    process.tell(note(time.perf_counter(), 48, 100, who="model") | {"channel": 2})
    page.wait_for("antiphon.soundsSounding === 1")
    page.wait_for(f"{HEARD}({since}).loudest > -40")
    process.tell(turn(time.perf_counter(), "calling"))
    page.wait_for("antiphon.soundsSounding === 0")
    page.wait_for(f"{HEARD}({since}).last < -70")
    process.tell(note(time.perf_counter(), 48, 0, who="model") | {"channel": 2})
    process.tell(turn(time.perf_counter(), "waiting"))
