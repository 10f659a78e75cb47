"""The loop over recorded outputs, with time set by hand: what reaches the wire, in which order, and when.

Does not prove anything of real threads, drivers or how late a note is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import pytest

from music.notes import KeyEvent
from realtime.engine.controls import Controls
from realtime.engine.desks.answering import PromptDesk
from realtime.engine.inbox import Incoming
from realtime.engine.loop import MOST_PUT_OFF, Loop
from realtime.engine.outputs import Outputs
from realtime.engine.repeats import AGAIN_AFTER_S
from realtime.knobs import DEFAULT_CONTROLLERS, Knobs, Mode, Pause
from realtime.midi import wire
from realtime.performer.actions import AskForAnswer
from realtime.performer.events import HandOverNow, KeyDown, KeyUp, Panic, Stopped
from realtime.performer.phases import Phase
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.rows.turned import (
    ControlMoved,
    Learnt,
    LearnWished,
    MessagesCame,
    ModelStands,
    ModelWished,
    Pressed,
    Turned,
    Unlearnt,
    lateness_s,
)
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
    passes_system: bool = True
    controllers: Mapping[str, int] = field(default_factory=lambda: DEFAULT_CONTROLLERS)
    programs: Mapping[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = ManualClock()
        self.inbox = ManualInbox(self.clock)
        self.output = RecordingOutput(self.clock)
        self.seen: list[Turned] = []
        self.heard: list[tuple[KeyEvent, ...]] = []
        self.coming: list[AskForAnswer | None] = []
        self.at_once: list[AskForAnswer | None] = []
        self.out_by_then: list[int] = []  # messages that were out when an event was taken in
        self.desk = desk = PromptDesk(self.answerer, self.clock, self.inbox.put)
        self.controls = Controls(self.rules, self.controllers, self.programs)
        outputs = Outputs([self.output], thru=self.thru, passes_system=self.passes_system)
        self.loop = Loop(
            *(self.clock, self.inbox, outputs, desk, self.controls, [self.seen.append]),
            hear=self._hear,
            trace=lambda _event, _rules: self.out_by_then.append(len(self.output.messages)),
        )

    def _hear(
        self,
        call: tuple[KeyEvent, ...],
        coming: AskForAnswer | None,
        at_once: Callable[[], AskForAnswer | None],
    ) -> None:
        self.heard.append(call)
        self.coming.append(coming)
        self.at_once.append(at_once())

    def receive(self, *stamped: tuple[float, str], source: int = 1) -> None:
        for at, message in stamped:
            self.clock.set(at)
            self.loop.take(Incoming(at, source, bytes.fromhex(message)))

    def receive_together(self, at: float, *messages: str) -> None:
        """All of them wait by the time at which the first is looked at."""
        self.inbox.items += [Incoming(at, 1, bytes.fromhex(message)) for message in messages]
        while self.inbox.items:
            self.inbox.is_waiting = True
            self.loop.take(self.inbox.next(at))
        self.inbox.is_waiting = False

    def run_until(self, at: float) -> None:
        while self.inbox.items or (self.loop.alarm is not None and self.loop.alarm <= at):
            self.loop.take(self.inbox.next(self.loop.alarm))
        self.clock.set(at)

    @property
    def came(self) -> list[list[bytes]]:
        """The messages that were noted together."""
        return [
            [one.message for one in turned.event.messages]
            for turned in self.seen
            if isinstance(turned.event, MessagesCame)
        ]

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
    messages = ["e0 00 50", "b0 0b 20", "b0 40 30", "a0 3c 10", "d0 20", "c0 05"]
    stand.receive(*((1.0 + place, message) for place, message in enumerate(messages)))
    assert [message.hex(" ") for message in stand.output.messages] == messages


def test_whoever_watches_gets_every_message_but_the_clock() -> None:
    stand = Stand()
    for message in ("e0 00 50", "b0 0b 20", "f8", "f0 7e 7f 06 01 f7", "b0 7b 00", "b0 79 00", "c0 05"):
        stand.receive((1.0, message))
    assert stand.seen == []
    stand.run_until(1.1)
    (came,) = stand.came
    assert [message.hex(" ") for message in came] == [
        *("e0 00 50", "b0 0b 20", "f0 7e 7f 06 01 f7", "b0 7b 00", "b0 79 00", "c0 05")
    ]


def test_what_came_before_something_else_is_noted_before_it_and_the_left_pedal_alone() -> None:
    stand = Stand()
    for message in ("b0 0b 20", "b0 0b 21", "b0 43 7f", "b0 0b 22", "90 3c 50"):
        stand.receive((1.0, message))
    assert [message.hex(" ") for came in stand.came for message in came] == [
        *("b0 0b 20", "b0 0b 21", "b0 43 7f", "b0 0b 22")
    ]
    assert [len(came) for came in stand.came] == [2, 1, 1]
    assert isinstance(stand.seen[-1].event, KeyDown)


def test_of_a_flood_nothing_is_left_out_and_whoever_watches_is_called_seldom() -> None:
    stand = Stand()
    for place in range(1000):
        stand.receive((1.0 + place / 5000, f"b0 0b {place % 128:02x}"))
    stand.run_until(2.0)
    assert [message[2] for came in stand.came for message in came] == [place % 128 for place in range(1000)]
    assert sum(message[:2] == b"\xb0\x0b" for message in stand.output.messages) == 1000  # beside a probe
    assert len(stand.seen) <= 30


SYSTEM = ["f8", "fa", "fb", "fc", "fe", "f2 01 02", "f1 05", "f3 02", "f6", "f0 7e 7f 06 01 f7"]


def test_what_speaks_to_the_whole_instrument_is_passed_on_as_it_came() -> None:
    stand = Stand()
    stand.receive(*((1.0 + place, message) for place, message in enumerate([*SYSTEM, "f0 7e", "f4", "fd"])))
    assert [message.hex(" ") for message in stand.output.messages] == SYSTEM


def test_it_can_be_left_out() -> None:
    stand = Stand(passes_system=False)
    stand.receive(*((1.0 + place, message) for place, message in enumerate(SYSTEM)), (20.0, "90 3c 50"))
    assert [message.hex(" ") for message in stand.output.messages] == ["90 3c 50"]


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


def test_all_sound_off_from_the_keyboard_silences_the_answer() -> None:
    stand = Stand()
    stand.receive(*CALL)
    stand.run_until(11.3)
    assert stand.sounding
    stand.receive((11.31, "b0 78 00"))
    assert not stand.sounding
    assert stand.loop.state.phase is Phase.WAITING


def test_a_keyboard_that_says_all_notes_off_after_its_last_release_is_answered() -> None:
    stand = Stand()
    stand.receive(*CALL, (10.46, "b0 7b 00"))
    stand.run_until(30.0)
    assert bytes.fromhex("b0 7b 00") in stand.output.messages  # as it came
    assert any(message[0] == 0x91 for message in stand.output.messages)


@pytest.mark.parametrize("number", ["7b", "7c", "7f"])
def test_all_notes_off_lets_go_of_the_keys_of_that_keyboard_and_channel_alone(number: str) -> None:
    stand = Stand()
    stand.receive((1.0, "90 3c 50"), (1.1, "91 3e 50"), source=1)
    stand.receive((1.2, "90 40 50"), source=2)
    stand.receive((2.0, f"b0 {number} 00"), source=1)
    assert stand.sounding == {(1, 62), (0, 64)}
    assert [message[:2].hex() for message in stand.output.messages][3:] == [
        "803c"
    ]  # it would end the other's


def test_controllers_reset_lift_the_pedal_of_that_keyboard() -> None:
    stand = Stand()
    stand.receive(*CALL[:1], (10.1, "b0 40 7f"), *CALL[1:], (10.46, "b0 79 00"))
    assert not stand.sounding
    stand.run_until(30.0)
    assert bytes.fromhex("b0 79 00") in stand.output.messages
    assert any(message[0] == 0x91 for message in stand.output.messages)


def test_controllers_reset_leave_the_pedal_of_another_keyboard_down() -> None:
    stand = Stand()
    stand.receive((1.0, "b0 40 7f"), source=1)
    stand.receive((1.0, "b0 40 7f"), (1.1, "90 3c 50"), (1.2, "80 3c 40"), (1.3, "b0 79 00"), source=2)
    assert stand.sounding == {(0, 60)}
    stand.receive((1.4, "b0 79 00"), source=1)
    assert not stand.sounding


def test_what_is_struck_together_goes_out_first_and_is_heard_of_once() -> None:
    stand = Stand()
    stand.inbox.is_waiting = True
    stand.receive((1.0, "90 3c 50"), (1.0, "90 40 50"))
    assert len(stand.output.messages) == 2
    assert stand.heard == []
    stand.inbox.is_waiting = False
    stand.receive((1.001, "90 43 50"))
    assert [len(call) for call in stand.heard] == [3]


def test_keys_that_wait_go_out_before_anything_is_worked_out_and_in_their_order() -> None:
    stand = Stand()
    stand.receive((10.0, "90 3c 50"))
    together = ["80 3c 40", "90 3e 50", "90 41 51"]
    stand.receive_together(10.2, *together)
    assert stand.output.messages[1:] == [bytes.fromhex(message) for message in together]
    assert stand.out_by_then == [1, 4, 4, 4]
    assert len(stand.loop.state.call) == 4


def test_what_is_not_a_key_is_overtaken_by_none() -> None:
    stand = Stand()
    stand.receive((10.0, "90 3c 50"))
    together = ["80 3c 40", "b0 40 7f", "90 3e 50", "80 3e 40", "90 3e 50", "e0 00 41", "90 3f 50"]
    stand.receive_together(10.2, *together)
    assert stand.output.messages[1:] == [bytes.fromhex(message) for message in together]
    assert stand.sounding == {(0, 62), (0, 63)}


def test_a_chord_that_cuts_in_ends_the_models_notes_first() -> None:
    stand = Stand(ScriptedAnswerer(((0.01, 60, 20.0),)))
    stand.receive(*CALL)
    stand.run_until(12.0)
    before = len(stand.output.messages)
    stand.receive_together(12.0, "90 48 60", "90 4c 60")
    heard = stand.output.messages[before:]
    assert heard.index(bytes.fromhex("81 3c 40")) < heard.index(bytes.fromhex("90 48 60"))
    assert stand.sounding == {(0, 72), (0, 76)}


def test_what_came_before_a_fault_is_taken_in_after_it_and_sounds() -> None:
    stand, heard_by_then = Stand(), list[bytes]()
    stand.receive((10.0, "90 3c 50"))
    stand.loop.watch(lambda turned: None)
    faults = iter([ValueError("once")])

    def fail_once(_event: object, _rules: object) -> None:
        if (fault := next(faults, None)) is not None:
            raise fault

    stand.loop._trace = fail_once
    stand.inbox.items += [Incoming(10.2, 1, bytes.fromhex("80 3c 40")), Incoming(10.2, 1, b"\x90\x3e\x50")]
    stand.inbox.items += [Stopped(10.3)]
    stand.inbox.is_waiting = True
    stand.loop.on_fault = lambda _: heard_by_then.extend(stand.output.messages)
    stand.loop.run()
    assert isinstance(stand.loop.failure, ValueError)
    assert b"\x90\x3e\x50" in heard_by_then  # it went out ahead, and was silenced with all else
    assert stand.output.messages[len(heard_by_then)] == b"\x90\x3e\x50"
    assert stand.loop.state.phase is Phase.CLOSED
    assert not stand.sounding


def answered_soon() -> tuple[Stand, float]:
    """A stand with an answer whose first note is due at the alarm, and that moment."""
    stand = Stand(ScriptedAnswerer(((0.5, 60, 0.2), (1.0, 64, 0.2))))
    stand.receive(*CALL)
    stand.loop.take(HandOverNow(10.45))
    stand.run_until(10.9)
    assert stand.loop.state.phase is Phase.ASKING
    alarm = stand.loop.alarm
    assert alarm is not None
    assert alarm == stand.loop.state.agenda.next_due
    return stand, alarm


@pytest.mark.parametrize(("late_s", "counts_as_late_s"), [(0.001, 0.0), (0.02, 0.02)])
def test_a_note_is_worked_out_before_it_is_due_and_anew_where_the_alarm_is_late(
    late_s: float, counts_as_late_s: float
) -> None:
    stand, alarm = answered_soon()
    stand.clock.set(alarm + late_s)
    stand.loop.take(None)
    assert stand.seen[-1].event.at == pytest.approx(alarm + counts_as_late_s, abs=1e-9)
    assert stand.sounding == {(1, 60)}


def test_a_note_that_is_due_is_out_before_anything_is_worked_out_and_is_released_in_the_end() -> None:
    stand, alarm = answered_soon()
    before = len(stand.output.messages)
    stand.run_until(alarm)
    assert stand.output.messages[before:] == [b"\x91\x3c\x46"]
    assert stand.out_by_then[-1] == before + 1
    stand.run_until(alarm + 30.0)
    assert stand.output.messages.count(b"\x91\x3c\x46") == 1
    assert not stand.sounding


def test_what_somebody_else_is_to_send_at_the_same_moment_goes_out_too() -> None:
    stand, alarm = answered_soon()
    stand.loop._repeats.struck(1, 60)
    stand.loop._repeats.turn_ended(alarm - AGAIN_AFTER_S[0])
    before = len(stand.output.messages)
    stand.run_until(alarm)
    assert stand.output.messages[before:] == [bytes.fromhex("81 3c 40"), b"\x91\x3c\x46"]


def test_a_note_is_worked_out_anew_where_something_came_between() -> None:
    stand, alarm = answered_soon()
    stand.controls.rules = replace(stand.controls.rules, is_muted=True)
    stand.run_until(alarm)
    assert not [message for message in stand.output.messages if message[0] == 0x91]


def test_a_call_is_heard_of_though_something_always_waits() -> None:
    stand = Stand()
    stand.inbox.is_waiting = True
    for place in range(20):
        stand.receive((1.0 + place / 1000, f"90 {40 + place:02x} 50"))
    assert [len(call) for call in stand.heard] == [MOST_PUT_OFF, 2 * MOST_PUT_OFF]


def test_of_a_call_that_is_handed_over_at_once_nothing_is_heard_before_the_question() -> None:
    stand = Stand()
    stand.inbox.is_waiting = True
    stand.receive((1.0, "90 3c 50"), (1.2, "80 3c 40"))
    stand.inbox.is_waiting = False
    stand.loop.take(HandOverNow(1.2))
    assert stand.heard == []
    assert stand.answerer.requests


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


def test_while_a_key_is_held_it_is_known_what_a_hand_over_by_hand_would_ask_for() -> None:
    stand = Stand()
    stand.receive(*CALL[:3])
    known = stand.at_once[-1]
    assert known is not None
    stand.loop.take(HandOverNow(stand.clock.now()))
    (asked,) = stand.answerer.requests  # type: ignore[union-attr]
    assert replace(known.request, ticket=asked.ticket) == asked


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


def test_panic_ends_notes_that_hang_on_the_synth_and_those_held() -> None:
    stand = Stand()
    stand.receive((1.0, "90 3c 50"))
    stand.output.send(wire.struck(0, 40, 80))  # a note that hangs, for whatever reason
    stand.loop.take(Panic(2.0))
    assert not stand.sounding


def test_after_a_panic_the_next_note_goes_first_and_then_every_other_key_is_released() -> None:
    stand = Stand()
    stand.receive((1.0, "90 3c 50"))
    stand.loop.take(Panic(2.0))
    at_once = [message.hex(" ") for message in stand.output.messages[1:]]
    assert at_once[0] == "80 3c 40"
    assert at_once[1:] == ["b0 40 00", "b0 7b 00", "b0 78 00", "b1 40 00", "b1 7b 00", "b1 78 00"]
    stand.receive((2.001, "90 3e 50"))
    assert stand.output.messages[8].hex(" ") == "90 3e 50"
    stand.run_until(2.9)
    assert stand.sounding == {(0, 62)}
    released = [(message[0] & 0x0F, message[1]) for message in stand.output.messages[9:]]
    assert sorted(released) == sorted({(on, key) for on in (0, 1) for key in range(128)} - {(0, 62)})


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


def faulty_at(*moments: float) -> Stand:
    """A stand with a watcher that fails at these moments."""
    stand = Stand()

    def faulty(turned: Turned) -> None:
        if turned.event.at in moments:
            raise ZeroDivisionError("a fault of our own")

    stand.loop.watch(faulty)
    return stand


def test_a_fault_silences_everything_and_it_is_played_on(caplog: pytest.LogCaptureFixture) -> None:
    stand, faults = faulty_at(2.0), list[Exception]()
    stand.loop.on_fault = faults.append
    stand.inbox.items = [KeyDown(1.0, 60, 80), KeyDown(2.0, 64, 80), KeyDown(3.0, 67, 80), Stopped(4.0)]
    stand.loop.run()
    assert isinstance(stand.loop.failure, ZeroDivisionError)
    assert faults == [stand.loop.failure]
    until_then = stand.output.messages[: stand.output.messages.index(b"\x90\x43\x50")]
    assert sounding_after(until_then) == set()
    assert not stand.sounding
    assert [turned.state.phase for turned in stand.seen if turned.event.at == 3.0] == [Phase.CALLING]
    assert stand.loop.state.phase is Phase.CLOSED
    assert "a fault of our own" in caplog.text


def test_of_three_faults_within_a_minute_it_ends() -> None:
    stand = faulty_at(2.0, 3.0, 4.0)
    stand.inbox.items = [KeyDown(at, 60, 80) for at in (2.0, 3.0, 4.0, 5.0)]
    stand.loop.run()
    assert stand.inbox.items == [KeyDown(5.0, 60, 80)]
    assert not stand.sounding


def test_a_fault_while_it_is_put_away_keeps_nobody_from_ending_it() -> None:
    stand = faulty_at(2.0)
    stand.inbox.items = [KeyDown(1.0, 60, 80), Stopped(2.0)]
    stand.loop.run()
    assert stand.loop.failure is not None
    assert not stand.sounding


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


@dataclass
class Wire:
    """What goes out of a stand comes in again after a delay, on an input."""

    stand: Stand
    delay_s: float
    source: int = 2
    is_cut: bool = False
    taken: int = 0

    def play(self, *stamped: tuple[float, str], source: int = 1) -> None:
        """What a player plays, among what comes back."""
        for at, message in stamped:
            self.run_until(at)
            self.stand.receive((at, message), source=source)

    def run_until(self, at: float) -> None:
        while (back := self._next()) is not None and back[0] <= at:
            self.stand.run_until(back[0])
            self.taken += 1
            if not self.is_cut:
                self.stand.receive((back[0], back[1].hex()), source=self.source)
            assert self.taken < 2000, "it goes round for ever"
        self.stand.run_until(at)

    def _next(self) -> tuple[float, bytes] | None:
        sent = self.stand.output.sent
        return None if self.taken >= len(sent) else (sent[self.taken][0] + self.delay_s, sent[self.taken][1])


EIGHT = tuple(
    (10.0 + place * 0.2 + after, f"{status} {60 + place:02x} {velocity:02x}")
    for place, velocity in enumerate((80, 71, 64, 90, 85, 77, 66, 93))
    for after, status in ((0.0, "90"), (0.15, "80"))
)


@pytest.mark.parametrize("delay_s", [0.003, 0.02, 0.05, 0.084, 0.2, 0.5])
@pytest.mark.parametrize("source", [1, 2])
def test_a_loop_however_long_is_proven_broken_and_said(delay_s: float, source: int) -> None:
    stand = Stand()
    said: list[tuple[int, float | None]] = []
    stand.loop.on_loop = lambda *loop: said.append(loop)
    cable = Wire(stand, delay_s, source)
    cable.play(*EIGHT)
    cable.run_until(40.0)
    strikes = [message for message in stand.output.messages if message[0] == 0x90 and message[2]]
    assert len(strikes) <= 8 + 2 * (4 + delay_s / 0.2)  # and not 716
    assert all(place == source and delay == pytest.approx(delay_s) for place, delay in said)
    assert said or delay_s < 0.03
    assert not stand.sounding
    assert not stand.loop.state.hands.held.pitches
    before = len(stand.output.messages)
    cable.play(*((at + 40.0, message) for at, message in EIGHT))
    cable.run_until(51.62)
    played = [message for message in stand.output.messages[before:] if message[0] in (0x80, 0x90)]
    assert [message.hex() for message in played] == [bytes.fromhex(message).hex() for _, message in EIGHT]


def test_the_answer_is_not_cut_short_by_a_loop() -> None:
    stand = Stand(thru=False)
    cable = Wire(stand, 0.084, 2)
    cable.play(*CALL)
    cable.run_until(30.0)
    assert len([message for message in stand.output.messages if message[0] == 0x91 and message[2]]) == 3
    assert [turned.state.phase for turned in stand.seen].count(Phase.ANSWERING) > 3


def test_a_controller_that_goes_round_stops_and_stands_where_it_was_put_last() -> None:
    stand = Stand()
    cable = Wire(stand, 0.02)
    cable.play(*((10.0 + place * 0.005, f"b0 0b {place:02x}") for place in range(60)))
    cable.run_until(20.0)
    assert len(stand.output.messages) < 200
    turned = [message for message in stand.output.messages if message[:2].hex() == "b00b"]
    cable.play((21.0, "b0 0b 05"))
    cable.run_until(22.0)
    assert stand.output.messages[-1].hex() == "b00b05"
    assert turned[-1][2] == 59


def test_a_clock_that_goes_round_is_broken_too() -> None:
    stand = Stand()
    cable = Wire(stand, 0.02)
    cable.play(*((10.0 + place * 0.0208, "f8") for place in range(96)))
    cable.run_until(20.0)
    assert 96 <= len([message for message in stand.output.messages if message[0] == 0xF8]) < 140


def test_a_loop_that_is_taken_away_is_over_and_then_nothing_is_left_out() -> None:
    stand = Stand()
    said: list[tuple[int, float | None]] = []
    stand.loop.on_loop = lambda *loop: said.append(loop)
    cable = Wire(stand, 0.1, 1)
    cable.play(*EIGHT)
    cable.run_until(20.0)
    cable.is_cut = True
    cable.play(*((at + 20.0, message) for at, message in EIGHT), *((at + 30.0, m) for at, m in EIGHT))
    assert [delay is None for _, delay in said] == [False, True]
    before = len(stand.output.messages)
    cable.play(*((at + 50.0, message) for at, message in EIGHT))
    assert len([message for message in stand.output.messages[before:] if message[0] in (0x80, 0x90)]) == 16


@pytest.mark.parametrize(
    "messages",
    [
        ["b0 40 7f", "b0 40 00", "b0 40 7f", "b0 40 00"],  # a switch that bounces
        ["b0 0b 10", "b0 0b 11", "b0 0b 10"],
        ["e0 00 40", "e0 10 40", "e0 00 40"],
        ["d0 10", "d0 00", "d0 10", "d0 00"],
        ["c0 05", "c0 06", "c0 05"],
        ["90 3c 50", "80 3c 40", "90 3c 50", "80 3c 40"],  # four fingers on one key
    ],
)
@pytest.mark.parametrize("apart_s", [0.001, 0.005, 0.012, 0.02])
def test_nothing_that_the_player_does_is_taken_for_an_echo(messages: list[str], apart_s: float) -> None:
    stand = Stand()
    stand.receive(*((1.0 + place * apart_s, message) for place, message in enumerate(messages)))
    assert [message.hex(" ") for message in stand.output.messages] == messages
    assert stand.loop.echoes == 0


def test_a_pedal_that_bounces_is_up_in_the_end_and_the_phrase_is_answered() -> None:
    stand = Stand()
    bounce = ("b0 40 7f", "b0 40 00", "b0 40 7f", "b0 40 00")
    stand.receive(
        *CALL[:3], *((10.3 + place * 0.004, message) for place, message in enumerate(bounce)), CALL[3]
    )
    stand.run_until(30.0)
    assert any(message[0] == 0x91 for message in stand.output.messages)


def test_a_steady_pattern_is_no_loop_though_nothing_of_it_is_ever_another() -> None:
    """A sequencer, or a keyboard without velocity: it looks like a loop, and the probe shows it is none."""
    stand = Stand()
    pattern = [(10.0 + place * 0.125, "90 3c 64" if place % 2 == 0 else "80 3c 40") for place in range(400)]
    stand.receive(*pattern)
    played = [message for message in stand.output.messages if message[0] in (0x90, 0x80)]
    assert len(played) == 400
    probes = [message for message in stand.output.messages if message[0] not in (0x90, 0x80)]
    assert 0 < len(probes) <= 12  # ever more seldom


def test_two_inputs_with_the_same_notes_sound_once_and_are_no_loop() -> None:
    stand = Stand()
    said: list[object] = []
    stand.loop.on_loop = lambda *loop: said.append(loop)
    for at, message in EIGHT:
        stand.receive((at, message), source=1)
        stand.receive((at + 0.002, message), source=2)
    played = [message for message in stand.output.messages if message[0] in (0x90, 0x80) and message[1] >= 60]
    assert len(played) == 16
    assert not said


APART = tuple((at, message[:-2] + "40") for at, message in EIGHT)  # of a keyboard with one velocity


@pytest.mark.parametrize("apart_s", [0.0, 0.01, 0.029])
def test_two_keyboards_of_one_velocity_strike_a_key_at_once_and_it_sounds_until_both_let_go(
    apart_s: float,
) -> None:
    stand = Stand()
    said: list[object] = []
    stand.loop.on_loop = lambda *loop: said.append(loop)
    stand.receive(*APART, source=1)
    stand.receive((13.0, "90 48 40"), source=1)
    stand.receive((13.0 + apart_s, "90 48 40"), source=2)
    stand.receive((13.5, "80 48 40"), source=1)
    assert stand.sounding == {(0, 72)}
    stand.receive((14.0, "80 48 40"), source=2)
    assert not stand.sounding
    assert stand.loop.echoes == 0
    assert not said


def test_a_short_loop_that_is_made_while_it_is_played_is_broken_at_its_first_note() -> None:
    stand = Stand()
    said: list[tuple[int, float | None]] = []
    stand.loop.on_loop = lambda *loop: said.append(loop)
    cable = Wire(stand, 0.01, is_cut=True)
    cable.play(*APART)
    cable.is_cut = False
    cable.play((13.0, "90 48 40"))
    cable.run_until(13.05)
    assert said == [(2, pytest.approx(0.01))]
    cable.play((13.5, "80 48 40"))
    assert not stand.sounding
    assert stand.output.messages.count(b"\x90\x48\x40") == 2


def test_a_release_that_comes_after_a_later_moment_is_passed_on_as_it_came_too() -> None:
    stand = Stand()
    stand.receive((2.0, "90 3c 50"), (1.9, "90 3c 00"))
    assert stand.output.messages[-1].hex(" ") == "90 3c 00"


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


def test_a_wish_for_a_model_goes_where_it_is_heeded_and_how_it_came_out_to_those_who_watch() -> None:
    stand, wished = Stand(), []
    loop = Loop(
        stand.clock,
        stand.inbox,
        Outputs([stand.output]),
        PromptDesk(stand.answerer, stand.clock, stand.inbox.put),
        stand.controls,
        [stand.seen.append],
        wish_model=wished.append,
    )
    loop.take(ModelWished(5.0, "mine"))
    assert (wished, stand.seen, stand.output.messages) == (["mine"], [], [])
    stands = ModelStands(5.1, "mine", "mine.onnx", "cpu", "models/mine.onnx")
    loop.take(stands)
    assert [(turned.event, turned.actions) for turned in stand.seen] == [(stands, ())]


@pytest.mark.parametrize("how", ["program", "controller", "button"])
def test_the_next_model_is_a_command_like_others(how: str) -> None:
    stand, wished = Stand(), []
    controls = Controls(stand.rules, {"next-model": 80}, {4: "next-model"})
    desk = PromptDesk(stand.answerer, stand.clock, stand.inbox.put)
    loop = Loop(stand.clock, stand.inbox, Outputs(), desk, controls, wish_model=wished.append)
    if how == "button":
        loop.take(Pressed(1.0, "next-model"))
    else:
        stand.clock.set(1.0)
        message = bytes.fromhex("c004" if how == "program" else "b0507f")
        loop.take(Incoming(1.0, 1, message))
    assert wished == ["next"]


def test_a_model_that_comes_while_an_answer_sounds_leaves_no_note_hanging_and_answers_next() -> None:
    stand = Stand()
    stand.receive(*CALL)
    while stand.loop.state.phase is not Phase.ANSWERING:
        stand.loop.take(stand.inbox.next(stand.loop.alarm))
    stand.desk.change(ScriptedAnswerer([(0.01, 40, 0.2), (0.5, 41, 0.2)], name="other"))
    stand.run_until(20.0)
    stand.receive(*((at + 20.0, message) for at, message in CALL))
    stand.run_until(60.0)
    answers = [message[1] for message in stand.output.messages if message[0] == 0x91]
    assert answers == [60, 64, 67, 40, 41]
    assert not stand.sounding


def lost(messages: list[bytes], from_place: int, until_place: int) -> list[bytes]:
    """What arrives over a link that loses every release among these."""
    return [
        message
        for place, message in enumerate(messages)
        if not (from_place <= place < until_place and message[0] & 0xF0 == 0x80)
    ]


def test_after_a_cut_in_every_key_of_the_answer_is_released_again_and_once_more() -> None:
    stand = Stand(ScriptedAnswerer([(0.01, 60, 5.0), (0.4, 64, 5.0), (0.8, 67, 0.1)]))
    stand.receive(*CALL)
    while wire.released(1, 67) not in stand.output.messages:
        stand.loop.take(stand.inbox.next(stand.loop.alarm))
    begin, now = len(stand.output.messages), stand.clock.now()
    stand.receive((now + 0.5, "90 30 50"))
    end = len(stand.output.messages)
    assert sounding_after(lost(stand.output.messages, 0, end)) >= {(1, 60), (1, 64), (1, 67)}
    stand.run_until(now + 2.0)
    assert {key for key in sounding_after(lost(stand.output.messages, begin, end)) if key[0] == 1} == set()
    again = [message for message in stand.output.messages[end:] if message[0] & 0xF0 == 0x80]
    assert again == [wire.released(1, 60), wire.released(1, 64), wire.released(1, 67)] * 2
    assert stand.loop._repeats.at is None


def test_a_key_that_the_player_holds_by_then_on_the_same_channel_is_not_released() -> None:
    stand = Stand(ScriptedAnswerer([(0.01, 60, 5.0), (0.4, 64, 5.0)]), Rules(shares_channel=True))
    stand.receive(*CALL)
    while len(stand.loop.state.agenda.sounding) < 2:
        stand.loop.take(stand.inbox.next(stand.loop.alarm))
    now = stand.clock.now()
    stand.receive((now + 1.0, "90 30 50"), (now + 1.05, "90 40 50"))
    stand.run_until(now + 2.0)
    assert stand.sounding == {(0, 0x30), (0, 64)}


def test_a_program_change_that_is_a_command_is_one_and_others_are_passed_on() -> None:
    stand = Stand(programs={4: "endless"})
    stand.receive((1.0, "c0 04"), (1.1, "c0 05"))
    assert stand.controls.rules.mode is Mode.ENDLESS
    assert [message.hex(" ") for message in stand.output.messages] == ["c0 05"]


def test_muted_in_the_middle_of_an_answer_it_falls_silent_at_once() -> None:
    stand = Stand()
    stand.receive(*CALL)
    stand.run_until(11.2)
    assert stand.sounding
    stand.loop.take(Pressed(stand.clock.now(), "mute"))
    assert not stand.sounding


def test_turned_to_thru_what_is_played_leads_nowhere() -> None:
    stand = Stand()
    stand.loop.take(ControlMoved(9.0, "mode", "thru"))
    stand.receive(*CALL)
    stand.run_until(30.0)
    assert [message.hex(" ") for message in stand.output.messages] == [message for _, message in CALL]
    assert stand.heard == []


def test_endlessly_the_scripted_answer_comes_again_and_again_until_a_key_goes_down() -> None:
    stand = Stand(rules=Rules(mode=Mode.ENDLESS))
    stand.receive(*CALL)
    stand.run_until(20.0)
    assert isinstance(stand.answerer, ScriptedAnswerer)
    assert len(stand.answerer.requests) > 4
    assert [request.turn for request in stand.answerer.requests] == list(
        range(1, len(stand.answerer.requests) + 1)
    )
    stand.receive((20.0, "90 3c 50"))
    assert stand.sounding == {(0, 60)}
    assert stand.loop.state.phase is Phase.CALLING


def clocked(stand: Stand, at: float, beats: float, tempo: float = 120.0) -> None:
    """A clock ticks into the loop, while time goes on."""
    for tick in range(round(beats * 24)):
        moment = at + tick * 60 / tempo / 24
        stand.run_until(moment)
        stand.receive((moment, "f8"))


def test_bars_are_traded_by_somebody_elses_clock_from_its_start_on() -> None:
    stand = Stand(rules=Rules(mode=Mode.BARS, bars=1, tempo=60.0))
    clocked(stand, 5.0, 1.1)
    stand.receive((9.99, "fa"))
    clocked(stand, 10.0, 0.5)
    stand.receive((10.25, "90 3c 50"))  # a little late: the bar line was at 10
    clocked(stand, 10.25 + 1 / 48, 3.45)
    assert stand.loop.state.phase is Phase.CALLING
    clocked(stand, 12.0, 1.0)
    assert stand.loop.state.phase is Phase.ANSWERING
    assert stand.controls.rules.tempo == pytest.approx(120.0, abs=1.0)


def test_where_the_clock_stops_the_answer_does() -> None:
    stand = Stand()
    stand.receive((9.0, "fa"), *CALL)
    stand.run_until(11.2)
    assert stand.sounding
    stand.receive((11.25, "fc"))
    assert not stand.sounding
    assert stand.loop.state.phase is Phase.WAITING


def test_where_the_clock_s_ticks_cease_it_is_said_once_and_the_answer_goes_on_without_bar_lines() -> None:
    stand, gone = Stand(), list[float]()
    stand.loop.on_clock_gone = lambda rules: gone.append(rules.tempo)
    stand.receive((7.0, "fa"), *((7.0 + tick / 48, "f8") for tick in range(96)))
    stand.receive(*CALL)
    assert stand.controls.rules.bar_line == 7.0
    stand.run_until(11.2)
    assert gone == [pytest.approx(120.0)]
    assert stand.controls.rules.bar_line is None
    assert stand.sounding  # with a stop that was said, the answer would be over
    stand.run_until(30.0)
    assert len(gone) == 1


def test_the_next_controller_that_is_moved_is_learnt_and_moves_its_control_from_then_on() -> None:
    stand = Stand()
    stand.loop.take(LearnWished(1.0, "temperature"))
    stand.receive((1.1, "b0 40 7f"), (1.2, "b0 40 00"))  # the pedal is played on meanwhile
    stand.receive((1.3, "b0 15 20"))
    assert [turned.event for turned in stand.seen if isinstance(turned.event, Learnt)] == [
        Learnt(1.3, "temperature", 21)
    ]
    assert stand.controls.rules.knobs.temperature == 1.0
    stand.receive((1.4, "b0 15 00"), (1.5, "b0 01 7f"))
    assert stand.controls.rules.knobs.temperature == 0.0
    passed_on = [message.hex(" ") for message in stand.output.messages]
    assert passed_on == ["b0 40 7f", "b0 40 00", "b0 01 7f"]  # the wheel is free again


def test_a_controller_that_moved_something_else_says_that_it_does_so_no_more() -> None:
    stand = Stand()
    stand.loop.take(LearnWished(1.0, "freeze"))
    stand.receive((1.3, "b0 01 20"))
    (learnt,) = [turned.event for turned in stand.seen if isinstance(turned.event, Learnt)]
    assert learnt == Learnt(1.3, "freeze", 1, "temperature")
    assert "moves freeze now, and temperature no longer" in learnt.text
    stand.loop.take(LearnWished(2.0, "freeze"))
    stand.receive((2.3, "b0 01 20"))
    assert [turned.event for turned in stand.seen if isinstance(turned.event, Learnt)][1:] == [
        Learnt(2.3, "freeze", 1)
    ]


def test_what_was_learnt_is_forgotten_when_asked_to_and_controllers_move_what_they_did() -> None:
    stand = Stand()
    stand.loop.take(LearnWished(1.0, "freeze"))
    stand.receive((1.3, "b0 01 20"))
    stand.loop.take(LearnWished(2.0, "none"))
    stand.receive((2.3, "b0 01 7f"))
    assert stand.controls.rules.knobs.temperature == 2.0
    assert [turned.event for turned in stand.seen if isinstance(turned.event, Unlearnt)] == [Unlearnt(2.0)]


def test_what_is_no_control_is_not_learnt() -> None:
    stand = Stand()
    stand.loop.take(LearnWished(1.0, "warmth"))
    stand.receive((1.3, "b0 15 20"))
    assert not [turned for turned in stand.seen if isinstance(turned.event, Learnt)]


def test_an_answer_of_a_single_note_sounds_though_its_end_comes_before_it_is_due() -> None:
    stand = Stand(ScriptedAnswerer([(0.01, 40, 0.2)]))
    stand.receive(*CALL)
    stand.run_until(30.0)
    answer = [message.hex(" ") for message in stand.output.messages if message[0] & 0x0F == 1]
    assert answer[:2] == ["91 28 46", "81 28 40"]


def test_where_the_clock_stops_the_answer_waits_if_it_shall_and_goes_on_with_it() -> None:
    stand = Stand(rules=Rules(pause=Pause.FROZEN))
    stand.receive((9.0, "fa"), *CALL)
    stand.run_until(11.3)
    assert stand.sounding
    stand.receive((11.31, "fc"))
    assert not stand.sounding
    stand.run_until(20.0)
    assert stand.loop.state.phase is Phase.ANSWERING
    struck = [message[1] for message in stand.output.messages if message[0] == 0x91]
    stand.receive((20.0, "fb"))
    stand.run_until(30.0)
    after = [message[1] for message in stand.output.messages if message[0] == 0x91]
    assert (struck, after) == ([60], [60, 64, 67])
    assert not stand.sounding
