"""The pages on which something is tried or a take is looked at: with much, with nothing, with what broke."""

import shutil
from pathlib import Path

import pytest

pytest.importorskip("streamlit", reason="needs the extra `dashboard`")

from dashboard.places import Places
from music.midi.files import midi_bytes
from music.notes import Note
from music.phrase import Phrase
from music.settings import SettingError
from realtime.answerers.rule.imitation import Imitation
from realtime.performer.events import HandOverNow
from realtime.rows.turned import Starred
from tests.support.kept_takes import SEED, phrase_at, take_of
from tests.support.pages import address_of, opened, words_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Streamlit's own, and of what it is made of
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]
GOLDEN = Path(__file__).parents[2] / "golden"


def titles_in(page: object) -> str:
    return "\n".join(frame.proto.srcdoc for frame in page.get("iframe"))  # type: ignore[attr-defined]


def test_without_any_file_the_rule_answers(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened("hear", places, monkeypatch)
    assert not page.exception
    assert not page.warning
    for title in ("temperature 0.5, seed 1", "temperature 1.5, seed 2"):
        assert title in titles_in(page)
    assert page.dataframe[0].value["answers"].tolist() == ["2 of 2"] * 3


def test_a_link_opens_on_its_call_temperatures_and_seeds(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"temperatures": ["0", "2"], "seeds": "3", "own call": "Waltz", "with call": "on"}
    page = opened("hear", places, monkeypatch, **said)
    assert not page.exception
    assert "temperature 2, seed 3" in titles_in(page)
    assert "temperature 1, seed" not in titles_in(page)
    assert page.selectbox(key="own call").value == "Waltz"
    assert address_of(page) == {
        name: [words] if isinstance(words, str) else words for name, words in said.items()
    }


def test_a_file_that_is_no_model_is_a_sentence(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    (places.models / "broken.onnx").write_bytes(b"no model")
    page = opened("hear", places, monkeypatch)
    assert not page.exception
    assert "broken.onnx" in page.warning[0].value
    assert not page.get("iframe")


def test_a_passage_of_any_midi_file_is_answered(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    music = midi_bytes(Phrase.of(Note(at / 2, 60 + at % 12, 80, 0.4) for at in range(40)))
    page = opened("hear", places, monkeypatch, temperatures="1")
    page.file_uploader[0].upload("mine.mid", music, "audio/midi").run()
    assert not page.exception
    assert not page.warning
    assert "temperature 1, seed 2" in titles_in(page)
    page.number_input(key="from second").set_value(500).run()
    assert not page.exception
    assert "mine.mid: no key of a piano goes down" in page.warning[0].value


def test_with_no_take_the_page_says_how_to_get_one(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened("takes", places, monkeypatch)
    assert not page.exception
    assert "antiphon play" in page.info[0].value


def test_a_take_is_shown_with_its_figures_and_each_of_its_parts(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_of(Imitation(SEED), places.takes / "first.mid")
    page = opened("takes", places, monkeypatch)
    assert not page.exception
    assert [metric.label for metric in page.metric] == [
        "length",
        "your notes",
        "its notes",
        "hand-over delay",
        "cut in upon",
    ]
    part = page.selectbox(key="part of take")
    assert len(part.options) == 5
    page = part.select_index(2).run()
    assert not page.exception
    assert "turn 1, attempt 2" in titles_in(page)
    assert "How daring" in words_of(page)
    assert "doesn't say how late" in words_of(page)


def test_an_evening_shows_how_late_notes_were_and_which_answers_have_a_star(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = [*phrase_at(10.0, (60, 62, 64, 65)), HandOverNow(11.0), Starred(11.6)]
    take_of(Imitation(SEED), places.takes / "first.mid", done=done, late_s=0.0012)
    page = opened("takes", places, monkeypatch)
    assert not page.exception
    assert {metric.label: metric.value for metric in page.metric}["notes late by"] == "1.2 ms"
    assert "How late" in words_of(page)
    assert any("★" in option for option in page.selectbox(key="part of take").options)
    assert page.dataframe[0].value["star"].tolist() == [True]


def test_takes_of_all_evenings_are_listed_with_their_stars_once_the_list_is_opened(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = [*phrase_at(10.0, (60, 62, 64, 65)), HandOverNow(11.0), Starred(11.6)]
    take_of(Imitation(SEED), places.takes / "good.mid", done=done)
    take_of(Imitation(SEED), places.takes / "plain.mid")
    (places.takes / "broken.mid").write_bytes(b"no music")
    page = opened("takes", places, monkeypatch)
    assert not any("stars" in table.value for table in page.dataframe)
    page.session_state["all takes"] = True
    page = page.run()
    assert not page.exception
    (table,) = (table.value for table in page.dataframe if "stars" in table.value)
    assert dict(zip(table["take"], table["stars"].fillna(-1), strict=True)) == {
        "good.mid": 1,
        "plain.mid": 0,
        "broken.mid": -1,
    }
    page = page.toggle(key="starred").set_value(True).run()
    assert address_of(page)["starred"] == ["on"]
    (table,) = (table.value for table in page.dataframe if "stars" in table.value)
    assert list(table["take"]) == ["good.mid"]


def test_older_takes_and_broken_ones_break_no_page(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(GOLDEN / "take-250c1ca.mid", places.takes / "older.mid")
    (places.takes / "broken.mid").write_bytes(b"no music")
    for name, says in (("older.mid", "were not kept"), ("broken.mid", "can't be read as a take")):
        page = opened("takes", places, monkeypatch, take=name)
        assert not page.exception
        assert says in words_of(page)


def test_a_folder_of_takes_that_may_not_be_read_and_a_take_that_went_are_sentences(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = places.takes / "a.mid"
    take.write_bytes(midi_bytes(Phrase.of([Note(0.0, 60, 80, 0.5)])))
    went = [take]
    monkeypatch.setattr("realtime.kept.folder.shelved_in", lambda folder: went)
    take.unlink()
    page = opened("takes", places, monkeypatch)
    assert not page.exception
    assert "a.mid: can't be read as a take" in page.warning[0].value
    monkeypatch.undo()

    def refused(folder: Path) -> list[Path]:
        raise SettingError(f"{folder}: can't be read: Permission denied")

    monkeypatch.setattr("realtime.kept.folder.shelved_in", refused)
    page = opened("takes", places, monkeypatch)
    assert not page.exception
    assert "Permission denied" in page.warning[0].value
