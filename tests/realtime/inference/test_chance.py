"""Random numbers depend on what is drawn and on nothing else, and are even."""

import numpy as np

from realtime.inference.chance import chance, chances


def test_the_number_is_the_same_whenever_and_in_whatever_order_it_is_asked_for() -> None:
    places = [
        (seed, turn, attempt, event)
        for seed in (0, 7)
        for turn in (0, 1)
        for attempt in (0, 2)
        for event in range(20)
    ]
    forwards = {place: chances(*place) for place in places}
    backwards = {place: chances(*place) for place in reversed(places)}
    assert forwards == backwards


def test_numbers_are_the_ones_that_old_takes_were_played_with() -> None:
    assert chances(1, 2, 3, 4) == (chance(1, 2, 3, 4, 0), chance(1, 2, 3, 4, 1), chance(1, 2, 3, 4, 2))
    assert [round(number, 6) for number in chances(1, 2, 3, 4)] == [0.200727, 0.220448, 0.723549]


def test_each_argument_changes_the_number() -> None:
    plain = (5, 5, 5, 5, 1)
    others = {
        chance(*(value + (place == changed) for place, value in enumerate(plain))) for changed in range(5)
    }
    assert len(others | {chance(*plain)}) == 6
    assert chance(1, 23, 0, 0, 0) != chance(12, 3, 0, 0, 0)


def test_a_seed_may_be_any_whole_number() -> None:
    assert 0 < chance(-1, 0, 0, 0, 0) < 1
    assert 0 < chance(10**40, 0, 0, 0, 0) < 1


def test_numbers_are_even_and_neighbours_have_nothing_to_do_with_each_other() -> None:
    numbers = np.array([chances(3, 1, 0, event) for event in range(4000)])
    for column in numbers.T:
        counts, _ = np.histogram(column, bins=20, range=(0, 1))
        assert ((counts - 200) ** 2 / 200).sum() < 60  # 19 degrees of freedom: one in two million is above
        assert abs(np.corrcoef(column[1:], column[:-1])[0, 1]) < 0.08
    assert np.abs(np.corrcoef(numbers.T) - np.eye(3)).max() < 0.08


def test_numbers_are_exact_in_single_precision_and_neither_0_nor_1() -> None:
    for event in range(500):
        number = chance(9, 9, 9, event, 0)
        assert 0 < float(np.float32(number)) < 1
        assert float(np.float32(number)) == number
