"""The harmony about each onset of a call: held or broken, the chord that sounds there is at home."""

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.notes import HIGHEST_KEY, LOWEST_KEY, Note
from realtime.answerers.passages.harmony import (
    apart_as_in_the_call,
    clearness_of,
    harmonies_of,
    next_neighbour,
)

C, G = (48, 60, 64, 67), (43, 59, 62, 65)
HELD = [Note(bar * 2.0, pitch, 60, 1.9) for bar, chord in enumerate((C, G, C)) for pitch in chord]
BROKEN = [
    Note(bar * 2.0 + place * 0.5, pitch, 60, 0.45)
    for bar, chord in enumerate((C, G, C))
    for place, pitch in enumerate(chord)
]
ONSETS = [0.0, 2.0, 4.0]


@pytest.mark.parametrize(("call", "beat_s"), [(HELD, 0.5), (HELD, None), (BROKEN, 2.0)])
def test_what_sounds_at_an_onset_is_at_home_and_the_rest_is_foreign(
    call: list[Note], beat_s: float | None
) -> None:
    for harmony, chord in zip(harmonies_of(call, ONSETS, beat_s), (C, G, C), strict=True):
        at_home = {pitch % 12 for pitch in chord}
        inside = fmean(harmony[each] for each in at_home)
        outside = fmean(harmony[each] for each in range(12) if each not in at_home)
        assert min(harmony) == 0.0
        assert inside < outside - 1.0


def test_it_changes_where_the_call_does() -> None:
    in_c, in_g, again = harmonies_of(HELD, ONSETS, 0.5)
    assert in_c[0] < in_g[0]
    assert in_g[11] < in_c[11]
    assert again == pytest.approx(in_c, abs=0.6)


@given(
    st.lists(
        st.tuples(st.floats(0.0, 3.0), st.integers(LOWEST_KEY, HIGHEST_KEY), st.floats(0.0, 4.0)),
        min_size=1,
        max_size=30,
    ),
    st.one_of(st.none(), st.floats(0.3, 1.1)),
)
def test_of_whatever_was_played_every_class_costs_something_finite(
    drawn: list[tuple[float, int, float]], beat_s: float | None
) -> None:
    at, notes = 0.0, []
    for gap, pitch, length_s in drawn:
        at += gap
        notes.append(Note(at, pitch, 60, length_s))
    for harmony in harmonies_of(notes, [note.at for note in notes], beat_s):
        assert len(harmony) == 12
        assert min(harmony) == 0.0
        assert max(harmony) < 4.0


@pytest.mark.parametrize(("length_s", "clearness"), [(0.3, 1.0), (2.0, 0.0)])
def test_a_call_that_lets_go_is_clear_and_one_under_the_pedal_is_not(
    length_s: float, clearness: float
) -> None:
    scale = [Note(place * 0.4, 60 + 2 * (place % 3), 60, length_s) for place in range(12)]
    assert clearness_of(scale) == clearness


def test_where_no_neighbours_meet_a_call_is_clear() -> None:
    assert clearness_of([Note(place * 0.4, 60 + 3 * place, 60, 3.0) for place in range(8)]) == 1.0
    assert clearness_of([Note(0.0, 60, 60, 1.0), Note(0.01, 61, 60, 1.0)]) == 1.0  # struck together


def test_a_neighbour_is_a_second_away_and_struck_later() -> None:
    first = Note(0.0, 60, 60, 1.0)
    later = [Note(0.02, 61, 60, 1.0), Note(0.3, 64, 60, 1.0), Note(0.4, 60, 60, 1.0), Note(0.5, 58, 60, 1.0)]
    assert next_neighbour(first, later, 1.0) == later[3]
    assert next_neighbour(first, later, 0.5) is None


def cheapest(costs: list[float]) -> set[int]:
    return {each for each, cost in enumerate(costs) if cost == min(costs)}


def test_the_highest_voice_stands_beside_nobody() -> None:
    assert apart_as_in_the_call(60, []) == [0.0] * 12


def test_a_third_is_answered_by_a_third_and_worst_by_a_second() -> None:
    costs = apart_as_in_the_call(60, [(64, 67)])
    assert cheapest(costs) == {3, 4}
    assert {each for each, cost in enumerate(costs) if cost == max(costs)} == {6, 8}


def test_no_voice_of_a_chord_is_rubbed_where_the_call_rubs_none() -> None:
    from_far = apart_as_in_the_call(48, [(79, 77), (64, 64)])
    assert {each for each, cost in enumerate(from_far) if cost >= 24.0} == {4, 6, 3, 5}


def test_a_call_of_seconds_is_answered_by_seconds() -> None:
    assert cheapest(apart_as_in_the_call(60, [(61, 70)])) == {8, 9}
