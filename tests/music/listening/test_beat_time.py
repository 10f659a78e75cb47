"""Cells counted in beats: the whole at once is the same as step by step, and a beat is as long as beats
usually are."""

from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.listening.beat_time import BEAT_CELLS, QUARTER_CELLS, cells_of, doublings_for, moved_on
from music.tokens.scales import EXACT_CELLS, GAPS, gap_cells


@given(st.lists(st.integers(0, GAPS - 1), max_size=40))
def test_all_cells_at_once_are_those_step_by_step(gaps: list[int]) -> None:
    stepped = list(accumulate(gaps, moved_on, initial=0))[1:]
    assert cells_of(np.array(gaps, np.int64)).tolist() == stepped


@given(st.integers(0, 10_000), st.integers(0, EXACT_CELLS))
def test_a_gap_of_up_to_a_second_is_exact(cell: int, gap: int) -> None:
    assert moved_on(cell, gap) == cell + gap


@given(st.integers(0, 10_000), st.integers(EXACT_CELLS + 1, GAPS - 1))
def test_after_a_longer_gap_the_place_is_the_nearest_quarter_of_a_beat(cell: int, gap: int) -> None:
    later = moved_on(cell, gap)
    assert later % QUARTER_CELLS == 0
    assert abs(later - (cell + gap_cells(gap))) <= QUARTER_CELLS / 2


@given(st.floats(1e-3, 1e3))
def test_onsets_usually_lie_between_a_third_and_two_thirds_of_a_beat_apart(gap_beats: float) -> None:
    gap = gap_beats / 2.0 ** doublings_for(gap_beats)
    assert 1 / 2.83 < gap < 1 / 1.41


@pytest.mark.parametrize(("gap_beats", "doublings"), [(0.5, 0), (1.0, 1), (0.25, -1), (2.0, 2), (0.375, 0)])
def test_eighths_are_half_a_beat_and_other_values_go_to_them(gap_beats: float, doublings: int) -> None:
    assert doublings_for(gap_beats) == doublings


@pytest.mark.parametrize("gap_beats", [0.0, -1.0])
def test_without_gaps_a_beat_stays_as_it_is(gap_beats: float) -> None:
    assert doublings_for(gap_beats) == 0


@pytest.mark.parametrize("part", [2, 3, 4, 6, 8])
def test_parts_of_a_beat_are_whole_cells(part: int) -> None:
    assert BEAT_CELLS % part == 0
