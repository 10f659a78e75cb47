"""Louder and softer, soft and loud stay apart, and no note falls silent or leaves what MIDI knows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.performer.sound.loudness import struck_velocity

velocities = st.integers(1, 127)
loudnesses = st.floats(0.25, 4.0)


@pytest.mark.parametrize("velocity", [1, 2, 64, 126, 127])
def test_at_one_nothing_changes(velocity: int) -> None:
    assert struck_velocity(velocity, 1.0) == velocity


@pytest.mark.parametrize(
    ("velocity", "loudness", "louder"), [(64, 2.0, 85), (64, 0.5, 43), (32, 3.0, 64), (127, 0.25, 124)]
)
def test_what_is_multiplied_is_the_room_used_against_the_room_left(
    velocity: int, loudness: float, louder: int
) -> None:
    assert struck_velocity(velocity, loudness) == louder


@given(velocities, velocities, loudnesses)
def test_a_note_chosen_softer_is_never_struck_harder(one: int, other: int, loudness: float) -> None:
    soft, loud = sorted((one, other))
    assert 1 <= struck_velocity(soft, loudness) <= struck_velocity(loud, loudness) <= 127


@given(velocities, loudnesses)
def test_louder_and_softer_by_the_same_are_each_other_s_mirror(velocity: int, loudness: float) -> None:
    mirrored = 128 - struck_velocity(128 - velocity, 1 / loudness)
    assert struck_velocity(velocity, loudness) == pytest.approx(
        mirrored, abs=1
    )  # a half may round either way
