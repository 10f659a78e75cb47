"""What a frame of the page's roll costs as notes in view grow: in headless Chromium, without a graphics card.

A steady stream of notes is played to the roll's own score, both parts, and each frame is drawn and made
pixels before the clock is read; with `--ahead`, so many notes that are still to come are drawn over it.
`--page` takes the page's files from another folder, to set one version beside another.
"""

import argparse
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import realtime.web
from benchmarks.spread import spread
from music.settings import SettingError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
)
WITHIN_S = 300.0
_LOOKS_FOR_THE_END_EVERY_S = 0.05

PAGE = """<!doctype html><meta charset="utf-8">
<style>canvas { width: %(width)dpx; height: %(height)dpx; display: block }</style>
<script type="module" src="/measure.js"></script>"""

MEASURE = """
import { Roll } from "/page/roll/roll.js";
import { Score } from "/page/roll/score.js";

const { notes, frames, ahead } = %(asked)s;
const HELD = 10; // keys at once, ten fingers
const IN_VIEW_S = Math.min(Math.max(%(height)d / 64, 5), 10); // as the roll chooses it

let state = 1;
function chance() {
  state = (state * 48271) %% 2147483647;
  return state / 2147483647;
}

function rowsOf(count) {
  const rows = [];
  const every_s = IN_VIEW_S / count;
  for (let at = 0; at < IN_VIEW_S + frames / 60; at += every_s) {
    const who = chance() < 0.5 ? "player" : "model";
    const pitch = 30 + Math.floor(66 * chance());
    const note = { who, pitch, velocity: 30 + Math.floor(90 * chance()), source: 1 };
    rows.push({ ...note, at }, { ...note, velocity: 0, at: at + HELD * every_s });
  }
  return rows.sort((one, other) => one.at - other.at);
}

const STATES = ["sketch", "ready", "committed"];
// Only a page that shows what is to come has these.
const Ghosts = ahead ? (await import("/page/mind/ghosts.js")).Ghosts : undefined;

function toCome() {
  return Array.from({ length: ahead }, (_, number) => {
    const note = { pitch: 30 + Math.floor(66 * chance()), velocity: 80, length: 0.3 };
    return { ...note, in_s: 5 * chance(), state: STATES[number %% 3] };
  });
}

function measured(count) {
  const canvas = document.createElement("canvas");
  document.body.replaceChildren(canvas);
  const [score, roll, rows] = [new Score(), new Roll(canvas), rowsOf(count)];
  const pen = canvas.getContext("2d");
  const [ghosts, coming] = [Ghosts && new Ghosts(roll), toCome()];
  // Changes ten times a second, as often as rows come.
  const ideas = { ahead: () => coming, clock: (now) => now, version: 0 };
  const milliseconds = [];
  let next = 0;
  for (let frame = -1; frame < frames; frame++) {
    const now = IN_VIEW_S + frame / 60;
    while (next < rows.length && rows[next].at <= now) score.note(rows[next++]);
    const began = performance.now();
    roll.resize();
    score.forget(now);
    roll.draw(score, now);
    ideas.version = Math.floor(frame / 6);
    ghosts?.draw(ideas, now);
    pen.getImageData(0, 0, 1, 1); // what was asked for becomes pixels
    // the very first frame meets all the notes at once
    if (frame >= 0) milliseconds.push(performance.now() - began);
  }
  return milliseconds;
}

const figures = Object.fromEntries(notes.map((count) => [count, measured(count)]));
await fetch("/figures", { method: "POST", body: JSON.stringify(figures) });
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--notes",
        type=int,
        nargs="+",
        default=[0, 50, 200, 2000],
        metavar="N",
        help="notes in view (default: 0 50 200 2000)",
    )
    parser.add_argument(
        "--ahead",
        type=int,
        default=60,
        metavar="N",
        help="notes that are still to come (default: %(default)s; 0: none, also for pages that show none)",
    )
    parser.add_argument("--frames", type=int, default=120, metavar="N", help="(default: %(default)s)")
    parser.add_argument("--width", type=int, default=1400, metavar="PX", help="(default: %(default)s)")
    parser.add_argument("--height", type=int, default=560, metavar="PX", help="(default: %(default)s)")
    parser.add_argument(
        "--page",
        type=Path,
        default=Path(realtime.web.__path__[0]) / "page",
        metavar="FOLDER",
        help="the page's files (default: those of Antiphon)",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds a frame, by the number of notes in view."""
    if not (args.page / "roll" / "roll.js").is_file():
        raise SettingError(
            f"--page {args.page}: no roll/roll.js is there; name the folder of the page's files"
        )
    found: Queue[dict[str, list[float]]] = Queue()
    with _served(args, found) as address, _browser(address):
        try:
            frames = found.get(timeout=WITHIN_S)
        except Empty:
            raise SettingError(
                f"the browser gave no figures within {WITHIN_S:g} s; try fewer --frames"
            ) from None
    return {
        "canvas": f"{args.width} x {args.height}",
        "frame_ms": {
            f"{count} notes": spread([ms / 1000 for ms in drawn]) for count, drawn in frames.items()
        },
    }


@contextmanager
def _served(args: argparse.Namespace, found: "Queue[dict[str, list[float]]]") -> Iterator[str]:
    """The page's files, the measuring program, and an ear for what it found; the address."""
    asked = json.dumps({"notes": args.notes, "frames": args.frames, "ahead": args.ahead})
    own = {
        "/": ("text/html", PAGE % {"width": args.width, "height": args.height}),
        "/measure.js": ("text/javascript", MEASURE % {"asked": asked, "height": args.height}),
    }

    files = {f"/page/{path.relative_to(args.page).as_posix()}": path for path in args.page.rglob("*.js")}

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path in own:
                self._answer(*own[self.path])
            elif self.path in files:
                self._answer("text/javascript", files[self.path].read_text(encoding="utf-8"))
            else:
                self.send_error(HTTPStatus.NOT_FOUND)

        def do_POST(self) -> None:
            found.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer("text/plain", "")

        def _answer(self, content_type: str, text: str) -> None:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", content_type)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Nothing: the figures are what is to be read."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    serving = Thread(target=server.serve_forever, args=(_LOOKS_FOR_THE_END_EVERY_S,), daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


@contextmanager
def _browser(address: str) -> Iterator[None]:
    program = browser_program()
    with TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS, *for_root(), f"--user-data-dir={profile}", address]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.terminate()
            process.wait()


def browser_program() -> str:
    """The first browser there is."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise SettingError(f"no browser to measure in: install one of {', '.join(BROWSERS)}")
    return program


def for_root() -> Sequence[str]:
    """Flags for whoever runs it."""
    # Chromium refuses to run as root in its sandbox, and the page is our own.
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
