"""Keys and pedals that stay down: lost releases, two keyboards, and the model's channel. No time passes."""

from math import inf

import pytest

from music.notes import NoteOff, NoteOn, Pedal
from realtime.performer.actions import (
    Action,
    AskForAnswer,
    KeepBack,
    LiftPedal,
    PassLate,
    PassOn,
    PlayNote,
    Silence,
    StopNote,
    TurnChanged,
    WakeAt,
)
from realtime.performer.events import HandOverNow, KeyDown, KeyUp, Panic, PedalMoved, Woke
from realtime.performer.phases import Phase, Reason
from realtime.performer.rules import Rules
from realtime.performer.state import is_shown_as_held
from tests.support.performing import Performing, answering, stretch, struck

LOST = [*struck([60, 62]), KeyDown(10.5, 55, 80)]  # and its release never comes


def passed(actions: list[Action]) -> list[object]:
    return [action.event for action in actions if isinstance(action, PassOn | PassLate)]


# A release that was lost.


def test_a_panic_forgets_all_that_is_held_and_ends_it_on_the_synth() -> None:
    performing = Performing()
    performing.take(*LOST, PedalMoved(10.6, 127))
    done = performing.take(Panic(11.0))
    assert passed(done) == [KeyUp(11.0, 55), PedalMoved(11.0, 0)]
    assert [action.channel for action in done if isinstance(action, Silence)] == [0, 1]
    performing.take(*struck([64, 65], at=20.0))
    performing.wake()
    assert performing.phase is Phase.ASKING  # 55 is not waited for


def test_a_key_that_is_held_with_nothing_else_happening_is_shown() -> None:
    performing = Performing()
    performing.take(*LOST)
    assert performing.state.wake_at == 13.5
    assert not is_shown_as_held(performing.state, performing.rules)
    performing.wake()
    assert is_shown_as_held(performing.state, performing.rules)
    assert performing.state.hands.held.pitches == (55,)
    performing.take(KeyDown(14.0, 67, 80))
    assert not is_shown_as_held(performing.state, performing.rules)


def test_after_a_limit_the_phrase_is_answered_without_it() -> None:
    performing = Performing(Rules(longest_hold_s=8.0))
    performing.take(*LOST)
    performing.wake_until(18.5)
    assert performing.all(TurnChanged)[-1] == TurnChanged(18.5, Phase.ASKING, Reason.HELD_TOO_LONG)
    request = performing.all(AskForAnswer)[0].request
    assert [event.pitch for event in request.call if isinstance(event, NoteOn)] == [60, 62, 55]
    assert request.call[-1] == NoteOff(11.5, 55)
    assert request.gap_at_least_s == 7.0
    assert KeyUp not in [
        type(event) for event in passed(performing.actions[-4:])
    ]  # it may be held on purpose


def test_what_was_given_up_is_not_waited_for_in_the_phrases_that_follow() -> None:
    performing = Performing(Rules(longest_hold_s=8.0))
    performing.take(*LOST)
    performing.wake_until(18.5)
    performing.take(*struck([67, 69], at=20.0), HandOverNow(20.5))
    performing.take(*struck([67, 69, 71], at=30.0))
    performing.wake()
    assert performing.phase is Phase.ASKING
    assert performing.all(TurnChanged)[-1].reason is Reason.SILENCE_LASTED


def test_a_key_that_is_struck_again_is_waited_for_again() -> None:
    performing = Performing(Rules(longest_hold_s=8.0))
    performing.take(*LOST)
    performing.wake_until(18.5)
    performing.take(KeyDown(20.0, 55, 80), Woke(22.0))
    assert performing.phase is Phase.CALLING
    assert performing.state.quiet_since is None


def test_a_pedal_whose_lift_was_lost_is_waited_for_no_longer_either() -> None:
    performing = Performing(Rules(longest_hold_s=8.0))
    performing.take(PedalMoved(9.0, 127), *struck([60, 62, 64]))
    performing.wake_until(20.0)
    assert performing.all(TurnChanged)[-1].reason is Reason.HELD_TOO_LONG
    assert performing.all(AskForAnswer)[0].request.call[-1] == Pedal(pytest.approx(11.7), False)
    performing.take(HandOverNow(31.0), *struck([60, 62, 64], at=40.0))
    performing.wake()
    assert performing.all(TurnChanged)[-1].reason is Reason.SILENCE_LASTED


def test_without_a_limit_it_is_shown_and_waited_for_for_ever() -> None:
    performing = Performing(Rules(longest_hold_s=inf))
    performing.take(*LOST)
    performing.wake()
    assert is_shown_as_held(performing.state, performing.rules)
    assert performing.state.wake_at is None
    assert performing.take(Woke(1e6)) == []


# The same key on two keyboards.


