"""Part of the music: so many pieces, so many rows, and each row still the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.corpora import Pieces
from training.feeds.chosen import Beginning, Chosen
from training.learning.learner import part_of
from training.recipes.recipe import DataSettings

MUSIC = Pieces(5, 3, 8)


def lengths(music: Chosen | Beginning | Pieces) -> list[int]:
    return [music.length(number) for number in range(len(music))]


def test_chosen_pieces_come_in_the_order_that_is_asked_for() -> None:
    some = Chosen(MUSIC, [2, 0])
    assert lengths(some) == [8, 5]
    assert some.rows(0, 1, 3).tolist() == [[2, 1], [2, 2]]
    assert [some.record(number).file for number in range(2)] == ["2.mid", "0.mid"]


@given(st.integers(1, 40))
def test_a_beginning_is_the_first_rows_and_no_more(most: int) -> None:
    first = Beginning.of(MUSIC, most)
    rows = [first.rows(number, 0, 99) for number in range(len(first))]
    assert np.array_equal(np.concatenate(rows), np.concatenate(MUSIC.all)[:most])
    assert [len(piece) for piece in rows] == lengths(first)
    assert sum(lengths(first)) == min(most, 16)
    assert all(lengths(first))
    assert first.record(0) == MUSIC.record(0)


def test_a_slice_beyond_the_beginnings_end_stops_there() -> None:
    first = Beginning.of(MUSIC, 7)
    assert first.rows(1, 1, 3).tolist() == [[1, 1]]


@pytest.mark.parametrize(
    ("pieces", "rows", "left"),
    [(0, 0, [5, 3, 8]), (2, 0, [5, 3]), (9, 0, [5, 3, 8]), (0, 6, [5, 1]), (1, 9, [5]), (2, 6, [5, 1])],
)
def test_a_recipe_limits_pieces_and_rows(pieces: int, rows: int, left: list[int]) -> None:
    data = DataSettings(("any",), most_pieces=pieces, most_rows=rows)
    assert lengths(part_of(MUSIC, data)) == left  # type: ignore[arg-type]
