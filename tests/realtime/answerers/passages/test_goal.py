"""An answer aims nearer to the middle than its call is, as music goes on; where a hand steers, as far from
there."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from music.keys import Key
from music.manner.features import features_of
from music.notes import Note
from realtime.answerers.passages.goal import KEPT, MIDDLES, STEPS, goal_of


def phrase(lowest: int, highest: int, gap_s: float, length_s: float, thick: int = 1) -> list[Note]:
    chance = Random(lowest)
    return [
        Note(place * gap_s, pitch + 5 * voice, 60 + place % 7, length_s)
        for place in range(20)
        for pitch in (chance.randint(lowest, highest),)
        for voice in range(thick)
    ]


CALLS = {
    "high": phrase(80, 95, 0.3, 0.2, 2),
    "low": phrase(30, 45, 0.3, 0.2, 2),
    "quick": phrase(55, 70, 0.08, 0.05, 3),
    "slow and held": phrase(55, 70, 1.2, 2.5, 3),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_each_feature_goes_towards_its_middle_and_not_as_far(call: list[Note]) -> None:
    of_call = features_of(call)
    goal = goal_of(of_call, of_call, None)
    for name, (middle, share) in MIDDLES.items():
        was, is_now = float(getattr(of_call, name)), float(getattr(goal, name))
        if name in ("density", "sounding", "articulation"):
            was, is_now = float(np.log2(max(was, 0.05))), float(np.log2(is_now))
        assert is_now - was == pytest.approx(KEPT * share * (middle - was), abs=1e-6)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_loudness_and_time_stay_the_calls(call: list[Note]) -> None:
    of_call = features_of(call)
    goal = goal_of(of_call, of_call, None)
    assert (goal.loudness, goal.loudness_spread, goal.gaps) == (
        of_call.loudness,
        of_call.loudness_spread,
        of_call.gaps,
    )
    assert goal.motifs == of_call.motifs


def test_shares_stay_shares_and_the_scale_is_there_a_little() -> None:
    of_call = features_of(CALLS["low"])
    goal = goal_of(of_call, of_call, Key(0))
    assert goal.pitch_classes.sum() == pytest.approx(1.0)
    assert goal.intervals.sum() == pytest.approx(1.0)
    assert all(goal.pitch_classes[each] > 0 for each in (0, 2, 4, 5, 7, 9, 11))
    outside = of_call.pitch_classes[[1, 3, 6, 8, 10]]
    assert goal.pitch_classes[[1, 3, 6, 8, 10]] == pytest.approx(0.8 * outside)


def test_without_a_clear_key_all_classes_are_there_a_little() -> None:
    of_call = features_of([Note(0.0, 60, 60, 1.0)])
    assert goal_of(of_call, of_call, None).pitch_classes[[0, 6]] == pytest.approx([0.8 + 0.2 / 12, 0.2 / 12])


def test_a_single_line_stays_one() -> None:
    of_call = features_of(phrase(60, 70, 0.3, 0.2))
    assert goal_of(of_call, of_call, None).span == 0.0


def test_where_a_hand_steers_it_is_as_far_from_there() -> None:
    of_call = features_of(CALLS["high"])
    like = replace(of_call, register=of_call.register - 24, articulation=of_call.articulation * 3)
    straight, steered = goal_of(of_call, of_call, None), goal_of(like, of_call, None)
    assert steered.register == pytest.approx(straight.register - 24)
    assert steered.articulation == pytest.approx(straight.articulation * 3)


def test_the_usual_steps_are_one_for_each_that_is_counted() -> None:
    assert len(STEPS) == len(features_of(CALLS["low"]).intervals)
    assert sum(STEPS) == pytest.approx(1.0, abs=0.01)
    assert min(STEPS) > 0
