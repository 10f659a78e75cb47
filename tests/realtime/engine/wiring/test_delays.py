"""Outputs that wait, in a loop with time set by hand: in order, and with nothing left at the end."""

import pytest

from music.settings import SettingError
from realtime.engine.controls import Controls
from realtime.engine.desks.answering import PromptDesk
from realtime.engine.inbox import Incoming
from realtime.engine.loop import Loop
from realtime.engine.outputs import Outputs
from realtime.engine.wiring.delays import Delay, delay_said, delays_said
from realtime.engine.wiring.routes import Matrix
from realtime.performer.events import Stopped
from realtime.rows.turned import ControlMoved
from tests.support.clock import ManualClock, ManualInbox
from tests.support.ports import RecordingOutput, ScriptedAnswerer, sounding_after


class Stage:
    """A loop with two outputs, the first of which waits."""

    def __init__(self, delays: str = "late=50") -> None:
        self.clock = ManualClock()
        self.inbox = ManualInbox(self.clock)
        self.late, self.other = (
            RecordingOutput(self.clock, "A late synth"),
            RecordingOutput(self.clock, "Other"),
        )
        self.outputs = Outputs([self.late, self.other], now=self.clock.now)
        self.outputs.delays.set(delays_said(delays))
        desk = PromptDesk(ScriptedAnswerer(), self.clock, self.inbox.put)
        names = Matrix(lambda source: f"input {source}")
        self.loop = Loop(self.clock, self.inbox, self.outputs, desk, Controls(), matrix=names)

    def run_until(self, at: float) -> None:
        while self.inbox.items or (self.loop.alarm is not None and self.loop.alarm <= at):
            self.loop.take(self.inbox.next(self.loop.alarm))
        self.clock.set(at)

    def receive(self, at: float, message: str) -> None:
        self.run_until(at)
        self.loop.take(Incoming(at, 1, bytes.fromhex(message)))


CALL = ((10.0, "90 3c 50"), (10.2, "80 3c 40"), (10.25, "90 3e 50"), (10.45, "80 3e 40"))


def test_what_is_played_and_answered_comes_so_much_later_there_and_in_the_same_order() -> None:
    stage = Stage()
    for at, message in CALL:
        stage.receive(at, message)
    stage.run_until(30.0)
    assert stage.late.messages == stage.other.messages
    assert [late for late, _ in stage.late.sent] == pytest.approx([at + 0.05 for at, _ in stage.other.sent])
    assert any(message[0] == 0x91 for message in stage.late.messages)


def test_a_shorter_delay_overtakes_nothing() -> None:
    stage = Stage("LATE=500")
    stage.receive(1.0, "90 3c 50")
    stage.loop.take(ControlMoved(1.1, "delay", "late=0"))
    stage.receive(1.1, "80 3c 40")
    stage.run_until(1.6)
    assert [at for at, _ in stage.late.sent] == pytest.approx([1.5, 1.5])
    stage.receive(1.6, "90 3e 50")
    assert stage.late.sent[-1][0] == 1.6
    assert stage.late.messages == stage.other.messages


def test_at_the_end_nothing_is_left_waiting() -> None:
    stage = Stage("late=1000")
    stage.receive(1.0, "90 3c 50")
    stage.inbox.put(Stopped(1.2))
    stage.loop.run()
    assert stage.late.messages
    assert not sounding_after(stage.late.messages)


def test_an_output_that_is_gone_takes_along_what_waits_for_it() -> None:
    stage = Stage()
    stage.receive(1.0, "90 3c 50")
    stage.outputs.remove(stage.late)
    stage.run_until(5.0)
    assert not stage.late.messages
    assert stage.outputs.delays.at is None


def test_a_route_can_be_changed_while_it_plays() -> None:
    stage = Stage("")
    stage.loop.take(ControlMoved(0.5, "route", "input 1:1=3"))
    stage.receive(1.0, "90 3c 50")
    stage.loop.take(ControlMoved(1.1, "route", ""))
    stage.receive(1.2, "80 3c 40")
    stage.receive(1.3, "90 3c 50")
    assert [message.hex(" ") for message in stage.other.messages] == ["92 3c 50", "82 3c 40", "90 3c 50"]
    assert stage.loop.state.keyboards[1, 2].held == 0


def test_what_leads_nowhere_is_neither_heard_nor_played() -> None:
    stage = Stage("")
    stage.loop.take(ControlMoved(0.5, "route", "*:1=none"))
    for at, message in CALL:
        stage.receive(at, message)
    stage.run_until(30.0)
    assert not stage.other.messages


def test_a_delay_is_read_and_said() -> None:
    assert delay_said("fluid=40") == Delay("fluid", 40.0)
    assert delay_said("fluid=2.5").text == "fluid=2.5"


@pytest.mark.parametrize(
    "text", ["", "fluid", "=4", "fluid=-1", "fluid=1001", "fluid=x", "a,b=3", "fluid=nan"]
)
def test_what_says_no_delay_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="0 to 1000 milliseconds"):
        delay_said(text)
