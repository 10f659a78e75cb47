"""Played on from a place in a take: the engine has heard it up to there, and so has the next take.

Everything is real but the person and their ears: the engine, the page process, Chromium.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from music.midi.files import read_phrase, read_pieces
from realtime.rows.take import MODEL, PLAYER
from tests.commands.test_play_in_the_browser import SOUNDING, a_finished_take, phase
from tests.support.browser import BrowserPage
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIRST = "document.querySelector('#takes li:last-child')"
NOTICE = "document.querySelector('#heard-again')"
Z = 48  # the key of the piano that this one plays
OFFER = "document.querySelector('#hand-over')"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def page(folder: Path) -> Iterator[BrowserPage]:
    """A page with one take in it, of a phrase and its answer."""
    with a_finished_take(folder) as page:
        yield page


def stand_at(page: BrowserPage, seconds: float) -> None:
    """Hear the first take from a place on, and stand still there."""
    page.value(f"{FIRST}.querySelector('button').click()")
    page.wait_for(f"!{NOTICE}.hidden")
    page.value(
        f"(() => {{ const place = {NOTICE}.querySelector('input'); place.value = '{seconds}';"
        "place.dispatchEvent(new Event('input')); })()"
    )
    page.value(f"{NOTICE}.querySelector('.onward').click()")
    page.wait_for(f"{NOTICE}.textContent.includes('play, or hand over')")
    page.wait_for("document.querySelector('#turn').textContent.includes('at a place in a take')")
    page.wait_for(f"{SOUNDING} === 0")


def test_a_phrase_goes_on_from_the_place_and_the_next_take_has_both(page: BrowserPage, folder: Path) -> None:
    stand_at(page, 0.45)
    assert page.value(f"{OFFER}.disabled") is False
    page.key("keyDown", "z", "KeyZ")
    page.wait_for(f"{NOTICE}.hidden && document.querySelector('#turn').textContent.includes('goes on')")
    page.key("keyUp", "z", "KeyZ")
    phase(page, "answering")
    phase(page, "waiting")
    wait_until(lambda: len(list(folder.glob("*.mid"))) == 2)
    (there,) = [path for path in folder.glob("*.mid") if path.name != "first.mid"]
    before, after = read_phrase(folder / "first.mid").notes, read_phrase(there).notes
    played = [note for note in before if note.voice == PLAYER]
    *kept, anew = [note.pitch for note in after if note.voice == PLAYER]
    assert kept == [note.pitch for note in played][: len(kept)]  # it is heard on until it stands still
    assert len(kept) >= sum(note.at <= 0.3 for note in played)
    assert anew == Z
    assert any(note.voice == MODEL for note in after)
    assert "goes on from a place in first.mid" in " ".join(w.text for w in read_pieces(there)[0].words)


def test_an_answer_goes_on_from_the_place_when_it_is_handed_over(page: BrowserPage, folder: Path) -> None:
    wait_until((folder / "first.mid").exists)
    answer = [note for note in read_phrase(folder / "first.mid").notes if note.voice == MODEL]
    stand_at(page, answer[1].at + 0.05)
    page.key("keyDown", "Enter", "Enter")
    page.key("keyUp", "Enter", "Enter")
    phase(page, "answering")
    assert page.value(f"{NOTICE}.hidden")
    page.wait_for(f"{SOUNDING} > 0")
    phase(page, "waiting")


def test_silence_leaves_the_place(page: BrowserPage) -> None:
    stand_at(page, 0.45)
    page.key("keyDown", "Escape", "Escape")
    page.wait_for(f"{NOTICE}.hidden")