def test_a_key_on_two_keyboards_sounds_until_both_let_go() -> None:
    performing = Performing()
    performing.take(KeyDown(10.0, 60, 80, source=1), KeyDown(10.5, 60, 70, source=2))
    first = KeyUp(11.0, 60, source=1)
    assert performing.take(first)[0] == KeepBack(11.0, first)
    done = performing.take(KeyUp(12.0, 60, source=2, velocity=9))
    # As many releases as strikes: a synth may count.
    assert passed(done) == [KeyUp(12.0, 60, source=2, velocity=9), KeyUp(12.0, 60, source=1)]


def test_the_release_of_a_key_that_only_another_keyboard_holds_ends_nothing() -> None:
    performing = Performing()
    performing.take(KeyDown(10.0, 60, 80, source=1))
    assert passed(performing.take(KeyUp(10.5, 60, source=2))) == []
    assert passed(performing.take(KeyUp(11.0, 60, source=1))) == [KeyUp(11.0, 60, source=1)]


def test_a_pedal_stays_down_while_another_of_its_channel_is() -> None:
    performing = Performing()
    performing.take(PedalMoved(10.0, 127, source=1), PedalMoved(10.0, 127, source=2))
    assert passed(performing.take(PedalMoved(11.0, 0, source=1))) == []
    assert passed(performing.take(PedalMoved(12.0, 0, source=2))) == [PedalMoved(12.0, 0, source=2)]


def test_on_other_channels_they_are_other_keys() -> None:
    performing = Performing()
    performing.take(KeyDown(10.0, 60, 80, source=1), KeyDown(10.0, 60, 80, channel=1, source=2))
    assert len(passed(performing.take(KeyUp(11.0, 60, source=1)))) == 1


# The player's pedal and the model's channel.


def test_the_model_plays_on_a_channel_that_the_player_has_never_used() -> None:
    performing = Performing()
    performing.take(PedalMoved(9.0, 127, channel=1), PedalMoved(9.0, 0, channel=2))  # a layered controller
    performing.take(*struck([60, 62, 64]), HandOverNow(11.0))
    performing.take(stretch(performing, (0.0, 64, 1.0)))
    assert {note.channel for note in performing.all(PlayNote)} == {2}


def test_where_no_channel_is_left_the_next_is_taken() -> None:
    performing = Performing()
    performing.take(*(KeyDown(9.0, 60, 80, channel=channel) for channel in range(1, 16)))
    performing.take(KeyDown(9.5, 60, 80), HandOverNow(11.0))
    performing.take(stretch(performing, (0.0, 64, 1.0)))
    assert {note.channel for note in performing.all(PlayNote)} == {1}


@pytest.mark.parametrize("depth", [40, 127])
def test_the_pedal_is_lifted_on_the_channel_that_the_model_plays_on(depth: int) -> None:
    performing = Performing(Rules(channel=1))
    performing.take(PedalMoved(9.0, depth, channel=1), *struck([60, 62, 64]), HandOverNow(11.0))
    done = performing.take(stretch(performing, (0.0, 64, 9.0)))
    kinds = [type(action) for action in done if isinstance(action, LiftPedal | PlayNote)]
    assert kinds == [LiftPedal, PlayNote]
    trod = PedalMoved(performing.state.now + 0.2, 90, channel=1)
    assert performing.take(trod)[0] == KeepBack(trod.at, trod)
    done = performing.take(KeyDown(performing.state.now + 0.3, 72, 90))
    sent = [action for action in done if isinstance(action, StopNote | PassOn | PassLate)]
    assert [type(action) for action in sent] == [StopNote, PassLate, PassOn]
    assert passed(done)[0] == PedalMoved(performing.state.now, 90, channel=1)  # as the player has it


def test_a_pedal_that_was_lifted_meanwhile_is_not_put_down_again() -> None:
    performing = Performing(Rules(channel=1))
    performing.take(PedalMoved(9.0, 127, channel=1), *struck([60, 62, 64]), HandOverNow(11.0))
    performing.take(stretch(performing, (0.0, 64, 0.5), is_over=True))
    performing.take(PedalMoved(performing.state.now + 0.1, 0, channel=1))
    before = len(performing.actions)
    performing.wake_until(30.0)
    assert performing.phase is Phase.WAITING
    assert passed(performing.actions[before:]) == []


def test_on_a_shared_channel_the_pedal_is_the_player_s_own() -> None:
    performing = Performing(Rules(shares_channel=True))
    performing.take(*struck([60, 62, 64]), PedalMoved(10.9, 127), HandOverNow(11.0))
    performing.take(stretch(performing, (0.0, 64, 9.0)))
    assert not performing.all(LiftPedal)
    trod = PedalMoved(performing.state.now + 0.2, 0)
    assert performing.take(trod)[0] == PassOn(trod.at, trod)


def test_while_a_key_is_held_the_alarm_is_set_for_showing_it() -> None:
    performing = Performing()
    assert WakeAt(13.0) in performing.take(KeyDown(10.0, 60, 80))


def test_a_panic_in_the_answer_gives_the_pedal_up_too() -> None:
    performing = answering()
    performing.take(PedalMoved(performing.state.now + 0.1, 127), Panic(performing.state.now + 0.2))
    assert performing.state.hands.depth_on(0) == 0
