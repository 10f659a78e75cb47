"""Ticks go out evenly, begin on a beat, bend to another without a leap, and are never lost."""

from itertools import pairwise

import pytest

from music.manner.pulse import Beat
from realtime.engine.conducting.ticks import MOST_BENT, Ticks

TICK, START, STOP = b"\xf8", b"\xfa", b"\xfc"


def run(ticks: Ticks, until: float) -> list[float]:
    """The moments of the ticks that are due by then, each taken at its own."""
    moments = []
    while ticks.at is not None and ticks.at <= until:
        moments.append(ticks.at)
        assert ticks.due(moments[-1]) == [TICK]
    return moments


def test_it_starts_with_the_next_beat_and_ticks_twenty_four_times_in_each() -> None:
    ticks = Ticks()
    assert ticks.begin(Beat(0.5, 10.0, 1.0), now=10.6) == [START]
    moments = run(ticks, 12.999)
    assert moments[0] == pytest.approx(11.0)
    assert len(moments) == 4 * 24
    assert [later - before for before, later in pairwise(moments)] == pytest.approx(95 * [0.5 / 24])


def test_it_can_start_with_a_bar_and_on_a_beat_that_has_just_been() -> None:
    ticks = Ticks()
    ticks.begin(Beat(0.5, 10.0, 1.0), now=10.6, beats_apart=4)
    assert ticks.at == pytest.approx(12.0)
    ticks.begin(Beat(0.5, 10.0, 1.0), now=10.01)
    assert ticks.at == pytest.approx(10.0)


@pytest.mark.parametrize(("length_s", "off_s"), [(0.4, 0.0), (0.4, -0.05), (0.6, 0.0), (0.6, 0.05)])
def test_it_goes_over_to_another_beat_with_the_next_one_and_hurries_no_tick(
    length_s: float, off_s: float
) -> None:
    ticks = Ticks()
    ticks.begin(Beat(0.5, 10.0, 1.0), now=10.0)
    before = run(ticks, 10.24)
    ticks.bend(Beat(length_s, 10.5 + off_s, 1.0), length_s)
    moments = [*before, *run(ticks, 14.0)]
    beats = moments[::24]
    assert beats[1] == pytest.approx(10.5 + off_s, abs=0.06)
    assert [later - one for one, later in pairwise(beats[1:])] == pytest.approx((len(beats) - 2) * [length_s])
    gaps = [later - one for one, later in pairwise(moments)]
    assert min(gaps) >= (1 - MOST_BENT) * min(length_s, 0.5) / 24 - 1e-9
    assert max(gaps) <= (1 + MOST_BENT) * max(length_s, 0.5) / 24 + 1e-9


def test_a_small_difference_is_gone_with_the_next_beat() -> None:
    ticks = Ticks()
    ticks.begin(Beat(0.5, 10.0, 1.0), now=10.0)
    before = run(ticks, 10.1)
    ticks.bend(Beat(0.5, 12.02, 1.0), 0.5)
    assert [*before, *run(ticks, 13.0)][24::24] == pytest.approx([10.52, 11.02, 11.52, 12.02, 12.52])


def test_ticks_that_are_late_all_come_as_others_count_them() -> None:
    ticks = Ticks()
    ticks.begin(Beat(0.48, 10.0, 1.0), now=10.0)
    assert ticks.due(10.101) == 6 * [TICK]
    assert ticks.at == pytest.approx(10.12)


def test_after_a_long_pause_they_are_not_made_up_for() -> None:
    ticks = Ticks()
    ticks.begin(Beat(0.48, 10.0, 1.0), now=10.0)
    assert ticks.due(70.0) == [TICK]
    assert ticks.at == pytest.approx(70.02)


def test_it_says_once_that_it_stops() -> None:
    ticks = Ticks()
    assert ticks.stop() == []
    ticks.begin(Beat(0.5, 10.0, 1.0), now=10.0)
    assert ticks.stop() == [STOP]
    assert ticks.stop() == []
    assert ticks.at is None
    assert ticks.due(20.0) == []
