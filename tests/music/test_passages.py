"""How full and how empty a passage is, on notes whose answer is plain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.notes import Note
from music.passages import Passage, Passing, passage_of


def line(*onsets_and_pitches: tuple[float, int], length_s: float = 0.1) -> list[Note]:
    return [Note(at, pitch, 64, length_s) for at, pitch in onsets_and_pitches]


def test_nothing_comes_to_nothing_and_one_note_to_one() -> None:
    assert passage_of([]) == Passage(0, 0, 0, 0.0, 0.0)
    assert passage_of(line((3.0, 60))) == Passage(1, 1, 1, 0.0, 0.0)


def test_a_chord_is_one_moment_and_its_spread_may_be_up_to_thirty_milliseconds() -> None:
    assert passage_of(line((0.0, 60), (0.01, 64), (0.029, 67), (0.5, 72))).fullest_moment == 3
    assert passage_of(line((0.0, 60), (0.03, 64))).fullest_moment == 1


def test_a_second_is_anywhere_not_from_the_first_note() -> None:
    assert passage_of(line((0.0, 60), (0.9, 62), (1.0, 64), (1.1, 65), (1.85, 67))).fullest_second == 4


def test_a_repetition_ends_with_another_key() -> None:
    found = passage_of(line((0, 60), (1, 62), (2, 62), (3, 62), (4, 60), (5, 62)))
    assert found.longest_repetition == 3


def test_a_gap_is_between_onsets_and_a_silence_only_where_nothing_sounds() -> None:
    held = [Note(0.0, 48, 64, 2.5), Note(0.5, 60, 64, 0.2), Note(3.0, 62, 64, 0.2)]
    found = passage_of(held)
    assert found.longest_gap_s == pytest.approx(2.5)
    assert found.longest_silence_s == pytest.approx(0.5)


@given(st.lists(st.floats(0, 5), max_size=30).map(sorted))
def test_the_fullest_window_is_the_fullest_of_all_that_begin_with_an_onset(onsets: list[float]) -> None:
    passing = Passing()
    for at in onsets:
        passing.strike(at, 60, 0.0)
    for found, window_s in ((passing.passage.fullest_second, 1.0), (passing.passage.fullest_moment, 0.03)):
        each = [sum(0 <= later - begin < window_s for later in onsets) for begin in onsets]
        assert found == max(each, default=0)
