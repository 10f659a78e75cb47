"""What listeners said, in the dashboard and in the file that is sent: by synthetic listeners, marked so."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("streamlit", reason="needs the extra `dashboard`")

import antiphon
from dashboard.listened.analyses import SYNTHETIC, find_heard, load_heard, rated_since
from dashboard.listened.charts import mean_dots, rating_squares
from dashboard.places import Places
from dashboard.sending.chosen import chosen_of
from dashboard.sending.sheet import sheet
from listening.ratings import Ratings
from music.settings import SettingError
from tests.support.listening import Clock, made_folder, synthetic_listener
from tests.support.pages import opened, words_of

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Streamlit's own, and of what it is made of
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]
NAME = "test/synthetic/analysis.json"


@pytest.fixture
def listened(filled: Places, tmp_path: Path) -> Places:
    """A test in a folder beside others, rated by three who are no people, and analysed."""
    folder = made_folder(tmp_path / "listening" / "test")
    (tmp_path / "listening" / "other").mkdir()
    ratings = Ratings(folder.ratings(synthetic=True), synthetic=True)
    for _ in range(3):
        synthetic_listener(ratings, folder.test(), Clock(), lambda name: 1 + 3 * int(name[-1]))
    ratings.close()
    assert antiphon.main(["listening-test", "analyse", str(folder.path), "--synthetic"]) == 0
    return replace(filled, listening=tmp_path / "listening")


def changed(places: Places, **changes: Any) -> Path:
    path = places.listening / NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


def test_an_analysis_is_read_with_its_ranks_from_the_first_on(listened: Places) -> None:
    found, troubles = find_heard(listened)
    assert troubles == []
    (heard,) = found.values()
    assert list(found) == [NAME]
    assert heard.synthetic
    assert heard.name == "A test, a rehearsal"
    first, second = (one.record() for one in heard.conditions)
    assert (first["rank"], first["mean"], first["rank, 95 %"], first["first of all %"]) == (
        1,
        4.0,
        "1",
        100.0,
    )
    assert (second["rank"], second["mean"], second["ratings"], second["listeners"]) == (2, 1.0, 6, 3)
    (pair,) = heard.pairs
    assert pair["ahead by"] == -3.0
    assert heard.values == list(range(6))
    for chart in (mean_dots(heard), rating_squares(heard)):
        assert chart.to_dict()


def test_whoever_rates_after_the_analysis_is_seen(listened: Places) -> None:
    heard = load_heard(listened.listening / NAME)
    assert not rated_since(heard)
    os.utime(heard.path, ns=(1, 1))
    assert rated_since(heard)


def test_an_older_analysis_has_no_ranks_and_a_broken_one_is_a_line(listened: Places) -> None:
    older = json.loads((listened.listening / NAME).read_text())
    del older["ranking"]
    (listened.listening / NAME).write_text(json.dumps(older))
    (heard,) = find_heard(listened)[0].values()
    assert {one.place for one in heard.conditions} == {None}
    for changes in ({"version": 9}, {"conditions": []}, {"pairs": [{}]}, {"conditions": [{}]}):
        path = changed(listened, **(older | changes))
        found, (line,) = find_heard(listened)
        assert not found
        assert str(path) in line


@pytest.mark.slow
def test_the_page_shows_it_and_says_that_it_is_by_no_people(
    listened: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened("listening", listened, monkeypatch)
    assert not page.exception
    assert page.warning[0].value.startswith("SYNTHETIC")
    assert list(page.dataframe[0].value["mean"]) == [4.0, 1.0]
    assert "Listeners agree by 1.00" in words_of(page)
    page = opened("listening", replace(listened, listening=listened.runs), monkeypatch)
    assert not page.exception
    assert "antiphon listening-test" in page.info[0].value


@pytest.mark.slow
def test_what_is_sent_can_have_it_inside_and_says_so_too(
    listened: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = listened.runs / "first" / "evaluation" / "tiny-train.json"
    heard = load_heard(listened.listening / NAME)
    text = sheet(chosen_of({"first": path}), [], "A partner", "2026-11-27", [heard])
    assert text.count(SYNTHETIC) == 2
    assert "What listeners said: A test, a rehearsal" in text
    both = ["first/evaluation/tiny-train.json", "default.evaluation/tiny-train.json"]
    page = opened("models", listened, monkeypatch, beside=both, **{"sent with": NAME})
    (make,) = (button for button in page.button if button.label == "Make the file")
    page = make.click().run()
    assert not page.exception
    assert any(button.label.startswith("models.html, ") for button in page.get("download_button"))


def test_the_command_sends_what_people_said_and_no_rehearsal(
    listened: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = listened.listening / "test"
    words = ["report", "first", "--runs", str(listened.runs), "--to", str(tmp_path / "models.html")]
    words += ["--listening-test", str(folder)]
    assert antiphon.main(words) == 2
    assert f"antiphon listening-test analyse {folder}" in capsys.readouterr().err
    table = json.loads((listened.listening / NAME).read_text())
    (folder / "analysis.json").write_text(json.dumps(table | {"synthetic": False, "title": "Two conditions"}))
    assert antiphon.main(words) == 0
    text = (tmp_path / "models.html").read_text()
    assert "What listeners said: Two conditions" in text
    assert SYNTHETIC not in text
    with pytest.raises(SettingError, match="can't be read"):
        load_heard(folder / "nowhere.json")
