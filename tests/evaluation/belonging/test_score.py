"""The score: a copy of the truth beats a stranger, a tie is half a win, and the interval holds the share."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.belonging.score import Numbers, Share, Yardstick, distance_table, nearer
from music.manner.features import DISTANCES, Features, features_of
from tests.support.phrases import improvised

TRUE = [features_of(improvised(seed).notes) for seed in range(8)]
STRANGERS = [features_of(improvised(seed + 100).notes) for seed in range(8)]


def far(voice: Sequence[Features | None], strangers: Sequence[Features] = STRANGERS) -> Numbers:
    return Yardstick.of(distance_table(strangers, TRUE)).far(distance_table(voice, TRUE))


def test_a_copy_of_the_truth_is_nearer_than_a_stranger_at_every_call() -> None:
    found = nearer(far(TRUE), far(STRANGERS))
    assert found == Share(1.0, 1.0, 1.0)
    assert nearer(far(STRANGERS), far(TRUE)) == Share(0.0, 0.0, 0.0)


def test_a_tie_is_half_a_win() -> None:
    assert nearer(far(STRANGERS), far(STRANGERS)) == Share(0.5, 0.5, 0.5)
    half_of_them = [*TRUE[:4], *STRANGERS[4:]]
    assert nearer(far(half_of_them), far(STRANGERS)).share == pytest.approx(0.75)


def test_strangers_are_one_unit_away_on_average_in_every_feature() -> None:
    table = distance_table(STRANGERS, TRUE)
    yardstick = Yardstick.of(table)
    assert yardstick.by_feature(table) == pytest.approx(dict.fromkeys(DISTANCES, 1.0))
    assert float(yardstick.far(table).mean()) == pytest.approx(1.0)


def test_a_silent_answer_is_as_far_as_the_farthest_stranger() -> None:
    strangers = far(STRANGERS)
    with_silence = far([None, *TRUE[1:]])
    assert with_silence[0] == strangers.max()
    assert with_silence[1:] == pytest.approx(far(TRUE)[1:])
    all_silent = nearer(far([None] * 8), strangers)
    assert all_silent.share == pytest.approx(0.5 / 8)


def test_features_of_a_voice_that_is_always_silent_are_not_known() -> None:
    yardstick = Yardstick.of(distance_table(STRANGERS, TRUE))
    assert yardstick.by_feature(distance_table([None] * 8, TRUE)) == {}
    with_one = yardstick.by_feature(distance_table([TRUE[0], *[None] * 7], TRUE))
    assert max(with_one.values()) == pytest.approx(0, abs=1e-6)


def test_a_feature_in_which_strangers_are_all_like_the_truth_divides_by_nothing() -> None:
    found = far(STRANGERS, strangers=TRUE)
    assert np.isfinite(found).all()


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=60))
def test_the_interval_holds_the_share_and_is_the_same_every_time(found: list[float]) -> None:
    one, other = np.zeros(len(found)), np.array(found)
    share = nearer(one, other)
    assert 0 <= share.low <= share.share <= share.high <= 1
    assert nearer(one, other) == share


def test_more_calls_make_the_interval_narrower() -> None:
    few, many = (nearer(np.zeros(2 * n), np.tile([-1.0, 1.0], n)) for n in (5, 500))
    assert many.high - many.low < 0.2 < few.high - few.low
    assert few.share == many.share == 0.5
