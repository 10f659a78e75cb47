"""`antiphon listening-test`, from a corpus to figures; and the page, as a listener goes through it."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

import antiphon
from listening.folder import ListeningFolder
from listening.headphones import tones_for
from listening.ratings import Ratings
from music.midi.files import write_midi
from tests.support.browser import BrowserPage
from tests.support.chromium import chromium_page
from tests.support.command import ROOT
from tests.support.corpora import phrased_corpus
from tests.support.listening import Clock, made_folder, synthetic_listener
from tests.support.network import free_port
from tests.support.phrases import improvised
from tests.support.waiting import PATIENCE_S


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpora") / "phrased.safetensors"
    phrased_corpus(path)
    return path


def make(folder: Path, corpus: Path, *words: str) -> int:
    own = ["--corpus", str(corpus), "--split", "train", "--sound", "page"]
    return antiphon.main(["listening-test", "make", str(folder), *own, *words])


@contextmanager
def served(folder: Path, *words: str) -> Iterator[str]:
    """`antiphon listening-test serve` as a process of its own; the link that it says."""
    process = subprocess.Popen(
        [sys.executable, "-m", "antiphon", "listening-test", "serve", str(folder), "--synthetic", *words],
        cwd=folder.parent,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[2]
    finally:
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()
            process.stdout.close()


def test_a_test_is_made_of_every_kind_of_source_and_gives_none_away(tmp_path: Path, corpus: Path) -> None:
    for number in range(20):
        write_midi(improvised(number, notes=60), tmp_path / f"generated-{number:02}.mid")
    folder = tmp_path / "test"
    sources = ["--sources", "human", "rule", "stranger", f"nade={tmp_path}"]
    assert make(folder, corpus, *sources, "--heard", "both", "--items", "7") == 0
    test, key = ListeningFolder(folder).test(), ListeningFolder(folder).key()
    assert (len(test.items), test.columns) == (7, 7)
    assert len(set(key["conditions"])) == 7
    assert "nade, unprompted" in key["conditions"]
    open_text = (folder / "test.json").read_text() + "".join(
        f"{path.name} {path.read_text()}" for path in sorted((folder / "clips").iterdir())
    )
    for word in (
        "human",
        "rule",
        "stranger",
        "nade",
        "unprompted",
        *{one["piece"] for one in key["clips"].values()},
    ):
        assert word not in open_text
    for item in test.items:
        by_heard: dict[str, set[float]] = {}
        for clip in item:
            by_heard.setdefault(key["clips"][clip.name]["heard"], set()).add(clip.seconds)
        assert all(len(lengths) == 1 for lengths in by_heard.values())


def test_two_tests_of_the_same_sources_call_their_clips_by_other_names(tmp_path: Path, corpus: Path) -> None:
    names = []
    for place in ("one", "other"):
        assert make(tmp_path / place, corpus, "--items", "2") == 0
        names.append({clip.name for clip in ListeningFolder(tmp_path / place).test().clips()})
    assert not names[0] & names[1]


def test_a_test_that_is_there_is_not_overwritten(
    tmp_path: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made_folder(tmp_path / "test")
    assert make(tmp_path / "test", corpus) == 2
    assert "has a test already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--items", "1"], "--items 2 or more"),
        (["--sources", "human", "human"], "one of them twice"),
        (["--sources", "a=x", "a=y"], "two are called 'a'"),
        (["--sources", "human", "human=x"], "two are called 'human'"),
        (["--sources", "human", "nade=nowhere"], "no MIDI file lies in nowhere"),
        (["--sources", "human", "no-such-run"], "no-such-run"),
    ],
)
def test_what_can_not_be_made_is_one_line(
    tmp_path: Path, corpus: Path, words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(tmp_path / "test", corpus, *words) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert why in line
    assert not (tmp_path / "test" / "test.json").exists()


def test_a_test_with_a_clip_missing_is_not_served(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = made_folder(tmp_path / "test")
    clip = folder.clip(folder.test(), "c1x1")
    clip.unlink()
    assert antiphon.main(["listening-test", "serve", str(folder.path)]) == 2
    line = capsys.readouterr().err
    assert str(clip) in line
    assert "1 of 9 clips" in line


def test_analyse_prints_and_keeps_what_synthetic_listeners_rated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = made_folder(tmp_path / "test")
    assert antiphon.main(["listening-test", "analyse", str(folder.path)]) == 2
    assert "nobody has listened yet" in capsys.readouterr().err
    ratings = Ratings(folder.ratings(synthetic=True), synthetic=True)
    for _ in range(3):
        synthetic_listener(ratings, folder.test(), Clock(), lambda name: int(name[-1]))
    assert antiphon.main(["listening-test", "analyse", str(folder.path), "--synthetic"]) == 0
    assert capsys.readouterr().out.startswith("SYNTHETIC")
    kept = json.loads(folder.analysis(synthetic=True).read_text())
    assert [one["mean"] for one in kept["conditions"]] == [0.0, 1.0]
    assert kept["synthetic"]


@pytest.mark.slow
def test_what_leaves_this_machine_is_behind_a_token_that_stays(tmp_path: Path) -> None:
    folder, port = made_folder(tmp_path / "test").path, free_port()
    links = []
    for _ in range(2):
        with served(folder, "--host", "0.0.0.0", "--port", str(port)) as link:
            links.append(re.sub("//.*?:", "//127.0.0.1:", link))
            with pytest.raises(HTTPError, match="403"):
                urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE_S)
            with urlopen(links[-1], timeout=PATIENCE_S) as answer:
                assert b"listening.js" in answer.read()
    assert links[0] == links[1]
    assert "?token=" in links[0]
    assert stat.S_IMODE((folder / "token").stat().st_mode) == 0o600


def answer_check(page: BrowserPage, folder: ListeningFolder) -> None:
    """Six times three tones, heard and answered rightly."""
    page.wait_for_text("1 of 6")
    ratings = Ratings(folder.ratings(synthetic=True), synthetic=True)
    (listener,) = ratings.listeners()
    ratings.close()
    for number, tones in enumerate(tones_for(listener.secret, 0), 1):
        page.wait_for_text(f"{number} of 6")
        assert page.value("document.querySelector('.tones button').disabled")
        page.click("button.main")
        page.wait_for("!document.querySelector('.tones button').disabled")
        page.click(f".tones button[data-value='{tones.softest}']")


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_listener_goes_through_the_page_leaves_halfway_and_comes_back(tmp_path: Path) -> None:
    folder = made_folder(tmp_path / "test", items=2)
    port = str(free_port())  # the same both times, as what the browser keeps is kept for an address
    with chromium_page(390, 844) as page:
        with served(folder.path, "--port", port) as link:
            page.open(link)
            page.wait_for_text("You will hear short pieces")
            page.click("button.main")
            answer_check(page, folder)
            page.wait_for_text("An example")
            assert page.value("document.querySelectorAll('button.main')[1].disabled")
            page.click("button.main")
            page.wait_for("!document.querySelectorAll('button.main')[1].disabled")
            page.click("button.main:last-of-type")
            page.wait_for_text("1 of 2")
            assert page.value("document.querySelector('.scale button').disabled")
            page.click("button.main")
            page.wait_for("!document.querySelector('.scale button').disabled")
            page.click(".scale button[data-value='4']")
            page.wait_for("localStorage.getItem('antiphon-waiting ttest') === '[]'")
            assert page.value("document.documentElement.scrollWidth <= innerWidth")
            page.open("about:blank")  # closed, with the tap made and nothing more
        with served(folder.path, "--port", port) as link:  # the server began anew as well
            page.open(link)
            page.wait_for_text("1 of 2")
            assert page.value("document.querySelector('.scale [aria-checked=true]').dataset.value") == "4"
            page.click("button.main")
            page.wait_for("!document.querySelectorAll('button.main')[1].disabled")
            page.click("button.main:last-of-type")
            page.wait_for_text("2 of 2")
            page.click("button.main")
            page.wait_for("!document.querySelector('.scale button').disabled")
            page.click(".scale button[data-value='1']")
            page.click("button.main:last-of-type")
            page.wait_for_text("That was all")
            assert page.errors == []
    ratings = Ratings(folder.ratings(synthetic=True), synthetic=True)
    (listener,) = ratings.listeners()
    assert sorted(ratings.values(listener).values()) == [1, 4]
    assert ratings.checks(listener) == [True]


def through_the_check(page: BrowserPage, link: str, folder: ListeningFolder) -> None:
    """From the welcome to the first round, whose clips aren't heard yet."""
    page.open(link)
    page.wait_for_text("You will hear short pieces")
    page.click("button.main")
    answer_check(page, folder)
    page.wait_for_text("An example")
    page.click("button.main")
    page.wait_for("!document.querySelectorAll('button.main')[1].disabled")
    page.click("button.main:last-of-type")
    page.wait_for_text("1 of 2")


