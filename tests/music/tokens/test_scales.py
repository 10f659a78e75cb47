"""Gaps are exact to a second and grow above it; velocities fall into 32 bins."""

import pytest

from music.tokens import scales


def test_gaps_are_exact_to_a_second() -> None:
    assert [scales.gap_cells(scales.gap_number(cells)) for cells in range(101)] == list(range(101))


def test_every_cell_up_to_the_longest_lies_in_one_gap_and_widths_add_up() -> None:
    numbers = [scales.gap_number(cells) for cells in range(scales.LONGEST_CELLS + 1)]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(scales.GAPS))
    assert [numbers.count(number) for number in range(scales.GAPS)] == [
        scales.gap_width(number) for number in range(scales.GAPS)
    ]


def test_a_gap_is_read_back_within_five_percent() -> None:
    for cells in range(1, scales.LONGEST_CELLS + 1):
        assert abs(scales.gap_cells(scales.gap_number(cells)) - cells) <= 0.05 * cells


def test_writing_down_what_was_read_back_gives_the_same_symbol() -> None:
    assert [scales.gap_number(scales.gap_cells(gap)) for gap in range(scales.GAPS)] == list(
        range(scales.GAPS)
    )
    bins = range(scales.VELOCITY_BINS)
    assert [scales.velocity_bin(scales.velocity_of(number)) for number in bins] == list(bins)


def test_what_is_out_of_range_is_the_nearest_symbol() -> None:
    assert scales.gap_number(-3) == 0
    assert scales.gap_number(10**9) == scales.GAPS - 1
    assert scales.velocity_bin(0) == 0
    assert scales.velocity_bin(200) == 31


def test_names_are_as_many_as_numbers_and_all_different() -> None:
    assert len(set(scales.gap_names())) == scales.GAPS
    assert len(set(scales.velocity_names())) == scales.VELOCITY_BINS


@pytest.mark.parametrize(
    ("cells", "number"),
    [(0, 0), (1, 1), (100, 100), (101, 101), (109, 101), (110, 102), (200, 108), (201, 109), (3200, 140)],
)
def test_the_gap_of_so_many_cells(cells: int, number: int) -> None:
    assert scales.gap_number(cells) == number


@pytest.mark.parametrize("doubling", range(scales.DOUBLINGS))
def test_above_a_second_every_doubling_has_as_many_gaps(doubling: int) -> None:
    low, high = scales.EXACT_CELLS * 2**doubling, scales.EXACT_CELLS * 2 ** (doubling + 1)
    numbers = {scales.gap_number(cells) for cells in range(low + 1, high + 1)}
    assert len(numbers) == scales.BUCKETS_PER_DOUBLING


@pytest.mark.parametrize(
    ("velocity", "number"), [(1, 0), (4, 0), (5, 1), (64, 15), (65, 16), (124, 30), (125, 31), (127, 31)]
)
def test_the_bin_of_a_velocity(velocity: int, number: int) -> None:
    assert scales.velocity_bin(velocity) == number
    assert abs(scales.velocity_of(number) - velocity) <= 2


@pytest.mark.parametrize(
    ("number", "name"), [(0, "0.00"), (37, "0.37"), (100, "1.00"), (101, "1.01-1.09"), (140, "29.35-32.00")]
)
def test_a_gap_is_named_in_seconds(number: int, name: str) -> None:
    assert scales.gap_names()[number] == name
