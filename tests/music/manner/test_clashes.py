"""Neighbouring keys held against one another clash, for as long as both are down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.manner.clashes import clash, share_of_clashes
from music.notes import HIGHEST_KEY, LOWEST_KEY, Note


@pytest.mark.parametrize(
    ("pitches", "does"),
    [((60, 61), True), ((60, 73), True), ((60, 64, 67, 71, 72), True), ((60, 62, 71), False), ((60,), False)],
)
def test_a_small_second_and_a_small_ninth_clash(pitches: tuple[int, ...], does: bool) -> None:
    assert clash(pitches) == does


def test_it_is_the_share_of_the_time_in_which_two_sound() -> None:
    held = Note(0.0, 60, 64, 4.0)
    assert share_of_clashes([held, Note(1.0, 67, 64, 1.0), Note(2.0, 61, 64, 1.0)]) == pytest.approx(0.5)
    assert share_of_clashes([held, Note(1.0, 67, 64, 1.0), Note(4.0, 61, 64, 1.0)]) == 0.0  # let go in time


def test_a_line_that_never_has_two_has_none() -> None:
    assert share_of_clashes([Note(place * 0.5, 60 + place, 64, 0.5) for place in range(9)]) == 0.0
    assert share_of_clashes([]) == 0.0


@given(
    st.lists(
        st.tuples(st.floats(0.0, 5.0), st.integers(LOWEST_KEY, HIGHEST_KEY), st.floats(0.0, 3.0)), max_size=12
    ),
    st.integers(-20, 20),
)
def test_it_is_a_share_and_the_same_in_every_key(drawn: list[tuple[float, int, float]], by: int) -> None:
    notes = [Note(at, pitch, 64, length_s) for at, pitch, length_s in sorted(drawn)]
    found = share_of_clashes(notes)
    assert 0.0 <= found <= 1.0 + 1e-9
    moved = [Note(note.at, note.pitch + by, note.velocity, note.length_s) for note in notes]
    assert share_of_clashes(moved) == found
