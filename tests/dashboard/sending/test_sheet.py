"""The file that is sent: all of it is inside, whatever names it is given, and it is never too large."""

import csv
import json
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from math import nan
from pathlib import Path

import pytest

from dashboard.places import Places
from dashboard.sending import sheet as sheets
from dashboard.sending.calls import STAYS, sent_calls
from dashboard.sending.chosen import MOST, Chosen, chosen_of, named_apart, reports_named
from dashboard.sending.sheet import sheet
from music.settings import SettingError

DATE = "2026-11-27"
WICKED = "</script><b onclick=alert(1)>&amp;"


class Tags(HTMLParser):
    """What a page would fetch, and its words outside scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.names: list[str] = []
        self.words: list[str] = []
        self.attributes: set[str] = set()
        self._silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes |= {name for name, _ in attrs}
        self._silent = tag in ("script", "style")
        self.names.append(tag)
        self.addresses += [
            value or "" for name, value in attrs if name in ("src", "href", "srcset", "action")
        ]

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def read(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    return tags


@pytest.fixture
def chosen(filled: Places, belonging_text: str) -> list[Chosen]:
    """A run's model with a report on belonging, and the one that Antiphon carries, without."""
    beside = filled.runs / "first" / "evaluation" / "belonging"
    beside.mkdir()
    (beside / "test.json").write_text(belonging_text)
    found = [*reports_named(filled, "first").items(), *reports_named(filled, "default").items()]
    return chosen_of(named_apart(found))


def test_everything_is_inside_and_nothing_is_fetched(filled: Places, chosen: list[Chosen]) -> None:
    text = sheet(chosen, sent_calls(filled, chosen, 0), "Two partners", DATE)
    tags = read(text)
    assert tags.addresses == [address for address in tags.addresses if address.startswith("data:")]
    assert not {"link", "img", "iframe", "object", "embed"} & set(tags.names)
    assert "default-src 'none'" in text
    words = "".join(tags.words)
    for said in ("Two partners", DATE, "first", "default.onnx", "made by rule", "CC0", "ship"):
        assert said in words


def test_belonging_and_faults_stand_with_their_intervals(chosen: list[Chosen]) -> None:
    belongs = chosen[0].belongs
    assert belongs is not None
    words = "".join(read(sheet(chosen, [], "Models", DATE)).words)
    assert f"{belongs.share:.2f} ({belongs.low:.2f} to {belongs.high:.2f})" in words
    low, high = belongs.faults_within
    assert f"{belongs.faults:.0%} ({low:.0%} to {high:.0%})" in words
    assert low <= belongs.faults <= high


def test_each_call_has_every_models_answer_and_the_rules(filled: Places, chosen: list[Chosen]) -> None:
    calls = sent_calls(filled, chosen, 0)
    assert calls
    for call in calls:
        assert [roll.title for roll in call.rolls] == ["first", "default.onnx", "The rule"]
    text = sheet(chosen, calls, "Models", DATE)
    begin = text.index("const ROLLS = ") + len("const ROLLS = ")
    records = json.loads(text[begin : text.index(";\n", begin)])
    assert {record["within"] for record in records} == {f"call-{n}" for n in range(1, len(calls) + 1)}
    assert all(f'id="{record["within"]}"' in text for record in records)


def test_held_out_calls_go_with_it_only_if_wished_for_and_with_how_the_piece_goes_on(
    filled: Places, chosen: list[Chosen]
) -> None:
    own = len(sent_calls(filled, chosen, 0))
    (held_out,) = sent_calls(filled, chosen, 1)[own:]
    assert held_out.rolls[-1].title == "How the piece really goes on"
    assert "of tiny: " in held_out.about  # with its licence and its credit
    with pytest.raises(SettingError, match="say fewer"):
        sent_calls(filled, chosen, 10_000)


def test_music_that_is_for_measuring_alone_is_not_sent(filled: Places, chosen: list[Chosen]) -> None:
    kept = [
        replace(one, report=replace(one.report, music={**one.report.music, "tier": STAYS})) for one in chosen
    ]
    assert sent_calls(filled, kept, 0)
    with pytest.raises(SettingError, match="for measuring alone"):
        sent_calls(filled, kept, 1)


def test_without_its_corpus_no_held_out_call_is_sent(filled: Places, chosen: list[Chosen]) -> None:
    elsewhere = replace(filled, corpora=filled.runs)
    with pytest.raises(SettingError, match="isn't unpacked here"):
        sent_calls(elsewhere, chosen, 1)


def test_no_name_breaks_out_of_its_place(chosen: list[Chosen], filled: Places) -> None:
    wicked = [replace(one, label=f"{WICKED}{number}") for number, one in enumerate(chosen)]
    text = sheet(wicked, sent_calls(filled, wicked, 0), WICKED, DATE)
    tags = read(text)
    assert WICKED in "".join(tags.words)
    assert tags.names.count("script") == 2
    assert "onclick" not in tags.attributes


def test_figures_that_are_no_numbers_are_a_dash(chosen: list[Chosen]) -> None:
    broken = replace(chosen[0].row, nats=nan, error=nan, seconds_an_answer=nan, megabytes=None)
    text = sheet([replace(chosen[0], row=broken), chosen[1]], [], "Models", DATE)
    assert "nan" not in "".join(read(text).words).lower()
    assert "left:nan" not in text
    assert "–" in text


def test_the_table_can_be_taken_away(chosen: list[Chosen]) -> None:
    (address,) = read(sheet(chosen, [], "Models", DATE)).addresses
    rows = list(csv.DictReader(StringIO(b64decode(address.partition("base64,")[2]).decode())))
    assert [row["model"] for row in rows] == ["first", "default.onnx"]
    assert float(rows[0]["nats a note"]) == chosen[0].row.nats


def test_what_is_too_large_is_refused(chosen: list[Chosen], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_BYTES", 10_000)
    with pytest.raises(SettingError, match="fewer models"):
        sheet(chosen, [], "Models", DATE)


def test_a_model_is_named_by_its_run_its_file_or_its_report(filled: Places) -> None:
    report = filled.runs / "first" / "evaluation" / "tiny-train.json"
    for name in ("first", "first/evaluation/tiny-train.json", str(report)):
        assert list(reports_named(filled, name).values()) == [report]
    carried = filled.models / "default.evaluation" / "tiny-train.json"
    for name in ("default", "default.onnx", str(filled.models / "default.onnx")):
        assert list(reports_named(filled, name).values()) == [carried]
    with pytest.raises(SettingError, match="antiphon evaluate second"):
        reports_named(filled, "second")


def test_each_report_is_there_once_and_no_two_have_one_name(filled: Places, report_text: str) -> None:
    other = filled.runs / "second" / "evaluation"
    other.mkdir()
    (other / "tiny-train.json").write_text(report_text.replace('"a model"', '"first"'))
    names = ("first", "first/evaluation/tiny-train.json", "second")
    found = [one for name in names for one in reports_named(filled, name).items()]
    assert [one.label for one in chosen_of(named_apart(found))] == ["first", "second"]


def test_more_reports_than_anybody_compares_are_refused(filled: Places) -> None:
    path = filled.runs / "first" / "evaluation" / "tiny-train.json"
    with pytest.raises(SettingError, match=f"at most {MOST}"):
        chosen_of({f"one {number}": path for number in range(MOST + 1)})


def test_a_report_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(SettingError, match=r"broken\.json"):
        chosen_of({"broken": tmp_path / "broken.json"})
