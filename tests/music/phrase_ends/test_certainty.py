"""How sure one may be that a phrase is over grows with the silence, and the silence that is enough with the
odds asked for; the numbers learnt fit the cues."""

from itertools import pairwise
from math import inf, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.phrase_ends import learnt
from music.phrase_ends.certainty import FURTHEST, Certainty, certainty_after, certainty_of
from music.phrase_ends.cues import CUES, Playing
from tests.music.phrase_ends.test_cues import C_MAJOR, played, tune


def test_the_numbers_were_learnt_of_these_cues() -> None:
    assert tuple(CUES) == learnt.NAMES
    assert len(learnt.CENTRES) == len(learnt.SPREADS) == len(CUES)
    assert all(len(unit) == 1 + len(CUES) for unit in learnt.HIDDEN)
    assert all(len(number) == 1 + len(learnt.HIDDEN) for number in learnt.OUT)


@given(st.lists(st.floats(-100, 100), min_size=len(CUES), max_size=len(CUES)))
def test_whatever_the_cues_a_longer_silence_is_surer(found: list[float]) -> None:
    certainty = certainty_of(found)
    odds = [certainty.log_odds(silence_s) for silence_s in (0.0, 0.1, 0.2, 0.5, 1.0, 2.0)]
    assert odds[0] == -inf
    assert all(later > before for before, later in pairwise(odds))


def test_a_silence_is_enough_when_the_odds_are() -> None:
    certainty = Certainty(after_a_second=3.0, growth=2.0)
    for times in (0.25, 1.0, 4.0):
        assert certainty.log_odds(certainty.silence_s(times)) == pytest.approx(learnt.ENOUGH + log(times))
    assert certainty.silence_s(0.25) < certainty.silence_s() < certainty.silence_s(4.0)


def test_what_is_beyond_what_was_learnt_counts_no_more() -> None:
    far = [
        centre + 2 * FURTHEST * spread for centre, spread in zip(learnt.CENTRES, learnt.SPREADS, strict=True)
    ]
    farther = [
        centre + 9 * FURTHEST * spread for centre, spread in zip(learnt.CENTRES, learnt.SPREADS, strict=True)
    ]
    assert certainty_of(far) == certainty_of(farther)


def test_nothing_is_known_before_anything_has_been_played() -> None:
    assert certainty_after(Playing()) is None


def test_a_tune_that_slows_to_a_long_last_tonic_is_sooner_over_than_one_that_breaks_off() -> None:
    breaks_off = certainty_after(played(*tune([*C_MAJOR[:-1], 74], held=0.9)))
    slower = [*[0.4] * 5, 0.45, 0.55, 1.2]
    comes_home = certainty_after(
        played(*tune(gaps_s=slower, held=0.9, velocities=(80, 80, 80, 80, 70, 60, 50, 40)))
    )
    assert breaks_off is not None
    assert comes_home is not None
    assert comes_home.silence_s() < breaks_off.silence_s()
