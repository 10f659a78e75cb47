"""Each control changes the rules, by name and by controller; what is no value of it changes nothing."""

from math import inf, nan

import pytest

from realtime.engine.controls import Controls, Wish, with_control
from realtime.knobs import KNOBS, Knobs
from realtime.midi import wire
from realtime.performer.events import HandOverNow, Panic
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.rows.standing import controls_of
from realtime.rows.turned import ControlMoved


def test_the_controls_begin_at_the_defaults() -> None:
    defaults = {name: knob.default for name, knob in KNOBS.items()}
    assert controls_of(Controls().rules) == defaults | {"channel": "next"}


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
    before = controls_of(controls.rules)
    assert controls.move(ControlMoved(1.0, name, value))
    assert controls_of(controls.rules) == before | {name: stands_at}


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


def test_moving_the_length_frees_a_length_that_was_fixed_in_seconds() -> None:
    fixed = with_control(Rules(shortest_answer_s=8.0, longest_answer_s=8.0), "length", 0.5)
    assert fixed is not None
    assert (fixed.knobs.length, fixed.shortest_answer_s, fixed.longest_answer_s) == (0.5, 2.0, 30.0)
    within = with_control(Rules(shortest_answer_s=4.0, longest_answer_s=12.0), "length", 0.5)
    assert within is not None
    assert (within.knobs.length, within.shortest_answer_s, within.longest_answer_s) == (0.5, 4.0, 12.0)


def wishes(controls: Controls, text: str, at: float = 3.0) -> tuple[Wish, ...] | None:
    played = wire.read(bytes.fromhex(text), at, 0)
    assert isinstance(played, wire.ControllerTurned)
    return controls.wishes_of(played)


def test_the_modulation_wheel_is_the_temperature_unless_another_is_chosen() -> None:
    assert wishes(Controls(), "b0 01 7f") == (ControlMoved(3.0, "temperature", 2.0),)
    assert wishes(Controls(), "b5 01 40") == (ControlMoved(3.0, "temperature", 1.0),)
    other = Controls(controllers={"loudness": 20, "channel": 21})
    assert wishes(other, "b0 01 7f") is None
    assert wishes(other, "b0 14 7f") == (ControlMoved(3.0, "loudness", 4.0),)
    assert wishes(other, "b0 15 7f") == (ControlMoved(3.0, "channel", 16),)


def test_buttons_act_when_pressed_and_nothing_moves_when_they_are_let_go() -> None:
    controls = Controls(controllers={"hand-over": 66, "panic": 67})
    assert wishes(controls, "b0 42 7f") == (HandOverNow(3.0),)
    assert wishes(controls, "b0 43 40") == (Panic(3.0),)
    assert wishes(controls, "b0 42 00") == ()  # ours, so that it isn't passed on


def test_all_notes_off_from_a_keyboard_is_a_panic() -> None:
    for text in ("b0 7b 00", "b3 78 00"):
        assert wishes(Controls(), text) == (Panic(3.0),)


def test_another_controller_is_none_of_ours() -> None:
    assert wishes(Controls(), "b0 07 7f") is None


def test_every_channel_has_its_name() -> None:
    assert controls_of(Rules(channel=9))["channel"] == 10
    assert controls_of(Rules(shares_channel=True))["channel"] == "same"
    assert controls_of(Rules(knobs=Knobs(length=0.5)))["length"] == 0.5
