"""`antiphon site`: the page as files, with a model in it that answers; nothing behind it but a host of files.

The runtime is a double that draws the same few events each time. That the real one runs the model's file is
tried by hand (docs/without-installing.md): it has 14 MB, and is not ours.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from commands.backstage import site, web_runtime
from realtime.inference.bundle import read_bundle
from realtime.inference.default_model import default_model
from realtime.knobs import STEP
from tests.commands.test_play_in_the_browser import SOUNDING, phase, play
from tests.support.browser import BrowserPage
from tests.support.chromium import chromium_page
from tests.support.command import ROOT, antiphon

DOUBLE = """
export const env = { wasm: {} };
export class Tensor {
  constructor(type, data, dims) {
    const size = dims.reduce((product, length) => product * length, 1);
    if (data.length !== size) throw new Error(`${data.length} numbers, not ${size}`);
    Object.assign(this, { type, data, dims });
  }
}
export class InferenceSession {
  static async create(bytes) {
    if (bytes.length < 1_000_000) throw new Error("that is no model");
    return new InferenceSession();
  }
  async run(feeds) {
    const isUp = feeds.key_mask.data[0] === 0;
    const sounds = feeds.sounding.data.findIndex((each) => each > 0);
    const sounding = Float32Array.from(feeds.sounding.data);
    const key = Number(feeds.event.data[1]);
    if (key < 88) sounding[key] = 1;
    else if (key < 176) sounding[key - 88] = 0;
    const held = sounding.findIndex((each) => each > 0);
    const next = isUp || held >= 0 ? [20, 88 + Math.max(held, 0), 0] : [10, 39, 16];
    const states = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [`${name}_after`, value]));
    states.sounding_after = new Tensor("float32", sounding, [1, 88]);
    const cells = Math.max(next[0], Number(feeds.gap_at_least.data[0]));
    const next_event = new Tensor("int64", BigInt64Array.from(next, BigInt), [1, 3]);
    return { ...states, next_event, next_cells: new Tensor("int64", BigInt64Array.of(BigInt(cells)), [1]) };
  }
}
"""


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the double in the place of the runtime."""
    folder = tmp_path / "package" / "dist"
    folder.mkdir(parents=True)
    for name in web_runtime.FILES:
        (folder / name).write_text(DOUBLE if name.endswith("min.mjs") else "")
    known = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in web_runtime.FILES}
    monkeypatch.setattr(web_runtime, "FILES", known)
    return folder.parent


def write(to: Path, place: Path | None, model: Path | None = None) -> int:
    return site.run(argparse.Namespace(to=to, model=model, place=place))


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def page(tmp_path: Path, runtime: Path) -> Iterator[BrowserPage]:
    """The site in Chromium, below a path as on a host that has others beside it."""
    assert write(tmp_path / "host" / "play", runtime) == 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(tmp_path / "host")))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        with chromium_page() as page:
            page.open(f"http://127.0.0.1:{server.server_port}/play/")
            page.wait_for("window.antiphon?.connected")
            page.click("#start")
            page.wait_for("!document.querySelector('#start').checkVisibility({visibilityProperty: true})")
            yield page
            page.errors = [error for error in page.errors if "favicon.ico" not in error]
            assert page.errors == []
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.browser
@pytest.mark.slow
def test_a_phrase_is_answered_in_the_page_itself_and_a_key_cuts_in(page: BrowserPage) -> None:
    play(page)
    phase(page, "answering")
    page.wait_for("+document.querySelector('#roll').dataset.modelNotes > 0")
    phase(page, "waiting")
    page.wait_for(f"{SOUNDING} === 0")
    page.key("keyDown", "Enter", "Enter")
    page.key("keyUp", "Enter", "Enter")
    phase(page, "answering")
    page.key("keyDown", "z", "KeyZ")
    phase(page, "calling")
    page.key("keyUp", "z", "KeyZ")
    page.key("keyDown", "Escape", "Escape")
    phase(page, "waiting")
    assert page.value("document.querySelectorAll('.console input[type=range]').length") == len(site.KNOBS)
    assert page.value("document.querySelector('#takes-panel') === null")


def test_what_the_page_is_given_of_the_model_is_what_its_file_says() -> None:
    bundle = read_bundle(default_model())
    said = json.loads(json.dumps(site.about(bundle)))
    assert said["model"]["begin"] == list(bundle.header.begin)
    assert [state["name"] for state in said["model"]["states"]] == [s.name for s in bundle.header.states]
    assert all(length > 0 for state in said["model"]["states"] for length in state["shape"])
    assert [knob["name"] for knob in said["begin"]["knobs"]] == list(site.KNOBS)
    assert said["begin"]["controls"].keys() == set(site.KNOBS)
    assert said["begin"]["model"] == bundle.summary
    assert said["begin"]["daring_step"] == STEP
    assert {"again", "calmer", "bolder"} < {button["name"] for button in said["begin"]["buttons"]}


@pytest.mark.browser
@pytest.mark.slow
def test_no_key_is_named_that_does_nothing_there(page: BrowserPage) -> None:
    page.click("#help-button")
    shown = "[...document.querySelectorAll('#help dt')].filter((key) => key.offsetParent)"
    keys = page.value(f"{shown}.map((key) => key.textContent.trim())")
    assert "A" in keys
    assert not {"F", "K", "1", "4", "8"} & set(keys)
    assert "--" not in page.value("document.querySelector('#midi-word').textContent")


def test_what_can_t_be_is_refused_in_a_line_and_leaves_nothing(
    tmp_path: Path, runtime: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "site"
    rows = next((ROOT / "tests" / "golden" / "families").glob("*note*.onnx"))
    half = ROOT / "realtime" / "models" / "default-fp16.onnx"
    (runtime / "dist" / "ort-wasm-simd-threaded.wasm").write_text("another")
    for words, model, place in (
        ("in a browser one of events plays", rows, runtime),
        ("half precision is for a GPU", half, runtime),
        ("is another than that of onnxruntime-web", None, runtime),
        ("is not in it: unpack onnxruntime-web", None, tmp_path / "nowhere"),
    ):
        assert write(to, place, model) == 2
        said = capsys.readouterr().err
        assert words in said
        assert said.count("\n") == 1
        assert not to.exists()
    to.mkdir()
    (to / "index.html").touch()
    assert write(to, runtime) == 2
    assert "not empty" in capsys.readouterr().err


def test_the_command_is_there() -> None:
    assert "onnxruntime-web" in antiphon("site", "--help").stdout
