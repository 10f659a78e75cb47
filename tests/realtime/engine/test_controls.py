"""Each control changes the rules, by name and by controller; what is no value of it changes nothing."""

from math import inf, nan

import pytest

from realtime.answerers.steering import STRAIGHT, Steering
from realtime.engine.controls import Controls, Wish, place_of, value_at, with_control
from realtime.knobs import BUTTONS, KEEP, KNOBS, LIMITS, Knobs, Mode
from realtime.midi import wire
from realtime.performer.events import HandOverNow, Panic
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.sound.limits import Keeping, Limits, limits_of
from realtime.rows.standing import controls_of
from realtime.rows.turned import ControlMoved


def test_the_controls_begin_at_the_defaults() -> None:
    defaults = {name: knob.default for name, knob in KNOBS.items()}
    assert controls_of(Controls().rules) == defaults | {
        "channel": "next",
        "mode": "call",
        "mute": 0,
        "tempo": 100.0,
    }


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
        ("mode", "bars", "bars"),
        ("mute", 1, 1),
        ("tempo", 90, 90.0),
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
        ("warmth", 1.0),
        ("tempo", 1.0),
        ("tempo", "fast"),
        ("temperature", "hot"),
        ("mode", "loud"),
        ("mode", 1.0),
        ("mute", 2),
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


def test_moving_the_eagerness_frees_a_silence_that_was_fixed_in_seconds() -> None:
    turned = with_control(Rules(fixed_silence_s=0.55), "eagerness", 2.0)
    assert turned == Rules(knobs=Knobs(eagerness=2.0))
    assert with_control(Rules(fixed_silence_s=0.55), "loudness", 2.0).fixed_silence_s == 0.55


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


@pytest.mark.parametrize(
    ("name", "value", "limits"),
    [
        ("lowest-note", 36, Limits(lowest=36)),
        ("lowest-note", "C2", Limits(lowest=36)),
        ("highest-note", "C6", Limits(highest=84)),
        ("loudest", 90.0, Limits(loudest=90)),
        ("voices", 4, Limits(voices=4)),
        ("notes-in-a-second", 8, Limits(notes_in_a_second=8)),
        ("keep", "key", Limits(keeping=Keeping.KEY)),
    ],
)
def test_a_limit_is_a_control_and_can_be_taken_away(name: str, value: float | str, limits: Limits) -> None:
    set_to = with_control(DEFAULT_RULES, name, value)
    assert set_to == Rules(limits=limits)
    assert limits_of(limits)[name] in (value, 36, 84)
    assert with_control(set_to, name, "free" if name == "keep" else "none") == DEFAULT_RULES


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("loudest", 0),
        ("voices", 65),
        ("voices", 1.5),
        ("loudest", "C4"),
        ("keep", "time"),
        ("lowest-note", "H9"),
    ],
)
def test_what_is_no_limit_changes_nothing(name: str, value: float | str) -> None:
    assert with_control(DEFAULT_RULES, name, value) is None


def test_the_lowest_and_the_highest_note_take_each_other_along() -> None:
    narrow = Rules(limits=Limits(lowest=48, highest=60))
    assert with_control(narrow, "lowest-note", 72) == Rules(limits=Limits(lowest=72, highest=72))
    assert with_control(narrow, "highest-note", 40) == Rules(limits=Limits(lowest=40, highest=40))


@pytest.mark.parametrize("name", [*LIMITS, KEEP])
def test_a_controller_turns_a_limit_over_all_its_way_and_a_fader_goes_back_there(name: str) -> None:
    for place in range(128):
        rules = with_control(DEFAULT_RULES, name, value_at(name, place))
        assert rules is not None
        back = place_of(rules, name)
        assert back is not None
        assert value_at(name, back) == value_at(name, place)
    assert value_at("voices", 127) == value_at("notes-in-a-second", 127) == "none"
    assert (value_at("voices", 0), value_at("voices", 126)) == (1, 16)
    assert (value_at("loudest", 0), value_at("loudest", 90)) == (1, 90)


def test_what_was_learnt_on_another_evening_goes_before_what_is_said_until_it_is_forgotten() -> None:
    controls = Controls(controllers={"temperature": 1, "freeze": 80}, learnt={"temperature": 21, "mute": 80})
    assert controls.controllers == {21: "temperature", 80: "mute"}
    controls.unlearn()
    assert controls.controllers == {1: "temperature", 80: "freeze"}


def test_buttons_act_when_pressed_and_nothing_moves_when_they_are_let_go() -> None:
    controls = Controls(controllers={"hand-over": 66, "panic": 67})
    assert wishes(controls, "b0 42 7f") == (HandOverNow(3.0),)
    assert wishes(controls, "b0 43 40") == (Panic(3.0),)
    assert wishes(controls, "b0 42 00") == ()  # ours, so that it isn't passed on


