"""The report: JSON that is read back as it was and stays readable, and a table of what was found."""

import json
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.report import PARTS, VERSION, Report

SCORE = {"nats_a_note": 7.5, "standard_error": 0.125, "gap_nats_a_note": 3.25, "velocity_nats_a_note": 0.5}
MODEL = {"name": "a model", "hash": "0123", "tier": "own"}
MUSIC = {
    "corpus": "tiny",
    "split": "test",
    "hash": "4567",
    "tier": "ship",
    "pieces": 3,
    "notes": 12345,
    "performance_events": 50000,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(string.printable),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def report(**sections: Any) -> Report:
    found = {
        "likelihood": {"carried": SCORE, "reset": SCORE | {"nats_a_note": 8.0}},
        "baselines": {"chance": SCORE | {"key_nats_a_note": 9.0}},
        "answers": {"left_out": "it has no voice"},
    }
    return Report({"date": "today"}, MODEL, MUSIC, found | sections)


@given(JSON)
def test_whatever_was_found_is_read_back_as_it_was(found: Any) -> None:
    text = report(another=found).json()
    assert json.loads(text)["sections"]["another"] == json.loads(json.dumps(found))


def test_what_is_read_back_has_a_version_and_all_parts() -> None:
    record = json.loads(report().json())
    assert record.pop("version") == VERSION
    assert record.keys() == {"machine", "model", "music", "sections"}
    assert (record["model"], record["music"]) == (MODEL, MUSIC)


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([1, 2, 3], '"rows": [1, 2, 3]'),
        (["C4", "D4"], '"rows": ["C4", "D4"]'),
        ([[0.5, 60], [1.0, 62]], '"rows": [[0.5, 60], [1.0, 62]]'),
        ([], '"rows": []'),
    ],
)
def test_lists_of_notes_and_of_counts_take_one_line(rows: list[Any], line: str) -> None:
    assert line in report(another={"rows": rows}).json()


def test_tables_in_a_list_take_a_line_each_value() -> None:
    text = report(another=[{"a": 1}, {"a": 2}]).json()
    assert [line.strip() for line in text.splitlines() if '"a"' in line] == ['"a": 1', '"a": 2']


def test_a_report_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "inside" / "report.json"
    report(another=1).save(path)
    report(another=2).save(path)
    assert json.loads(path.read_text())["sections"]["another"] == 2
    assert path.read_text().endswith("}\n")
    assert list(path.parent.iterdir()) == [path]


def test_the_head_says_who_was_judged_on_what() -> None:
    model, music, *_ = report().table()
    assert model == "model   a model  hash 0123  tier own"
    assert music.startswith("music   tiny, test: 3 pieces, 12,345 notes, 50,000 performance events")
    assert music.endswith("hash 4567  tier ship")


def test_only_fields_that_somebody_was_judged_by_have_a_column() -> None:
    head, *rows = report().table()[3:7]
    assert head.split() == ["nats", "a", "note", "all", "±", "gap", "key", "velocity"]
    assert set(head.split()[5:]) < set(PARTS)
    assert rows[0].split() == ["state", "carried", "7.500", "0.125", "3.250", "0.500"]
    assert rows[2].split() == ["chance", "7.500", "0.125", "3.250", "9.000", "0.500"]


def test_a_field_that_a_row_lacks_is_left_blank_in_its_column() -> None:
    head, carried, _, chance = report().table()[3:7]
    end = head.index("key") + len("key")
    assert chance[end - 5 : end] == "9.000"
    assert not carried[end - 5 : end].strip()


def test_what_is_left_out_is_named_with_its_reason() -> None:
    lines = report(baselines={"left_out": {"unigram, bigram": "nothing to count"}}).table()
    assert "left out: unigram, bigram: nothing to count" in lines
    assert lines[-1] == "left out: answers: it has no voice"
