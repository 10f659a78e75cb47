"""A split keyboard: one part is the call, the other only passes through, whoever has the turn."""

from dataclasses import replace

import pytest

from music.notes import NoteOn
from realtime.performer.actions import AskForAnswer, KeepBack, PassOn, PlayNote, StopNote, TurnChanged
from realtime.performer.events import HandOverNow, KeyDown, KeyUp, Panic, PedalMoved
from realtime.performer.phases import Phase
from realtime.performer.player.split import UNSPLIT, Split, split_said
from realtime.performer.rules import DEFAULT_RULES, Rules
from tests.support.performing import Performing, answering, struck

RIGHT_HAND = Rules(split=Split(60))
LOW = 40  # a key of the other part


@pytest.mark.parametrize(
    ("text", "calls", "passes"),
    [("C4-up", (60, 100), (59, 0)), ("59-down", (59, 0), (60, 127)), ("none", (0, 127), ())],
)
def test_a_text_says_which_keys_are_the_call(
    text: str, calls: tuple[int, ...], passes: tuple[int, ...]
) -> None:
    split = split_said(text)
    assert split is not None
    assert all(split.calls(pitch) for pitch in calls)
    assert not any(split.calls(pitch) for pitch in passes)
    assert split_said(split.text) == split


@pytest.mark.parametrize("text", ["", "C4", "H4-up", "C4-left", "128-up", "-up"])
def test_what_says_no_split_is_none(text: str) -> None:
    assert split_said(text) is None


def test_low_keys_are_passed_on_and_are_no_phrase() -> None:
    performing = Performing(RIGHT_HAND)
    performing.take(KeyDown(1.0, LOW, 80), KeyUp(1.5, LOW), KeyDown(2.0, LOW, 80))
    assert performing.phase is Phase.WAITING
    assert len(performing.all(PassOn)) == 3
    performing.take(HandOverNow(3.0))
    assert performing.phase is Phase.WAITING


def test_a_low_key_that_is_held_does_not_keep_the_answer_waiting_nor_is_it_answered() -> None:
    performing = Performing(RIGHT_HAND)
    performing.take(KeyDown(9.5, LOW, 80), *struck([60, 62, 64, 65]), KeyDown(11.0, LOW + 3, 80))
    performing.wake_until(20.0)
    (asked,) = performing.all(AskForAnswer)
    assert {note.pitch for note in asked.request.call if isinstance(note, NoteOn)} == {60, 62, 64, 65}


def test_what_the_pedal_keeps_of_low_keys_is_not_waited_for_either() -> None:
    performing = Performing(RIGHT_HAND)
    performing.take(*struck([60, 62, 64, 65]))
    performing.take(PedalMoved(11.0, 127), KeyDown(11.0, LOW, 80), KeyUp(11.1, LOW))
    performing.wake_until(20.0)
    assert performing.all(AskForAnswer)


def test_low_keys_cut_no_answer_short_and_high_ones_do() -> None:
    performing = answering(RIGHT_HAND)
    performing.take(KeyDown(performing.state.now + 1.0, LOW, 80))
    assert performing.sounding()
    performing.take(KeyDown(performing.state.now + 1.1, 72, 80))
    assert performing.phase is Phase.CALLING
    assert not performing.sounding()


def test_the_model_s_note_ends_before_the_same_key_is_struck_on_its_channel() -> None:
    performing = answering(Rules(split=Split(61), shares_channel=True))
    done = performing.take(KeyDown(performing.state.now + 0.1, 60, 80))
    assert [type(action) for action in done][:2] == [StopNote, PassOn]
    assert performing.phase is Phase.ANSWERING
    struck_after = len(performing.all(PlayNote))
    performing.wake_until(performing.state.now + 1.0)
    assert len(performing.all(PlayNote)) > struck_after


def test_a_key_counts_as_it_was_struck_wherever_the_split_is_by_then() -> None:
    performing = Performing(RIGHT_HAND)
    performing.take(KeyDown(1.0, LOW, 80))
    performing.rules = DEFAULT_RULES
    performing.take(KeyUp(2.0, LOW))
    assert not performing.all(TurnChanged)
    performing.take(KeyDown(3.0, LOW, 80))
    assert performing.phase is Phase.CALLING
    performing.rules = RIGHT_HAND
    performing.take(KeyUp(3.2, LOW))
    performing.wake_until(20.0)
    assert performing.all(AskForAnswer)


def test_a_panic_and_a_lost_release_leave_no_low_key_sounding() -> None:
    performing = Performing(RIGHT_HAND)
    performing.take(KeyDown(1.0, LOW, 80))
    done = performing.take(Panic(2.0))
    assert [action.event.pitch for action in done if isinstance(action, PassOn)] == [LOW]  # type: ignore[union-attr]


def test_two_keyboards_may_hold_a_low_key() -> None:
    performing = Performing(RIGHT_HAND)
    performing.take(
        KeyDown(1.0, LOW, 80, source=1), KeyDown(1.1, LOW, 80, source=2), KeyUp(1.2, LOW, source=1)
    )
    assert len(performing.all(KeepBack)) == 1


def test_a_whole_keyboard_is_no_split() -> None:
    assert UNSPLIT.text == "none"
    assert replace(DEFAULT_RULES, split=UNSPLIT) == DEFAULT_RULES
