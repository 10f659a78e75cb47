"""A control that is moved elsewhere moves its motor fader, which moves nothing in turn."""

from collections.abc import Mapping

import pytest

from realtime.engine.controls import Controls
from realtime.engine.desks.answering import PromptDesk
from realtime.engine.inbox import Incoming
from realtime.engine.loop import Loop
from realtime.engine.outputs import Outputs
from realtime.engine.wiring.faders import Faders
from realtime.knobs import DEFAULT_KNOBS, KNOBS, Mode
from realtime.rows.turned import ControlMoved, LearnWished
from tests.support.clock import ManualClock, ManualInbox
from tests.support.ports import RecordingOutput, ScriptedAnswerer

CONTROLLERS = {"temperature": 20, "length": 21, "mode": 22, "channel": 23, "freeze": 24}


class Stage:
    """A loop with a synth, and a box of faders that starts where nobody knows."""

    def __init__(self, controllers: Mapping[str, int] = CONTROLLERS) -> None:
        self.clock = ManualClock()
        self.inbox = ManualInbox(self.clock)
        self.synth, self.box = RecordingOutput(self.clock), RecordingOutput(self.clock, "BCF2000")
        self.faders = Faders()
        self.controls = Controls(controllers=controllers)
        desk = PromptDesk(ScriptedAnswerer(), self.clock, self.inbox.put)
        self.loop = Loop(
            *(self.clock, self.inbox, Outputs([self.synth]), desk, self.controls), faders=self.faders
        )
        self.faders.add(self.box)

    def move(self, name: str, value: float | str) -> list[str]:
        """What is sent to the box when somebody else moves a control."""
        del self.box.sent[:]
        self.loop.take(ControlMoved(self.clock.now(), name, value))
        return [message.hex(" ") for message in self.box.messages]

    def turn(self, message: str) -> list[str]:
        """What is sent to the box when one of its faders says where it is."""
        del self.box.sent[:]
        self.loop.take(Incoming(self.clock.now(), 1, bytes.fromhex(message)))
        return [message.hex(" ") for message in self.box.messages]


def test_at_first_each_fader_goes_to_where_its_control_stands() -> None:
    stage = Stage()
    assert stage.move("loudness", 1.0) == ["b0 14 40", "b0 15 40", "b0 16 00"]  # of the channel none stands


def test_a_control_that_is_moved_elsewhere_moves_its_fader_alone_and_once() -> None:
    stage = Stage()
    stage.move("loudness", 1.0)
    assert stage.move("temperature", 2.0) == ["b0 14 7f"]
    assert stage.move("temperature", 2.0) == []
    assert stage.move("channel", 3) == ["b0 17 10"]
    assert stage.move("mode", Mode.THRU.value) == ["b0 16 6b"]
    assert not stage.synth.sent


def test_a_hand_does_not_feel_its_own_movement() -> None:
    stage = Stage()
    stage.move("loudness", 1.0)
    assert stage.turn("b3 14 50") == []
    assert stage.turn("b3 16 40") == []  # a place in the middle of a mode's
    assert stage.turn("b3 17 13") == []
    assert stage.move("temperature", 0.0) == ["b3 14 00"]  # on the channel on which it was heard


def test_it_is_sent_to_on_its_own_channel_wherever_what_it_plays_is_led() -> None:
    stage = Stage()
    stage.move("route", "*:4=9")
    stage.turn("b3 14 50")
    assert stage.move("temperature", 0.0) == ["b3 14 00"]


def test_a_fader_that_says_where_its_motor_went_changes_nothing_not_even_by_a_hair() -> None:
    stage = Stage()
    stage.move("loudness", 1.0)
    (sent,) = stage.move("temperature", 0.73)
    assert stage.turn(sent) == []
    assert stage.controls.rules.knobs.temperature == 0.73


def test_places_on_the_way_of_a_motor_come_to_rest_where_it_was_sent() -> None:
    stage = Stage()
    stage.move("loudness", 1.0)
    assert stage.move("temperature", 2.0) == ["b0 14 7f"]
    for place in (0x50, 0x60, 0x70, 0x7F, 0x7F):
        assert stage.turn(f"b0 14 {place:02x}") == []
    assert stage.controls.rules.knobs.temperature == 2.0


def test_a_controller_that_is_learnt_is_sent_back_to_too() -> None:
    stage = Stage({})
    stage.loop.take(LearnWished(0.0, "length"))
    assert stage.turn("b0 1e 10") == []
    assert stage.move("length", 8.0) == ["b0 1e 7f"]


def test_a_button_is_no_fader() -> None:
    stage = Stage({"freeze": 24, "mute": 25})
    assert stage.move("mute", 1) == []
    assert stage.turn("b0 19 7f") == []
    assert not stage.controls.rules.is_muted
    stage.turn("b0 19 7f")  # the same value twice is two presses
    assert stage.controls.rules.is_muted


def test_a_box_that_is_plugged_in_again_is_put_right() -> None:
    stage = Stage({"temperature": 20})
    stage.move("temperature", 2.0)
    stage.faders.remove(stage.box)
    assert stage.move("temperature", 0.0) == []
    stage.faders.add(stage.box)
    assert stage.move("loudness", 1.5) == ["b0 14 00"]


def test_a_box_that_breaks_is_left_alone() -> None:
    stage = Stage()
    stage.box.breaks = True
    stage.move("temperature", 2.0)
    assert stage.faders.ports == ()
    assert stage.controls.rules.knobs.temperature == 2.0


@pytest.mark.parametrize("name", KNOBS)
def test_each_place_of_a_knob_is_found_again(name: str) -> None:
    knob = KNOBS[name]
    assert [knob.place_of(knob.at(place)) for place in range(128)] == list(range(128))
    assert knob.place_of(getattr(DEFAULT_KNOBS, name)) == 64
