"""Each control changes the rules, by name and by controller; what is no value of it changes nothing."""

from itertools import pairwise
from math import inf, nan

import pytest

from realtime.engine.controls import LIMITS, ControlMoved, Controls, at_knob, steps_of, told, with_control
from realtime.performer.events import HandOverNow, Panic
from realtime.performer.rules import DEFAULT_RULES, Rules


def test_the_controls_begin_at_the_defaults() -> None:
    assert Controls().told() == {"temperature": 1.0, "length": 1.0, "loudness": 1.0, "channel": "next"}


@pytest.mark.parametrize(
    ("name", "value", "stands_at"),
    [
        ("temperature", 0.5, 0.5),
        ("temperature", 9, 2.0),
        ("temperature", -1, 0.0),
        ("length", 0.25, 0.25),
        ("loudness", 0.0, 0.25),
        ("loudness", inf, 4.0),
        ("channel", 16, 16),
        ("channel", "same", "same"),
        ("channel", "next", "next"),
    ],
)
def test_a_control_stands_where_it_is_moved_within_its_limits(
    name: str, value: float | str, stands_at: float | str
) -> None:
    controls = Controls(Rules(channel=3))
    before = controls.told()
    assert controls.move(ControlMoved(1.0, name, value))
    assert controls.told() == before | {name: stands_at}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tempo", 1.0),
        ("temperature", "hot"),
        ("temperature", nan),
        ("channel", 0),
        ("channel", 17),
        ("channel", 2.5),
        ("channel", inf),
        ("channel", nan),
        ("channel", "other"),
    ],
)
def test_what_is_no_control_or_no_value_changes_nothing(name: str, value: float | str) -> None:
    controls = Controls()
    assert not controls.move(ControlMoved(1.0, name, value))
    assert controls.rules == DEFAULT_RULES


@pytest.mark.parametrize("name", LIMITS)
def test_a_slider_reaches_both_ends_has_1_in_its_middle_and_always_rises(name: str) -> None:
    steps = steps_of(name)
    assert (steps[0], steps[-1]) == LIMITS[name]
    assert steps[len(steps) // 2] == 1.0
    assert all(low < high for low, high in pairwise(steps))


def test_moving_the_length_frees_a_length_that_was_fixed_in_seconds() -> None:
    fixed = with_control(Rules(shortest_answer_s=8.0, longest_answer_s=8.0), "length", 0.5)
    assert fixed is not None
    assert (fixed.length_share, fixed.shortest_answer_s, fixed.longest_answer_s) == (0.5, 2.0, 30.0)
    within = with_control(Rules(shortest_answer_s=4.0, longest_answer_s=12.0), "length", 0.5)
    assert within is not None
    assert (within.length_share, within.shortest_answer_s, within.longest_answer_s) == (0.5, 4.0, 12.0)


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_a_knob_reaches_both_limits_and_is_at_one_in_the_middle(name: str) -> None:
    places = [at_knob(name, position) for position in range(128)]
    assert places == sorted(places)
    assert (places[0], places[64], places[127]) == pytest.approx((LIMITS[name][0], 1.0, LIMITS[name][1]))


def test_the_channel_s_knob_reaches_all_sixteen() -> None:
    assert sorted({at_knob("channel", position) for position in range(128)}) == list(range(1, 17))


def message(text: str) -> bytes:
    return bytes.fromhex(text)


def test_the_modulation_wheel_is_the_temperature_unless_told_otherwise() -> None:
    assert Controls().wish_of(message("b0 01 7f"), 3.0) == ControlMoved(3.0, "temperature", 2.0)
    assert Controls().wish_of(message("b5 01 40"), 3.0) == ControlMoved(3.0, "temperature", 1.0)
    other = Controls(controllers={"loudness": 20})
    assert other.wish_of(message("b0 01 7f"), 3.0) is None
    assert other.wish_of(message("b0 14 7f"), 3.0) == ControlMoved(3.0, "loudness", 4.0)


def test_buttons_act_when_pressed_and_do_nothing_when_let_go() -> None:
    controls = Controls(controllers={"hand-over": 66, "panic": 67})
    assert controls.wish_of(message("b0 42 7f"), 1.0) == HandOverNow(1.0)
    assert controls.wish_of(message("b0 43 40"), 1.0) == Panic(1.0)
    let_go = controls.wish_of(message("b0 42 00"), 1.0)
    assert isinstance(let_go, ControlMoved)  # ours, so that it isn't passed on
    assert not controls.move(let_go)


def test_all_notes_off_from_a_keyboard_is_a_panic() -> None:
    for text in ("b0 7b 00", "b3 78 00"):
        assert Controls().wish_of(message(text), 2.0) == Panic(2.0)


@pytest.mark.parametrize("text", ["90 01 7f", "b0 07 7f", "b0 01", "", "f0 7e f7"])
def test_other_messages_are_no_wishes(text: str) -> None:
    assert Controls().wish_of(message(text), 2.0) is None


def test_told_names_every_channel() -> None:
    assert told(Rules(channel=9))["channel"] == 10
    assert told(Rules(shares_channel=True))["channel"] == "same"
