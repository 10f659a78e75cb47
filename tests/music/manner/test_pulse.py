"""The pulse: clear where a metronome plays, weak in rubato, alike at one tempo; and the beat in it."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from music.manner.pulse import (
    FEWEST_ONSETS,
    FRAMES_PER_S,
    SHORTEST_LAG_S,
    beat_of,
    pulse_likeness,
    pulse_of,
    tempo_is_the_same,
)
from tests.support.passages import metronomic, rubato


def height_at(onsets: list[float], lag_s: float) -> float:
    """Of the pulse's curve."""
    curve = pulse_of(onsets)
    assert curve is not None
    return float(curve[round((lag_s - SHORTEST_LAG_S) * FRAMES_PER_S)])


def test_a_metronome_fits_itself_a_beat_later_and_misses_itself_half_a_beat_later() -> None:
    assert height_at(metronomic(), 0.5) > 0.9
    assert height_at(metronomic(), 1.0) > 0.9
    assert height_at(metronomic(), 0.25) < 0


def test_rubato_has_a_weaker_pulse_and_a_less_clear_beat() -> None:
    assert height_at(rubato(), 0.5) < 0.5
    even, free = beat_of(metronomic()), beat_of(rubato())
    assert even is not None
    assert free is not None
    assert even.clarity > 0.9
    assert free.clarity < 0.6


def test_few_onsets_have_neither_pulse_nor_beat() -> None:
    few = metronomic(FEWEST_ONSETS - 1)
    assert pulse_of(few) is None
    assert beat_of(few) is None
    assert pulse_of(metronomic(FEWEST_ONSETS)) is not None


def test_onsets_all_at_one_moment_have_a_beat_of_no_clarity_worth_keeping() -> None:
    found = beat_of([1.0] * 6)
    assert found is None or found.clarity < 0.1


@pytest.mark.parametrize("gap_s", [0.4, 0.5, 0.6, 0.75])
def test_the_beat_of_a_metronome_is_one_gap_or_two(gap_s: float) -> None:
    found = beat_of(metronomic(gap_s=gap_s))
    assert found is not None
    gaps = round(found.length_s / gap_s)
    assert gaps in (1, 2)
    assert found.length_s == pytest.approx(gaps * gap_s, rel=0.01)


def test_of_quick_even_notes_the_beat_holds_several() -> None:
    found = beat_of(metronomic(40, 0.125))
    assert found is not None
    assert found.length_s / 0.125 == pytest.approx(4, rel=0.01)


def test_a_beat_falls_on_onsets_wherever_the_passage_begins() -> None:
    for begin in (0.0, 0.13, 7.3):
        found = beat_of([begin + at for at in metronomic()])
        assert found is not None
        off = (found.at - begin) / 0.5
        assert off == pytest.approx(round(off), abs=0.05)
        assert found.at >= begin


def test_the_beat_is_found_though_a_hand_is_uneven() -> None:
    chance = np.random.default_rng(1)
    found = beat_of([at + float(chance.normal(0, 0.01)) for at in metronomic()])
    assert found is not None
    assert found.length_s == pytest.approx(0.5, rel=0.02)


def test_pulses_of_one_tempo_are_alike_and_of_others_are_not() -> None:
    one = pulse_of(metronomic())
    assert pulse_likeness(one, one) == pytest.approx(1)
    assert pulse_likeness(one, pulse_of(metronomic(25))) > 0.95
    assert pulse_likeness(one, pulse_of(metronomic(gap_s=0.37))) < 0.3
    assert pulse_likeness(one, pulse_of(rubato())) < 0.7


def test_without_a_pulse_nothing_is_alike() -> None:
    assert pulse_likeness(None, pulse_of(metronomic())) == 0
    assert pulse_likeness(None, None) == 0


@given(st.lists(st.floats(0.06, 1.5), min_size=FEWEST_ONSETS, max_size=30), st.floats(-50, 50))
@example([0.3311071856840317, 0.06, 0.06, 0.06], 0.06)  # the last frame was there or not, by rounding
def test_when_a_passage_begins_changes_nothing(gaps: list[float], later_s: float) -> None:
    onsets = np.cumsum(gaps).tolist()
    one, other = pulse_of(onsets), pulse_of([at + later_s for at in onsets])
    assert one is not None
    assert other is not None
    assert pulse_likeness(one, other) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("gap_s", "same"), [(0.5, True), (0.52, True), (1.0, True), (0.43, False), (0.7, False)]
)
def test_a_tempo_is_the_same_when_beats_are_as_long_or_twice_as_long(gap_s: float, same: bool) -> None:
    one, other = beat_of(metronomic()), beat_of(metronomic(gap_s=gap_s))
    assert tempo_is_the_same(one, other) is same
    assert tempo_is_the_same(other, one) is same


def test_without_a_beat_no_tempo_is_the_same() -> None:
    assert not tempo_is_the_same(None, beat_of(metronomic()))
    assert not tempo_is_the_same(None, None)


@pytest.mark.parametrize("gap_s", [0.15, 0.2, 0.3, 0.37, 0.5])
def test_of_an_even_run_the_beat_falls_on_an_onset_though_its_halves_cancel_each_other(gap_s: float) -> None:
    beat = beat_of([2.0 + gap_s * place for place in range(17)])
    assert beat is not None
    off = (beat.at - 2.0) / gap_s
    assert abs(off - round(off)) * gap_s < 0.03
    assert 2.0 - 1e-9 <= beat.at <= 2.0 + beat.length_s


def test_one_note_before_an_even_run_does_not_decide_where_the_beat_falls() -> None:
    run = [2.0 + 0.3 * place for place in range(16)]
    beat = beat_of([1.75, *run])
    assert beat is not None
    assert min(abs((beat.at - at + 0.15) % 0.3 - 0.15) for at in run) < 0.03
