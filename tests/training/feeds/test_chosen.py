"""Part of the music: so many pieces, so many rows, and each row still the same."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.settings import SettingError
from pieces.corpus import PieceRecord
from tests.support.corpora import Pieces
from training.feeds.chosen import Beginning, Chosen, over_composers
from training.learning.learner import numbers_of, part_of
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


class Named(Pieces):
    """Pieces whose files lie in a folder for each composer."""

    def __init__(self, *composers: str) -> None:
        super().__init__(*[2] * len(composers))
        self.composers = composers

    def record(self, number: int) -> PieceRecord:
        return replace(super().record(number), file=f"midi/{self.composers[number]}/{number}.mid")


def test_composers_take_turns_and_none_comes_first_by_the_alphabet() -> None:
    music = Named("albeniz", "albeniz", "albeniz", "bach", "bach", "chopin")
    order = over_composers(music)
    assert sorted(order) == list(range(6))
    assert {music.composers[number] for number in order[:3]} == {"albeniz", "bach", "chopin"}
    assert {music.composers[number] for number in order[3:5]} == {"albeniz", "bach"}


def test_pieces_are_skipped_and_picked_as_a_recipe_says() -> None:
    music = Named("a", "a", "a", "b", "c")
    skipping = DataSettings(("any",), skip_pieces=2, most_pieces=2)
    assert list(numbers_of(music, skipping)) == [2, 3]
    assert skipping.most.pieces == 4
    assert lengths(part_of(music, replace(skipping, most_rows=3))) == [2, 1]  # type: ignore[arg-type]
    picking = DataSettings(("any",), pick="over-composers", most_pieces=3)
    assert {music.composers[number] for number in numbers_of(music, picking)} == {"a", "b", "c"}
    assert picking.most.pieces is None
    with pytest.raises(SettingError, match="skip_pieces=9 leaves none of 5"):
        part_of(music, DataSettings(("any",), skip_pieces=9))
