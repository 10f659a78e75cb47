"""The pictures of the README and of docs/dashboard.md, taken of the real thing: `make pictures`.

Starts the instrument and the dashboard, plays a phrase by the computer's keys in headless Chromium, lets
small runs learn and the model answer, and photographs what is seen.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from urllib.parse import urlencode
from urllib.request import urlopen

from dashboard.places import Places
from tests.support.browser import BrowserPage
from tests.support.chromium import chromium_page
from tests.support.command import ROOT
from tests.support.pictured import pictured
from tests.support.running import line_with, running
from tests.support.waiting import wait_until

LETTERS = {"z": "KeyZ", "x": "KeyX", "c": "KeyC", "v": "KeyV", "b": "KeyB", "n": "KeyN", "m": "KeyM"} | {
    "q": "KeyQ",
    "w": "KeyW",
    "e": "KeyE",
    "r": "KeyR",
    "t": "KeyT",
}
# A phrase in C: what is struck together, and how long until the next.
PHRASE = (
    ("zq", 0.25),
    ("b", 0.25),
    ("ce", 0.25),
    ("b", 0.25),
    ("nw", 0.25),
    ("q", 0.5),
    ("vr", 0.25),
    ("n", 0.25),
    ("be", 0.25),
    ("b", 0.25),
    ("zw", 0.6),
)


# Those that Antiphon carries, ticked in the table of models.
BOTH = urlencode(
    {"beside": ["default.evaluation/rolls-test.json", "concert/concert.evaluation/belonging/test.json"]}, True
)


def main(folder: Path) -> None:
    """Take all pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _page(folder)
    _dashboard(folder)
    with TemporaryDirectory() as home:
        pages(folder, pictured(Path(home)))


def _page(folder: Path) -> None:
    with (
        running("play", "--page-port", "0", "--seed", "3", "--length", "12s", "--no-take") as process,
        chromium_page(1440, 900) as page,
    ):
        page.open(line_with(process, "page  http").split()[1])
        page.wait_for("window.antiphon?.connected")
        sleep(1.0)  # the first look has settled
        page.screenshot(folder / "page-first-look.jpg")
        page.click("#start")
        sleep(0.5)
        _play(page)
        page.wait_for("document.querySelector('#turn').dataset.phase === 'answering'")
        sleep(3.0)  # some of the answer is to be seen
        page.screenshot(folder / "page.jpg")


def _play(page: BrowserPage) -> None:
    for letters, lasts_s in PHRASE:
        for letter in letters:
            page.key("keyDown", letter, LETTERS[letter])
        sleep(lasts_s)
        for letter in letters:
            page.key("keyUp", letter, LETTERS[letter])


def _dashboard(folder: Path) -> None:
    with (
        running("dashboard", "--port", "8599", "--runs", str(ROOT / "runs")) as process,
        chromium_page(1280, 900) as page,
    ):
        address = line_with(process, "dashboard: http").split()[1]
        wait_until(lambda: _answers(address))
        page.prefer(prefers_color_scheme="dark")
        for name, path in (("dashboard", "answers"), ("dashboard-hear", "hear")):
            page.open(f"{address.rstrip('/')}/{path}")
            page.wait_for(
                "document.querySelector('iframe')?.contentDocument?.querySelectorAll('canvas').length > 0"
            )
            sleep(4.0)  # all of it is drawn
            page.screenshot(folder / f"{name}.jpg")


def pages(folder: Path, places: Places) -> None:
    """The dashboard's pages of runs, experiments, models and takes, as they show these."""
    words = [f"--{name}={getattr(places, name)}" for name in ("runs", "corpora", "takes", "listening")]
    with (
        running("dashboard", "--port", "8599", *words) as process,
        chromium_page(1280, 900) as page,
    ):
        address = line_with(process, "dashboard: http").split()[1]
        wait_until(lambda: _answers(address))
        page.prefer(prefers_color_scheme="dark")
        for name, path, seen in (
            ("runs", "?follow=off&runs=wide&runs=bold&runs=patient", "Held-out pieces"),
            ("experiments", "experiments?figure+of+width=least+loss", "the mean over its seeds"),
            ("models", f"models?{BOTH}", "Whether answers belong to their calls"),
            ("takes", "takes", "Answer by answer"),
        ):
            page.open(f"{address.rstrip('/')}/{path}")
            page.wait_for_text(seen)
            sleep(4.0)  # all of it is drawn
            page.screenshot(folder / f"dashboard-{name}.jpg")


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=1.0):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    main(Path(sys.argv[1]))
