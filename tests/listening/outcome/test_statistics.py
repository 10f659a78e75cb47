"""Figures that were reckoned by hand, or that must hold of any ratings."""

import pytest

from listening.outcome.statistics import alpha, holm, interval, paired, ranks


def test_three_listeners_who_agree_in_sign_have_two_of_eight_signs_as_large() -> None:
    assert paired([1.0, 2.0, 0.5]) == pytest.approx(2 / 8)


def test_no_difference_is_no_surprise() -> None:
    assert paired([0.0, 0.0]) == 1.0
    assert paired([1.0, -1.0]) == 1.0
    assert paired([]) is None


def test_many_listeners_who_agree_are_unlikely_by_chance_and_drawn_alike_each_time() -> None:
    chance = paired([1.0] * 30)
    assert chance is not None
    assert 0 < chance < 0.001
    assert chance == paired([1.0] * 30)


def test_corrected_chances_are_holms_and_keep_their_order() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_an_interval_holds_the_mean_and_widens_when_listeners_differ() -> None:
    alike, apart = interval([[3, 3]] * 8), interval([[1, 1], [5, 5]] * 4)
    assert alike == (3.0, 3.0)
    assert apart is not None
    assert apart[0] < 3.0 < apart[1]
    assert interval([[3.0, 4.0]]) is None


def test_agreement_is_one_where_all_agree_and_below_nought_where_they_contradict() -> None:
    assert alpha({"one": [1, 1], "two": [5, 5]}) == pytest.approx(1.0)
    contradicting = alpha({"one": [1, 5], "two": [5, 1]})
    assert contradicting is not None
    assert contradicting < 0
    assert alpha({"one": [1], "two": [5]}) is None
    assert alpha({"one": [3, 3], "two": [3, 3]}) is None


def test_agreement_as_reckoned_by_hand() -> None:
    # Within: (1 + 1) / 1 + (4 + 4) / 1 over 4 ratings; between: all ordered pairs of 1, 2, 1, 3.
    assert alpha({"one": [1, 2], "two": [1, 3]}) == pytest.approx(1 - (10 / 4) / (22 / 12))


def test_listeners_who_agree_are_sure_of_the_order_and_others_are_not() -> None:
    sure = ranks([[[1.0, 2.0]] * 6, [[5.0]] * 6, [[3.0]] * 6])
    assert [(one.place, one.low, one.high) for one in sure if one] == [(3, 3, 3), (1, 1, 1), (2, 2, 2)]
    assert sure[1] is not None
    assert sure[1].likely == (1.0, 0.0, 0.0)
    unsure = ranks([[[1.0], [5.0]] * 4, [[5.0], [1.2]] * 4])
    assert [(one.place, one.low, one.high) for one in unsure if one] == [(2, 1, 2), (1, 1, 2)]
    assert unsure[0] is not None
    assert 0 < unsure[0].likely[0] < 0.5


def test_alike_means_share_the_better_place_and_what_nobody_rated_has_none() -> None:
    found = ranks([[[3.0]] * 3, [[3.0]] * 3, [[], [], []]])
    assert [one.place for one in found if one] == [1, 1]
    assert found[2] is None
    assert ranks([[[3.0]], [[4.0]]]) == [None, None]  # one listener says nothing of others
    assert ranks([]) == []
