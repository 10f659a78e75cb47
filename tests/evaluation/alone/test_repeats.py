"""What stands again: a loop lasts as long as it goes on, two times are none, and runs are counted by keys."""

import random

import pytest

from evaluation.alone.repeats import longest_again, longest_loop_s, repeated_share
from music.manner.chords import Chord, chords_of
from tests.support.passages import chords, tune


def of(pitches: list[int], gap_s: float = 0.5) -> list[Chord]:
    return chords_of(tune(pitches, gap_s).notes)


def wandering(count: int, seed: int = 1) -> list[int]:
    """A line that hardly ever says anything twice."""
    chance = random.Random(seed)
    return [chance.randrange(30, 90) for _ in range(count)]


@pytest.mark.parametrize("pattern", [[60], [60, 62], [60, 64, 67, 64, 65], list(range(40, 80))])
def test_a_pattern_that_goes_round_is_a_loop_for_as_long_as_it_does(pattern: list[int]) -> None:
    around = of([90, *pattern * 4, 91, 92])
    assert longest_loop_s(around) == pytest.approx((4 * len(pattern) - 1) * 0.5)


def test_played_twice_is_no_loop() -> None:
    assert longest_loop_s(of([90, *[60, 64, 67] * 2, 91])) == 0
    assert longest_loop_s([]) == longest_loop_s(of([60])) == 0


def test_a_loop_is_of_chords_by_all_their_keys() -> None:
    other = chords_of(chords((48, 60), (50, 60), (52, 60), (53, 60)).notes)
    assert longest_loop_s(other) == 0
    assert longest_loop_s(chords_of(chords(*[(48, 60)] * 4).notes)) == pytest.approx(1.5)


def test_the_longest_run_that_stands_twice_may_be_anywhere() -> None:
    run = wandering(13, 2)
    assert longest_again(of([*wandering(20, 3), *run, *wandering(9, 4), *run, 100])) == 13
    assert longest_again(of([60, 61, 62])) == longest_again([]) == 0
    assert longest_again(of([60] * 5)) == 4


def test_repeated_is_the_share_of_runs_that_stood_before() -> None:
    line = wandering(30)
    assert repeated_share(of(line)) == 0
    assert repeated_share(of([*line, *line])) == pytest.approx(23 / 53)
    assert repeated_share(of([60] * 100)) == pytest.approx(92 / 93)
    assert repeated_share(of([60] * 7)) == 0
