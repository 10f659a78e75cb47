"""Columns of sounding pitches: named and read back, made from notes and turned into notes again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.beats import nearest_frame
from music.notes import Note
from music.tokens.columns import (
    REST,
    column_named,
    columns_named,
    columns_of,
    name_of,
    spans_of,
)
from music.tokens.encoding import UNKNOWN, EncodingError
from music.tokens.grid import Span

columns = st.lists(st.integers(0, 127), max_size=5).map(lambda pitches: sum(1 << one for one in set(pitches)))


def made(*notes: Note, per: float = 2.0) -> list[str]:
    return [name_of(column) for column in columns_of(notes, float, per, nearest_frame)]


@given(columns)
def test_a_column_is_read_back_by_its_name(column: int) -> None:
    assert column_named(name_of(column)) == column


def test_pitches_are_named_low_to_high_and_none_is_a_rest() -> None:
    assert name_of(1 << 67 | 1 << 60 | 1 << 64) == "60-64-67"
    assert name_of(0) == REST
    assert column_named(REST) == 0


@pytest.mark.parametrize(
    "symbol", ["", "64-60", "60-60", "60-", "128", "060", "C4", "60 64", "1e1", "9999", "²"]
)
def test_what_names_no_pitches_is_refused_with_an_example(symbol: str) -> None:
    with pytest.raises(EncodingError, match="write them low to high, as 60-64-67, or rest"):
        column_named(symbol)


def test_through_an_unknown_symbol_the_column_before_goes_on() -> None:
    assert columns_named([UNKNOWN, "60", UNKNOWN, REST, UNKNOWN]) == [0, 1 << 60, 1 << 60, 0, 0]


def test_a_note_fills_the_columns_between_its_ends() -> None:
    assert made(Note(0.5, 60, 64, 1.0), Note(1.0, 64, 64, 1.0)) == [REST, "60", "60-64", "64"]


def test_a_note_within_a_column_vanishes_and_a_quick_repetition_is_one_note() -> None:
    assert made(Note(0.0, 60, 64, 0.1)) == []
    assert made(Note(0.0, 60, 64, 0.5), Note(0.5, 60, 64, 0.5)) == ["60", "60"]


def test_neighbouring_columns_are_one_note_and_a_gap_parts_them() -> None:
    assert spans_of(columns_named(["60", "60-64", REST, "60"]), 80) == [
        Span(0, 2, 60, 80),
        Span(1, 2, 64, 80),
        Span(3, 4, 60, 80),
    ]


@given(st.lists(columns, max_size=12))
def test_notes_of_columns_make_the_same_columns_again(given_: list[int]) -> None:
    notes = [Note(span.start / 2, span.pitch, 64, span.frames / 2) for span in spans_of(given_, 64)]
    again = columns_of(notes, float, 2.0, nearest_frame)
    while given_ and not given_[-1]:
        given_ = given_[:-1]  # a rest at the end is nothing
    assert again == given_


@given(st.lists(columns, max_size=12))
def test_no_note_is_shorter_than_a_column_or_overlaps_another_of_its_key(given_: list[int]) -> None:
    ends: dict[int, int] = {}
    for span in sorted(spans_of(given_, 64), key=lambda span: span.start):
        assert span.frames >= 1
        assert span.start > ends.get(span.pitch, -1)
        ends[span.pitch] = span.end
