"""The loop over recorded outputs, with time set by hand: what reaches the wire, in which order, and when.

Does not prove anything of real threads, drivers or how late a note is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from music.notes import KeyEvent
from realtime.engine.answering import PromptDesk
from realtime.engine.controls import Controls
from realtime.engine.inbox import Incoming
from realtime.engine.loop import Loop
from realtime.engine.outputs import Outputs
from realtime.knobs import DEFAULT_CONTROLLERS, Knobs
from realtime.midi import wire
from realtime.performer.actions import AskForAnswer
from realtime.performer.events import HandOverNow, KeyDown, KeyUp, Panic, Stopped
from realtime.performer.phases import Phase
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.rows.turned import ControlMoved, Turned, lateness_s
from tests.support.clock import ManualClock, ManualInbox
from tests.support.ports import BrokenAnswerer, RecordingOutput, ScriptedAnswerer, sounding_after

CALL = ((10.0, "90 3c 50"), (10.2, "80 3c 40"), (10.25, "90 3e 50"), (10.45, "80 3e 40"))


LONG_CALL = tuple(
    (10.0 + place * 0.5 + after, f"{status} {60 + place:02x} 50")
    for place in range(20)
    for after, status in ((0.0, "90"), (0.3, "80"))
)


@dataclass
class Stand:
    """A loop with one recorded output."""

    answerer: ScriptedAnswerer | BrokenAnswerer = field(default_factory=ScriptedAnswerer)
    rules: Rules = DEFAULT_RULES
    thru: bool = True
    controllers: Mapping[str, int] = field(default_factory=lambda: DEFAULT_CONTROLLERS)

    def __post_init__(self) -> None:
        self.clock = ManualClock()
        self.inbox = ManualInbox(self.clock)
        self.output = RecordingOutput(self.clock)
        self.seen: list[Turned] = []
        self.heard: list[tuple[KeyEvent, ...]] = []
        self.coming: list[AskForAnswer | None] = []
        desk = PromptDesk(self.answerer, self.clock, self.inbox.put)
        self.controls = Controls(self.rules, self.controllers)
        outputs = Outputs([self.output], thru=self.thru)
        self.loop = Loop(
            self.clock, self.inbox, outputs, desk, self.controls, [self.seen.append], hear=self._hear
        )

    def _hear(self, call: tuple[KeyEvent, ...], coming: AskForAnswer | None) -> None:
        self.heard.append(call)
        self.coming.append(coming)

    def receive(self, *stamped: tuple[float, str], source: int = 1) -> None:
        for at, message in stamped:
            self.clock.set(at)
            self.loop.take(Incoming(at, source, bytes.fromhex(message)))

    def run_until(self, at: float) -> None:
        while self.inbox.items or (self.loop.alarm is not None and self.loop.alarm <= at):
            self.loop.take(self.inbox.next(self.loop.alarm))
        self.clock.set(at)

    @property
    def sounding(self) -> set[tuple[int, int]]:
        return sounding_after(self.output.messages)


def test_a_call_is_passed_on_and_answered_on_the_next_channel() -> None:
    stand = Stand()
    stand.receive(*CALL)
    stand.run_until(30.0)
    thru = [message.hex(" ") for message in stand.output.messages[:4]]
    assert thru == [message for _, message in CALL]
    answer = [message for message in stand.output.messages if message[0] == 0x91]
    assert [message[1] for message in answer] == [60, 64, 67]
    assert not stand.sounding
    assert stand.loop.state.phase is Phase.WAITING


def test_what_is_no_note_is_passed_on_as_it_came() -> None:
    stand = Stand()
    stand.receive((1.0, "e0 00 50"), (1.1, "b0 0b 20"), (1.2, "f8"), (1.3, "b0 40 30"))
    assert [message.hex(" ") for message in stand.output.messages] == ["e0 00 50", "b0 0b 20", "b0 40 30"]


def test_the_modulation_wheel_moves_the_temperature_that_the_next_answer_has_and_is_not_passed_on() -> None:
    stand = Stand()
    stand.receive((9.0, "b0 01 00"), *CALL)
    stand.run_until(30.0)
    assert isinstance(stand.answerer, ScriptedAnswerer)
    assert set(stand.answerer.knobs) == {Knobs(temperature=0.0)}
    assert stand.controls.rules.knobs.temperature == 0.0
    assert not [message for message in stand.output.messages if message[:2] == bytes.fromhex("b0 01")]
    assert isinstance(stand.seen[0].event, ControlMoved)


def test_a_control_from_elsewhere_changes_the_notes_that_follow() -> None:
    stand = Stand()
    stand.receive(*CALL[:2])
    stand.loop.take(ControlMoved(10.21, "loudness", 0.5))
    stand.loop.take(ControlMoved(10.22, "channel", 7))
    stand.run_until(30.0)
    struck = [message for message in stand.output.messages if message[0] & 0xF0 == 0x90][1:]
    assert {(message[0] & 0x0F, message[2]) for message in struck} == {(6, 48)}


def test_the_length_s_knob_changes_how_long_an_answer_is_asked_for() -> None:
    lengths = []
    for value in (0, 127):
        stand = Stand(controllers={"length": 20})
        stand.receive((9.0, f"b0 14 {value:02x}"), *LONG_CALL)
        stand.run_until(60.0)
        assert isinstance(stand.answerer, ScriptedAnswerer)
        lengths.append(stand.answerer.requests[0].length_s)
    assert lengths == [2.0, pytest.approx(30.0)]  # a tenth of the call and eight times it, within the limits


def test_a_pedal_that_hands_over_gets_an_answer_before_the_silence_has_lasted() -> None:
    stand = Stand(controllers={"hand-over": 66})
    stand.receive(*CALL, (10.46, "b0 42 7f"), (10.47, "b0 42 00"))
    assert stand.inbox.items  # an answer is on its way
    assert stand.loop.state.phase is Phase.ASKING
    assert not [message for message in stand.output.messages if message[:2] == bytes.fromhex("b0 42")]


def test_a_button_that_silences_silences() -> None:
    stand = Stand(controllers={"panic": 67})
    stand.receive(*CALL)
    stand.run_until(11.3)
    assert stand.sounding
    stand.receive((11.31, "b0 43 7f"))
    assert not stand.sounding


def test_all_notes_off_from_the_keyboard_silences_the_answer() -> None:
    stand = Stand()
    stand.receive(*CALL)
    stand.run_until(11.3)
    assert stand.sounding
    stand.receive((11.31, "b0 7b 00"))
    assert not stand.sounding
    assert stand.loop.state.phase is Phase.WAITING


def test_the_call_is_heard_while_it_grows() -> None:
    stand = Stand()
    stand.receive(*CALL)
    stand.run_until(30.0)
    assert [len(call) for call in stand.heard] == [1, 2, 3, 4]


def test_in_each_silence_it_is_known_what_will_be_asked_for() -> None:
    stand = Stand()
    stand.receive(*CALL)
    stand.run_until(30.0)
    assert [coming is None for coming in stand.coming] == [True, False, True, False]
    (asked,) = stand.answerer.requests  # type: ignore[union-attr]
    foreseen = stand.coming[-1]
    assert foreseen is not None
    coming = foreseen.request
    assert (coming.turn, coming.attempt, coming.call, coming.length_s) == (
        *(asked.turn, asked.attempt, asked.call),
        asked.length_s,
    )
    assert coming.starts_after == pytest.approx(asked.starts_after)
    assert coming.gap_at_least_s == pytest.approx(asked.gap_at_least_s)


def test_a_knob_that_is_turned_in_the_silence_is_known_too() -> None:
    stand = Stand()
    stand.receive(*CALL)
    stand.loop.take(ControlMoved(10.46, "temperature", 0.25))
    foreseen = stand.coming[-1]
    assert foreseen is not None
    assert foreseen.knobs == Knobs(temperature=0.25)


def test_without_thru_only_the_model_sounds() -> None:
    stand = Stand(thru=False)
    stand.receive(*CALL, (10.5, "e0 00 50"))
    stand.run_until(30.0)
    assert {message[0] & 0x0F for message in stand.output.messages} == {1}


def test_a_release_is_passed_on_as_the_keyboard_said_it() -> None:
    stand = Stand()
    stand.receive((1.0, "90 3c 50"), (1.2, "90 3c 00"))
    assert [message.hex(" ") for message in stand.output.messages] == ["90 3c 50", "90 3c 00"]


def test_a_button_that_is_let_go_moves_nothing_and_is_not_passed_on() -> None:
    stand = Stand(controllers={"hand-over": 66})
    stand.receive((1.0, "b0 42 00"))
    assert not stand.output.messages
    assert not stand.seen


def test_a_cut_in_with_the_pedal_down_leaves_only_the_players_notes() -> None:
    stand = Stand(ScriptedAnswerer(((0.01, 60, 20.0), (0.1, 64, 20.0))))
    stand.receive(*CALL)
    stand.run_until(12.0)
    assert stand.sounding == {(1, 60), (1, 64)}
    stand.receive((12.0, "b0 40 7f"), (12.1, "90 48 60"))
    assert stand.sounding == {(0, 72)}


def test_a_cut_in_on_a_shared_channel_does_not_cut_the_players_own_note() -> None:
    stand = Stand(ScriptedAnswerer(((0.01, 60, 20.0),)), Rules(shares_channel=True))
    stand.receive(*CALL)
    stand.run_until(12.0)
    stand.receive((12.0, "90 3c 60"))
    assert stand.sounding == {(0, 60)}


def test_watchers_are_called_after_everything_was_sent() -> None:
    stand = Stand()
    counts: list[int] = []
    stand.loop.watch(lambda _: counts.append(len(stand.output.sent)))
    stand.receive((1.0, "90 3c 50"))
    assert counts == [1]


def test_a_turned_event_tells_how_late_its_notes_were() -> None:
    stand = Stand()
    stand.receive(*CALL)
    stand.run_until(30.0)
    lateness = [late for turned in stand.seen for late in lateness_s(turned)]
    assert len(lateness) == 3
    assert lateness == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)


def test_panic_ends_notes_that_hang_on_the_synth_but_not_those_held() -> None:
    stand = Stand()
    stand.receive((1.0, "90 3c 50"))
    stand.output.send(wire.struck(0, 40, 80))  # a note that hangs, for whatever reason
    stand.loop.take(Panic(2.0))
    assert stand.sounding == {(0, 60)}


@pytest.mark.parametrize("at", [10.1, 10.3, 10.9, 11.1, 11.5, 12.2])
def test_stopped_at_any_moment_nothing_sounds(at: float) -> None:
    stand = Stand()
    stand.receive(*(row for row in CALL if row[0] <= at))
    stand.run_until(at)
    stand.receive((at, "b0 40 7f"))
    stand.loop.take(Stopped(at))
    assert not stand.sounding
    assert stand.loop.state.phase is Phase.CLOSED


def test_rules_may_change_between_two_events() -> None:
    stand = Stand(ScriptedAnswerer(((0.01, 60, 0.2), (0.5, 64, 0.2))))
    stand.receive(*CALL)
    stand.run_until(11.3)
    stand.controls.rules = Rules(knobs=Knobs(loudness=0.5))
    stand.run_until(30.0)
    assert [message[2] for message in stand.output.messages if message[0] == 0x91] == [70, 48]


# Faults.


def test_an_answerer_that_breaks_gives_the_turn_back_and_leaves_nothing_sounding() -> None:
    stand = Stand(BrokenAnswerer())
    stand.receive(*CALL)
    stand.run_until(30.0)
    assert not stand.sounding
    assert stand.loop.state.phase is Phase.WAITING
    assert stand.loop.failure is None


def test_a_fault_in_the_loop_silences_everything_and_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    stand = Stand()
    stand.inbox.items = [KeyDown(1.0, 60, 80), KeyDown(2.0, 64, 80)]

    def faulty(turned: Turned) -> None:
        if turned.event.at == 2.0:
            raise ZeroDivisionError("a fault of our own")

    stand.loop.watch(faulty)
    stand.loop.run()
    assert isinstance(stand.loop.failure, ZeroDivisionError)
    assert not stand.sounding
    assert "a fault of our own" in caplog.text


def test_an_output_that_fails_is_dropped_and_the_other_sounds_on() -> None:
    stand = Stand()
    other = RecordingOutput(stand.clock, "other")
    lost: list[str] = []
    outputs = Outputs([stand.output, other])
    outputs.on_lost = lambda port, _: lost.append(port.name)
    stand.output.breaks = True
    outputs.send(b"\x90\x3c\x50")
    outputs.send(b"\x80\x3c\x40")
    assert len(other.sent) == 2
    assert lost == ["recording"]


# A wire from our output back to an input.


def test_a_loop_from_out_to_in_dies_out_at_once() -> None:
    stand = Stand()
    stand.receive((1.0, "90 3c 50"))
    for _ in range(3):
        stand.receive(
            *[(stand.clock.now() + 0.001, message.hex()) for message in stand.output.messages[-1:]], source=2
        )
    assert len(stand.output.sent) == 1
    assert stand.loop.echoes == 3


def test_the_answer_coming_back_does_not_cut_itself_short() -> None:
    stand = Stand()
    stand.receive(*CALL)
    stand.run_until(11.162)
    sent_at, answer = stand.output.sent[-1]
    assert answer[0] == 0x91
    stand.receive((sent_at + 0.005, answer.hex()))
    assert stand.loop.state.phase is Phase.ANSWERING


def test_the_release_of_a_key_that_is_held_there_is_never_taken_for_an_echo() -> None:
    stand = Stand()
    stand.receive((1.0, "90 3c 50"), source=1)
    stand.receive((1.2, "80 3c 40"), source=2)
    stand.receive((1.201, "80 3c 40"), source=1)
    assert stand.loop.state.quiet_since is not None


def test_a_note_struck_again_by_a_fast_finger_is_no_echo() -> None:
    stand = Stand()
    stand.receive((1.0, "90 3c 50"), (1.03, "80 3c 40"), (1.06, "90 3c 50"), (1.09, "80 3c 40"))
    assert len(stand.output.sent) == 4


def test_the_key_from_the_computer_is_answered_like_any_other() -> None:
    stand = Stand()
    for event in (KeyDown(1.0, 60, 76), KeyUp(1.3, 60), HandOverNow(1.4)):
        stand.loop.take(event)
    stand.run_until(30.0)
    assert any(message[0] == 0x91 for message in stand.output.messages)