_WATCHED = """
const begin = AudioBufferSourceNode.prototype.start;
window.begun = 0;
AudioBufferSourceNode.prototype.start = function (...at) {
  if (this.context instanceof AudioContext) {
    // and not the piano's own, which plays into a buffer
    window.begun += 1;
    window.played = this.context;
  }
  return begin.apply(this, at);
};
"""


def _answered(status: int, why: str) -> str:
    """A script: from now on the server answers every rating so."""
    answer = f"new Response({json.dumps(json.dumps({'why': why}))}, {{status: {status}}})"
    return f"""{{
      const ask = window.fetch;
      window.fetch = (path, said) => path === '/rate' ? Promise.resolve({answer}) : ask(path, said);
    }}"""


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_clip_that_was_interrupted_begins_anew_and_a_tap_that_is_refused_is_shown(tmp_path: Path) -> None:
    folder = made_folder(tmp_path / "test", items=2)
    with chromium_page(390, 844) as page, served(folder.path, "--port", str(free_port())) as link:
        through_the_check(page, link, folder)
        page.value(_WATCHED)
        page.click("button.main")
        page.wait_for("window.begun === 1")
        page.value("void window.played.suspend()")
        page.wait_for("window.begun === 2")  # from the beginning, when there was sound again
        page.wait_for("!document.querySelector('.scale button').disabled")
        page.value(
            "Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true})"
        )
        page.click("button.main")
        page.wait_for_text("Touch this page to go on")  # nothing is heard in the background
        page.value("delete document.visibilityState")
        page.wait_for("!document.querySelector('.scale button').disabled")
        page.wait_for_text("Listen again")
        page.value(_answered(409, "it is to be heard to its end first"))
        page.click(".scale button[data-value='4']")
        page.wait_for_text("It is to be heard to its end first.")
        assert page.value("document.querySelector('.scale [aria-checked=true]') === null")
        assert page.value("document.querySelectorAll('button.main')[1].disabled")
        assert page.value("localStorage.getItem('antiphon-waiting ttest')") == "[]"
        page.value("localStorage.setItem('antiphon-waiting other', '[1]')")
        page.value(_answered(403, "open the whole link"))
        page.click(".scale button[data-value='3']")
        page.wait_for_text("Open the whole link.")
        page.open(link)  # and the server answers again: what waited is there, and another test's rows stay
        page.wait_for_text("1 of 2")
        page.wait_for("document.querySelector('.scale [aria-checked=true]').dataset.value === '3'")
        page.wait_for("localStorage.getItem('antiphon-waiting ttest') === '[]'")
        assert page.value("localStorage.getItem('antiphon-waiting other')") == "[1]"


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_clips_of_the_pages_own_piano_are_all_as_loud_whatever_stands_out_of_them(tmp_path: Path) -> None:
    folder = made_folder(tmp_path / "test", items=2)
    with chromium_page(390, 844) as page, served(folder.path, "--port", str(free_port())) as link:
        page.open(link)
        page.wait_for_text("You will hear short pieces")
        found = page.value(
            """(async () => {
              const {RATE, madeAlike, rms} = await import("/page/loudness.js");
              const clip = (loud, soft) => Float32Array.from({length: RATE * 4}, (_, index) =>
                (index < 40 ? loud : index < RATE * 4 ? soft : 0) * Math.sin(index / 7));
              return [clip(1, 0.2), clip(1, 0.01), clip(0.9, 0.9)].map((samples) => {
                const sides = [samples, samples.slice()];
                madeAlike(sides);
                return [rms(sides), Math.max(...sides.map((side) => side.reduce((most, one) =>
                  Math.max(most, Math.abs(one)), 0)))];
              });
            })()"""
        )
    loudness, peaks = zip(*found, strict=True)
    assert loudness == pytest.approx([0.05] * 3, rel=0.01)
    assert max(peaks) <= 1.0
    assert max(peaks) > 0.9  # one of them was beyond, and is turned down where it was
