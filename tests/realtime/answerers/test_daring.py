"""The knob from 0 to 2: keys surer when cold, gaps hardly, and the call's own keys held to below 1."""

import numpy as np
import pytest

from music.notes import KEYS, LOWEST_KEY
from realtime.answerers.daring import HELD_NATS, KEY_COOLER, REACH, heats, nats_off, outside_of


def inside(*pitches: int) -> set[int]:
    """The pitches that are not outside."""
    return {LOWEST_KEY + int(key) for key in np.flatnonzero(outside_of(pitches) == 0.0)}


def test_at_one_a_model_is_as_it_was_trained_but_for_its_keys() -> None:
    assert heats(1.0) == pytest.approx((1.0, KEY_COOLER, 1.0))


@pytest.mark.parametrize("field", range(3), ids=("gap", "key", "velocity"))
def test_every_temperature_grows_with_the_knob_and_none_is_nought(field: int) -> None:
    along = [heats(knob)[field] for knob in np.linspace(0.0, 2.0, 9)]
    assert along == sorted(set(along))
    assert along[0] > 0.0


def test_when_something_happens_follows_the_knob_from_afar() -> None:
    gap, key, velocity = (hot / cold for cold, hot in zip(heats(0.0), heats(2.0), strict=True))
    assert gap < 1.5 < velocity < key


@pytest.mark.parametrize(
    ("knob", "nats"), [(0.0, HELD_NATS), (0.25, 0.75 * HELD_NATS), (1.0, 0.0), (1.5, 0.0), (2.0, 0.0)]
)
def test_keys_outside_are_held_back_below_one_alone(knob: float, nats: float) -> None:
    outside = np.array([0.0, 1.0, 0.0], np.float32)
    assert nats_off(knob, outside).tolist() == pytest.approx([0.0, nats, 0.0])


def test_of_a_call_without_notes_no_key_is_outside() -> None:
    assert outside_of(()).shape == (KEYS,)
    assert not outside_of(()).any()


def test_inside_are_the_calls_pitch_classes_within_reach_of_its_range() -> None:
    assert inside(60, 64, 67) == {55, 60, 64, 67, 72}  # 55: G; 72: C; 74 is near, and no note of the call
    assert min(inside(60, 67)) >= 60 - REACH
    assert max(inside(60, 67)) <= 67 + REACH


@pytest.mark.parametrize(
    ("pitches", "wanted"),
    [
        ((60,), {60}),
        ((60, 72), {60, 72}),
        ((60, 65), {53, 60, 65, 72}),
        ((LOWEST_KEY,), {LOWEST_KEY}),
        ((LOWEST_KEY + KEYS - 1, 103), {103, LOWEST_KEY + KEYS - 1, 96}),
        (tuple(range(60, 72)), set(range(60 - REACH, 72 + REACH))),
    ],
)
def test_inside_at_the_edges(pitches: tuple[int, ...], wanted: set[int]) -> None:
    assert inside(*pitches) == wanted


def test_the_order_in_which_pitches_came_is_no_matter() -> None:
    assert np.array_equal(outside_of({60, 64, 70}), outside_of([70, 60, 64, 60]))