def test_all_sound_off_from_a_keyboard_is_a_panic_and_all_notes_off_is_none() -> None:
    assert wishes(Controls(), "b3 78 00") == (Panic(3.0),)
    assert wishes(Controls(), "b0 7b 00") is None


def test_a_knob_and_the_channel_are_turned_and_buttons_and_other_messages_are_not() -> None:
    controls = Controls(controllers={"loudness": 20, "channel": 21, "panic": 67})
    for text, turns in (
        ("b0 14 7f", True),
        ("b7 15 00", True),
        ("b0 43 7f", False),
        ("b0 07 7f", False),
        ("90 14 7f", False),
        ("b0 14", False),
        ("", False),
    ):
        assert controls.turns_a_knob(bytes.fromhex(text)) is turns, text


def test_another_controller_is_none_of_ours() -> None:
    assert wishes(Controls(), "b0 07 7f") is None


def test_every_channel_has_its_name() -> None:
    assert controls_of(Rules(channel=9))["channel"] == 10
    assert controls_of(Rules(shares_channel=True))["channel"] == "same"
    assert controls_of(Rules(knobs=Knobs(length=0.5)))["length"] == 0.5


@pytest.mark.parametrize("name", BUTTONS)
def test_every_button_wishes_something_by_controller_by_program_and_by_name(name: str) -> None:
    controls = Controls(DEFAULT_RULES, {name: 70}, {4: name})
    wish = controls.pressed(name, 1.0)
    assert controls.wishes_of(wire.ControllerTurned(1.0, 70, 127)) == (wish,)
    assert controls.wishes_of(wire.ControllerTurned(1.0, 70, 0)) == ()
    assert controls.wishes_of_program(4, 1.0) == (wish,)
    assert controls.wishes_of_program(5, 1.0) is None
    assert controls.called(name, 1.0) == (wish,)


def test_what_is_pressed_again_is_undone_or_goes_on() -> None:
    controls = Controls()
    for name, stands in (("mute", True), ("mute", False)):
        moved = controls.pressed(name, 1.0)
        assert isinstance(moved, ControlMoved)
        assert controls.move(moved)
        assert controls.rules.is_muted is stands
    for mode in [*list(Mode)[1:], Mode.CALL]:
        moved = controls.pressed("next-mode", 1.0)
        assert isinstance(moved, ControlMoved)
        assert controls.move(moved)
        assert controls.rules.mode is mode


def test_calmer_and_bolder_are_steps_that_stop_at_the_ends() -> None:
    controls = Controls()
    for name, stands in (("bolder", 1.2), ("calmer", 1.0), *[("calmer", None)] * 9, ("calmer", 0.0)):
        moved = controls.pressed(name, 1.0)
        assert isinstance(moved, ControlMoved)
        controls.move(moved)
        if stands is not None:
            assert controls.rules.knobs.temperature == pytest.approx(stands)


@pytest.mark.parametrize(
    ("down", "up", "knob"),
    [
        ("sparser", "denser", "density"),
        ("lower", "higher", "register"),
        ("shorter-notes", "longer-notes", "articulation"),
        ("softer", "louder", "loudness"),
    ],
)
def test_the_buttons_that_steer_go_to_both_ends_and_back_to_the_middle(down: str, up: str, knob: str) -> None:
    controls = Controls()

    def press(name: str) -> float:
        moved = controls.pressed(name, 1.0)
        assert isinstance(moved, ControlMoved)
        controls.move(moved)
        return float(getattr(controls.rules.knobs, knob))

    ends = KNOBS[knob]
    assert [press(up) for _ in range(5)][-1] == ends.highest
    assert [press(down) for _ in range(10)][-1] == ends.lowest
    while press(up) < ends.default - 0.01:
        pass
    assert press(up) > ends.default
    press(down)
    assert Steering.of(controls.rules.knobs) == STRAIGHT


def test_a_controller_or_a_program_can_choose_the_mode() -> None:
    controls = Controls(DEFAULT_RULES, {"mode": 70}, {9: "endless"})
    places = {controls.wishes_of(wire.ControllerTurned(1.0, 70, place)) for place in range(128)}
    assert {wish[0].value for wish in places if wish} == {mode.value for mode in Mode}
    assert controls.wishes_of_program(9, 1.0) == (ControlMoved(1.0, "mode", "endless"),)


def test_a_preset_moves_all_its_controls_and_what_has_no_name_moves_nothing() -> None:
    controls = Controls(
        DEFAULT_RULES, {}, {1: "solo"}, {"solo": (("temperature", 1.5), ("mode", "together"))}
    )
    moves = (ControlMoved(1.0, "temperature", 1.5), ControlMoved(1.0, "mode", "together"))
    assert controls.wishes_of_program(1, 1.0) == controls.called("solo", 1.0) == moves
    assert controls.called("verse", 1.0) == ()
