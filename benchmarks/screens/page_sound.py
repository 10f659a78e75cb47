"""How soon the page sounds, the real instrument in headless Chromium.

From a key to its sound by the audio clock, and from an address to a piano that is all there. A sound is where
the samples that the page gives out first rise above silence. What a sound device and its driver add comes on
top; the browser's own guess of it is beside the figures.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.screens.devtools import Tab, browser
from benchmarks.spread import spread
from music.settings import SettingError

FLAG = "--autoplay-policy=no-user-gesture-required"
HELD_S, RESTS_S = 0.15, 0.35
# When the page is connected and when its piano is there, in milliseconds since its address was asked for.
OPENING = """window.opened = new Promise((done) => {
  const looking = setInterval(() => {
    if (!window.antiphon?.connected) return;
    clearInterval(looking);
    const connected = performance.now();
    antiphon.sound.pianoIsThere.then(() => done([connected, performance.now()]));
  }, 1);
})"""
# The audio clock where each key went down, and an ear at what the page gives out.
LISTENING = """(() => {
  const { context, ending } = antiphon.sound.piano;
  const ear = new AnalyserNode(context, { fftSize: 32768 });
  ending.connect(ear);
  const samples = new Float32Array(ear.fftSize);
  addEventListener("keydown", ({ timeStamp }) => {
    window.keyAt = context.currentTime - (performance.now() - timeStamp) / 1000;
  }, { capture: true });
  window.heard = () => {
    let until;
    do {
      until = context.currentTime;
      ear.getFloatTimeDomainData(samples);
    } while (until !== context.currentTime);
    return { samples, from: until - samples.length / context.sampleRate };
  };
  window.isSilent = () => heard().samples.slice(-8192).every((value) => Math.abs(value) < QUIET);
  window.soundAfterKey = () => {
    const { samples, from } = heard();
    const begin = Math.max(Math.round((keyAt - from) * context.sampleRate), 0);
    const first = samples.findIndex((value, index) => index >= begin && Math.abs(value) > QUIET);
    return first < 0 ? null : first / context.sampleRate + from - keyAt;
  };
})()""".replace("QUIET", "2e-4")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--keys", type=int, default=40, metavar="N", help="(default: %(default)s)")
    parser.add_argument(
        "--opens",
        type=int,
        default=5,
        metavar="N",
        help="times that the page is opened (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds."""
    if args.keys < 1 or args.opens < 1:
        raise SettingError(f"--keys {args.keys} --opens {args.opens}: at least one of each is measured")
    with _instrument() as address, browser(FLAG) as chromium:
        opened = []
        for _ in range(args.opens):
            with chromium.tab() as tab:
                opened.append(_opened(tab, address))
        with chromium.tab() as tab:
            _opened(tab, address)
            keys = _keys(tab, args.keys)
            piano = tab.value("antiphon.sound.credit ?? 'worked out by the page'")
            latencies = "(({ baseLatency, outputLatency }) => [baseLatency, outputLatency])"
            base_s, output_s = tab.value(f"{latencies}(antiphon.sound.context)")
    return {
        "piano": piano,
        "key_to_sound_ms": spread(keys),
        "address_to_connected_ms": spread([connected / 1000 for connected, _ in opened]),
        "address_to_piano_ms": spread([there / 1000 for _, there in opened]),
        "browser_says_ms": {"base": 1000 * base_s, "output": 1000 * output_s},
    }


def _opened(tab: Tab, address: str) -> tuple[float, float]:
    tab.call("Page.addScriptToEvaluateOnNewDocument", source=OPENING)
    tab.call("Page.navigate", url=address)
    tab.wait_for("window.opened !== undefined")
    connected, there = tab.value("window.opened")
    return connected, there


def _keys(tab: Tab, count: int) -> list[float]:
    """Seconds from each of so many keys to its sound."""
    tab.value("document.querySelector('#start').click()")
    tab.wait_for("antiphon.sound.context?.state === 'running' && antiphon.sound.context.currentTime > 0.5")
    tab.value(LISTENING)
    seconds = []
    for _ in range(count):
        tab.wait_for("isSilent()")
        tab.key("c", "KeyC", down=True)
        time.sleep(HELD_S)
        tab.key("c", "KeyC", down=False)
        sound_s = tab.value("soundAfterKey()")
        if sound_s is None:
            raise SettingError(f"a key was not heard within {HELD_S:g} s: is the machine that busy?")
        seconds.append(float(sound_s))
        tab.key("Escape", "Escape", down=True)  # no answer
        tab.key("Escape", "Escape", down=False)
        time.sleep(RESTS_S)
    return seconds


@contextmanager
def _instrument() -> Iterator[str]:
    """`antiphon play`, by rule and with no take; the page's address."""
    command = [sys.executable, "-P", "-u", "-m", "antiphon", "play", "--model", "none", "--no-take"]
    with subprocess.Popen(
        [*command, "--page-port", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            found = next((line.split()[1] for line in process.stdout if line.startswith("page  http")), None)
            if found is None:
                raise SettingError("the instrument had no page: try antiphon play")
            yield found
        finally:
            process.terminate()
