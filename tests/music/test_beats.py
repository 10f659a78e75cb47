"""Seconds, beats and frames convert there and back, across tempo changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.beats import TempoMap, frame_holding, nearest_frame, seconds_of

changes = st.lists(
    st.tuples(st.floats(0, 400).map(lambda beat: round(beat, 3)), st.floats(0.1, 3)), max_size=12
)


@given(changes, st.floats(0, 1000))
def test_a_beat_found_from_a_second_leads_back_to_it(changes: list[tuple[float, float]], at: float) -> None:
    tempo = TempoMap.of(changes)
    assert tempo.second_at(tempo.beat_at(at)) == pytest.approx(at, abs=1e-6)


def test_without_a_tempo_a_beat_lasts_half_a_second() -> None:
    assert TempoMap.of([]).second_at(3) == 1.5


def test_a_late_first_tempo_leaves_120_before_it() -> None:
    tempo = TempoMap.of([(4.0, 1.0)])
    assert [tempo.second_at(beat) for beat in (0, 4, 5)] == [0, 2, 3]
    assert tempo.beat_at(2.5) == 4.5


def test_of_two_tempos_on_one_beat_the_last_counts() -> None:
    assert TempoMap.of([(0.0, 1.0), (0.0, 2.0)]) == TempoMap(((0.0, 2.0),))


def test_a_tempo_set_twice_is_one_change() -> None:
    assert TempoMap.of([(0.0, 1.0), (8.0, 1.0)]).changes == ((0.0, 1.0),)


def test_stretching_moves_every_beat_in_proportion() -> None:
    tempo = TempoMap.of([(0.0, 0.5), (4.0, 1.0)])
    assert tempo.stretched(1.1).second_at(7.5) == pytest.approx(1.1 * tempo.second_at(7.5))


@given(st.integers(0, 10**6), st.sampled_from([1, 3, 8, 16, 50, 100]))
def test_the_start_of_a_frame_lies_in_it_and_nearest_to_it(frame: int, frames_per_s: int) -> None:
    at = seconds_of(frame, frames_per_s)
    assert frame_holding(at, frames_per_s) == nearest_frame(at, frames_per_s) == frame


def test_half_a_frame_rounds_upwards() -> None:
    assert [nearest_frame(at, 100) for at in (0.004, 0.005, 0.014, 0.015, 0.025)] == [0, 1, 1, 2, 3]
    assert [frame_holding(at, 100) for at in (0.009, 0.010, 0.019)] == [0, 1, 1]
