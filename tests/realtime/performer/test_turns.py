"""Whose turn it is, event by event: the hand-over, the answer and the ways that end it. No time passes."""

from math import inf

import pytest

from music.notes import NoteOff, NoteOn
from realtime.knobs import Knobs
from realtime.performer.actions import (
    AskForAnswer,
    AskForMore,
    PassOn,
    PlayNote,
    Silence,
    StopNote,
    TurnChanged,
    WakeAt,
)
from realtime.performer.events import (
    EVENTS,
    AnswerCame,
    AnswerFailed,
    HandOverNow,
    InputLost,
    KeyDown,
    KeyUp,
    OutputLost,
    Panic,
    PedalMoved,
    Stopped,
    Woke,
)
from realtime.performer.phases import Phase, Reason
from realtime.performer.rules import Rules
from realtime.performer.sound.limits import Limits
from realtime.performer.turns import TABLE
from tests.support.performing import Performing, answering, asking, stretch, struck


def reasons(performing: Performing) -> list[Reason]:
    return [changed.reason for changed in performing.all(TurnChanged)]


def test_every_phase_has_a_row_for_every_event() -> None:
    assert set(TABLE) == set(Phase)
    for phase, rows in TABLE.items():
        assert set(rows) == set(EVENTS), phase
        for event, row in rows.items():
            assert row.does, (phase, event)
            assert row.to, (phase, event)


# The player's turn.


def test_a_note_is_passed_on_at_once_and_begins_a_phrase() -> None:
    performing = Performing()
    done = performing.take(KeyDown(10.0, 60, 80))
    assert done[0] == PassOn(10.0, KeyDown(10.0, 60, 80))
    assert performing.phase is Phase.CALLING


def test_no_alarm_is_set_while_a_key_is_held() -> None:
    performing = Performing(Rules(hold_shown_s=inf, longest_hold_s=inf))
    performing.take(*struck([60, 62, 64]), KeyDown(10.75, 65, 80))
    held = performing.take(Woke(60.0))
    assert performing.phase is Phase.CALLING
    assert not any(isinstance(action, WakeAt) for action in held)


def test_no_alarm_is_set_while_the_pedal_holds_a_note() -> None:
    performing = Performing(Rules(hold_shown_s=inf, longest_hold_s=inf))
    performing.take(PedalMoved(9.0, 127), *struck([60, 62, 64]), Woke(60.0))
    assert performing.phase is Phase.CALLING
    performing.take(PedalMoved(61.0, 0))
    woken = performing.wake()
    assert TurnChanged(performing.state.now, Phase.ASKING, Reason.SILENCE_LASTED) in woken


def test_a_pedal_that_holds_nothing_does_not_delay_the_answer() -> None:
    performing = Performing()
    performing.take(*struck([60, 62, 64]), PedalMoved(10.71, 127))
    performing.wake()
    assert performing.phase is Phase.ASKING


def test_half_a_pedal_below_the_switch_point_holds_nothing() -> None:
    performing = Performing()
    performing.take(PedalMoved(9.0, 63), *struck([60, 62, 64]))
    performing.wake()
    assert performing.phase is Phase.ASKING


def test_keys_of_two_keyboards_are_held_apart() -> None:
    performing = Performing()
    performing.take(
        KeyDown(10.0, 60, 80, source=1), KeyDown(10.0, 60, 80, source=2), KeyUp(10.1, 60, source=1)
    )
    assert performing.state.quiet_since is None
    performing.take(KeyUp(10.2, 60, source=2))
    assert performing.state.quiet_since == 10.2


def test_an_alarm_that_rings_early_is_set_again() -> None:
    performing = Performing()
    performing.take(*struck([60, 62, 64, 65]))
    due = performing.state.wake_at
    assert due is not None
    assert WakeAt(due) in performing.take(Woke(due - 0.1))
    performing.wake()
    assert performing.phase is Phase.ASKING


def test_an_alarm_that_rings_late_still_hands_over() -> None:
    performing = Performing()
    performing.take(*struck([60, 62, 64, 65]), Woke(99.0))
    assert performing.phase is Phase.ASKING


def test_a_note_in_the_silence_keeps_the_turn() -> None:
    performing = Performing()
    performing.take(*struck([60, 62, 64, 65]))
    due = performing.state.wake_at
    assert due is not None
    performing.take(KeyDown(due - 0.01, 67, 80), Woke(due))
    assert performing.phase is Phase.CALLING


# The request.


def test_the_request_holds_the_call_with_the_silence_that_has_passed() -> None:
    performing = asking()
    (asked,) = performing.all(AskForAnswer)
    request = asked.request
    assert [event.pitch for event in request.call if isinstance(event, NoteOn)] == [60, 62, 64, 65]
    assert request.starts_after == performing.state.now
    assert request.gap_at_least_s == pytest.approx(performing.state.now - 10.95)
    assert (request.ticket, request.turn, request.attempt) == (1, 1, 0)


def test_keys_held_at_a_hand_over_by_hand_are_closed_in_the_request_but_not_released() -> None:
    performing = Performing()
    performing.take(KeyDown(10.0, 60, 80), KeyDown(10.5, 64, 80), HandOverNow(11.0))
    (asked,) = performing.all(AskForAnswer)
    assert asked.request.call[-2:] == (NoteOff(11.0, 60), NoteOff(11.0, 64))
    assert not performing.all(StopNote)
    assert all(isinstance(action.event, KeyDown) for action in performing.all(PassOn))


@pytest.mark.parametrize(
    ("rules", "length_s"),
    [
        (Rules(), 10.2),
        (Rules(knobs=Knobs(length=0.5)), 5.1),
        (Rules(longest_answer_s=4.0), 4.0),
        (Rules(shortest_answer_s=20.0, longest_answer_s=30.0), 20.0),
    ],
)
def test_the_answer_is_as_long_as_the_call_within_bounds(rules: Rules, length_s: float) -> None:
    performing = Performing(rules)
    performing.take(*struck([60 + place % 12 for place in range(41)]))
    performing.wake()
    assert performing.all(AskForAnswer)[0].request.length_s == pytest.approx(length_s)


def test_a_note_before_the_answer_sounds_goes_on_with_the_same_phrase() -> None:
    performing = asking()
    old_ticket = performing.state.ticket
    performing.take(*struck([67], at=12.0))
    assert reasons(performing)[-1] is Reason.CALL_GOES_ON
    performing.take(AnswerCame(12.3, old_ticket, (NoteOn(12.3, 70, 80),), 13.0, False))
    assert performing.phase is Phase.CALLING
    performing.wake()
    call = performing.all(AskForAnswer)[-1].request.call
    assert [event.pitch for event in call if isinstance(event, NoteOn)] == [60, 62, 64, 65, 67]


def test_asked_again_while_waiting_the_same_call_gets_another_attempt() -> None:
    performing = asking()
    performing.take(stretch(performing, (0.0, 60, 0.5), is_over=True))
    performing.wake_until(30.0)
    assert performing.phase is Phase.WAITING
    performing.take(HandOverNow(40.0))
    first, again = (asked.request for asked in performing.all(AskForAnswer))
    assert (again.call, again.turn, again.gap_at_least_s) == (first.call, first.turn, first.gap_at_least_s)
    assert (again.attempt, again.starts_after, again.ticket) == (1, 40.0, 2)


def test_hand_over_with_nothing_played_does_nothing() -> None:
    performing = Performing()
    assert performing.take(HandOverNow(1.0)) == []
    assert performing.phase is Phase.WAITING


# The model's turn.


def test_the_answer_plays_on_the_channel_after_the_players() -> None:
    performing = Performing()
    performing.take(KeyDown(1.0, 60, 80, channel=4), KeyUp(1.2, 60, channel=4), HandOverNow(1.3))
    performing.take(stretch(performing, (0.0, 60, 0.5)))
    assert performing.all(PlayNote)[0].channel == 5


def test_the_channel_after_the_players_is_never_the_drums() -> None:
    performing = Performing()
    performing.take(KeyDown(1.0, 60, 80, channel=8), KeyUp(1.2, 60, channel=8), HandOverNow(1.3))
    performing.take(stretch(performing, (0.0, 60, 0.5)))
    assert performing.all(PlayNote)[0].channel == 10


@pytest.mark.parametrize(
    ("rules", "channel"), [(Rules(channel=0), 0), (Rules(channel=9), 9), (Rules(shares_channel=True), 0)]
)
def test_the_channel_can_be_chosen(rules: Rules, channel: int) -> None:
    assert answering(rules).all(PlayNote)[0].channel == channel


@pytest.mark.parametrize(("loudness", "velocity"), [(1.0, 70), (0.5, 48), (4.0, 106), (0.001, 1), (1e9, 127)])
def test_loudness_moves_velocities_within_what_midi_knows(loudness: float, velocity: int) -> None:
    assert answering(Rules(knobs=Knobs(loudness=loudness))).all(PlayNote)[0].velocity == velocity


def test_however_loud_it_is_turned_nothing_is_louder_than_the_limit() -> None:
    rules = Rules(knobs=Knobs(loudness=4.0), limits=Limits(loudest=40))
    assert {note.velocity for note in answering(rules).all(PlayNote)} == {40}


def test_a_first_onset_in_the_past_moves_the_whole_answer() -> None:
    performing = asking()
    now = performing.state.now
    events = (NoteOn(now - 1.0, 60, 70), NoteOff(now - 0.5, 60))
    performing.take(AnswerCame(now + 0.2, performing.state.ticket, events, now + 2.0, True))
    performing.wake_until(now + 9.0)
    (played,), (stopped,) = performing.all(PlayNote), performing.all(StopNote)
    assert played.at == played.due == now + 0.2
    assert stopped.at == pytest.approx(now + 0.7)


def test_what_comes_a_little_late_plays_at_once_and_keeps_the_rest_in_time() -> None:
    performing = answering()
    due = performing.state.wake_at
    assert due is not None
    performing.take(Woke(due + 0.02))
    late = performing.all(PlayNote)[-1]
    assert (late.at, late.due) == (due + 0.02, due)
    assert performing.state.agenda.delay_s == pytest.approx(0.0, abs=1e-3)


def test_what_comes_far_too_late_moves_the_rest_instead_of_hurrying() -> None:
    performing = answering()
    first, second = performing.state.agenda.queue[0], performing.state.agenda.queue[1]
    performing.take(Woke(first.at + 3.0))
    assert performing.all(PlayNote)[-1].pitch == first.pitch
    assert performing.state.wake_at == pytest.approx(second.at + 3.0)


def test_the_next_stretch_is_asked_for_before_the_last_runs_out() -> None:
    rules = Rules(look_ahead_s=1.0, ask_again_s=0.5)
    performing = asking(rules)
    began = performing.state.now
    performing.take(stretch(performing, (0.0, 60, 0.2), (0.9, 62, 0.3), covers_s=1.0))
    performing.wake_until(began + 0.6)
    (more,) = performing.all(AskForMore)
    assert began + 0.5 <= more.at < began + 0.6
    assert more.until == pytest.approx(began + 2.0)
    performing.wake_until(began + 0.95)
    assert len(performing.all(AskForMore)) == 1  # not again while it is under way


def test_a_stretch_of_rest_is_waited_out() -> None:
    performing = asking()
    performing.take(stretch(performing, covers_s=1.5))
    assert performing.phase is Phase.ASKING
    performing.wake()
    assert performing.all(AskForMore)
    performing.take(stretch(performing, (1.0, 60, 0.2), is_over=True))
    performing.wake_until(performing.state.now + 9.0)
    assert reasons(performing)[-2:] == [Reason.ANSWER_BEGAN, Reason.ANSWER_ENDED]


def test_an_answer_without_notes_gives_the_turn_back() -> None:
    performing = asking()
    performing.take(stretch(performing, is_over=True))
    assert reasons(performing)[-1] is Reason.ANSWER_EMPTY
    assert performing.phase is Phase.WAITING


def test_a_note_without_a_release_is_released_when_the_answer_is_over() -> None:
    performing = asking()
    now = performing.state.now
    performing.take(AnswerCame(now, performing.state.ticket, (NoteOn(now + 0.1, 60, 70),), now + 1.0, True))
    performing.wake_until(now + 9.0)
    assert [stop.at for stop in performing.all(StopNote)] == [now + 1.0]


def test_no_note_begins_after_the_answers_length_and_none_rings_on() -> None:
    rules = Rules(shortest_answer_s=2.0, longest_answer_s=2.0, closing_s=1.0)
    performing = asking(rules)
    began = performing.state.now
    notes = [(0.1 + 0.5 * place, 60 + place, 30.0) for place in range(40)]
    performing.take(stretch(performing, *notes, covers_s=60.0))
    performing.wake_until(began + 99.0)
    assert max(note.at for note in performing.all(PlayNote)) < began + 2.2
    assert max(stop.at for stop in performing.all(StopNote)) == pytest.approx(began + 3.1, abs=0.01)
    assert performing.phase is Phase.WAITING
    assert not performing.sounding()


def test_a_note_longer_than_the_guard_is_released() -> None:
    performing = asking(Rules(longest_note_s=2.0, shortest_answer_s=20.0))
    began = performing.state.now
    performing.take(stretch(performing, (0.0, 60, 60.0), (1.0, 62, 60.0), covers_s=60.0))
    performing.wake_until(began + 4.0)
    stops = performing.all(StopNote)
    assert [round(stop.at - began, 2) for stop in stops] == [2.0, 3.0]


def test_a_key_struck_again_is_released_first_and_only_once() -> None:
    performing = asking()
    now = performing.state.now
    events = (
        NoteOn(now + 0.1, 60, 70),
        NoteOn(now + 0.3, 60, 75),
        NoteOff(now + 0.5, 60),
        NoteOff(now + 0.7, 60),
    )
    performing.take(AnswerCame(now, performing.state.ticket, events, now + 1.0, True))
    performing.wake_until(now + 9.0)
    played = [(type(a), a.id) for a in performing.actions if isinstance(a, PlayNote | StopNote)]
    assert played == [(PlayNote, 1), (StopNote, 1), (PlayNote, 2), (StopNote, 2)]


# Cutting in, and everything else that ends an answer.


def test_the_first_note_silences_the_answer_before_it_is_passed_on() -> None:
    performing = answering()
    done = performing.take(KeyDown(performing.state.now + 1.2, 72, 90))
    kinds = [type(action) for action in done]
    assert kinds.index(StopNote) < kinds.index(PassOn)
    assert not performing.sounding()
    assert reasons(performing)[-1] is Reason.CUT_IN


def test_a_cut_in_silences_with_the_pedal_down() -> None:
    performing = answering()
    performing.take(PedalMoved(performing.state.now + 0.7, 127))
    assert performing.phase is Phase.ANSWERING
    performing.take(KeyDown(performing.state.now + 1.2, 72, 90))
    assert not performing.sounding()


def test_the_players_pedal_never_goes_to_the_models_channel() -> None:
    performing = answering()
    performing.take(PedalMoved(performing.state.now + 0.1, 127))
    model_channels = {note.channel for note in performing.all(PlayNote)}
    assert {passed.event.channel for passed in performing.all(PassOn)}.isdisjoint(model_channels)


def test_answer_arriving_after_a_cut_in_is_dropped() -> None:
    performing = answering()
    ticket = performing.state.ticket
    performing.take(KeyDown(performing.state.now + 1.0, 72, 90))
    late = performing.take(stretch(performing, (0.0, 50, 1.0), ticket=ticket))
    assert late == []
    assert performing.phase is Phase.CALLING


def test_an_old_ticket_changes_nothing_while_a_new_answer_plays() -> None:
    performing = answering()
    before = performing.state
    done = performing.take(stretch(performing, (0.0, 50, 1.0), ticket=performing.state.ticket - 1))
    assert done == []
    assert performing.state.agenda == before.agenda


def test_a_cut_in_right_after_the_first_note_goes_on_with_the_phrase_and_makes_us_patient() -> None:
    performing = answering()
    performing.take(*struck([67], at=performing.state.now + 0.2), HandOverNow(performing.state.now + 2.0))
    call = performing.all(AskForAnswer)[-1].request.call
    assert [event.pitch for event in call if isinstance(event, NoteOn)] == [60, 62, 64, 65, 67]
    assert performing.state.pace.caution > 1.0


def test_a_cut_in_later_begins_a_phrase_of_its_own() -> None:
    performing = answering()
    performing.take(*struck([67], at=performing.state.now + 1.5), HandOverNow(performing.state.now + 2.0))
    call = performing.all(AskForAnswer)[-1].request.call
    assert [event.pitch for event in call if isinstance(event, NoteOn)] == [67]


def test_letting_go_during_the_answer_does_not_cut_it() -> None:
    performing = Performing()
    performing.take(KeyDown(10.0, 60, 80), HandOverNow(11.0))
    performing.take(stretch(performing, (0.0, 64, 1.0)), KeyUp(11.5, 60))
    assert performing.phase is Phase.ANSWERING
    assert PassOn(11.5, KeyUp(11.5, 60)) in performing.actions


def test_on_a_shared_channel_the_model_leaves_held_keys_alone() -> None:
    performing = Performing(Rules(shares_channel=True))
    performing.take(KeyDown(10.0, 60, 80), HandOverNow(11.0))
    performing.take(stretch(performing, (0.0, 60, 0.3), (0.1, 64, 0.3), is_over=True))
    performing.wake_until(30.0)
    assert {note.pitch for note in performing.all(PlayNote)} == {64}
    assert {stop.pitch for stop in performing.all(StopNote)} == {64}


def test_on_its_own_channel_the_model_may_play_a_key_that_the_player_holds() -> None:
    performing = Performing()
    performing.take(KeyDown(10.0, 60, 80), HandOverNow(11.0))
    performing.take(stretch(performing, (0.0, 60, 0.3), is_over=True))
    performing.wake_until(30.0)
    assert [(stop.pitch, stop.channel) for stop in performing.all(StopNote)] == [(60, 1)]


def test_panic_ends_what_is_known_first_and_then_silences_every_channel_played_on() -> None:
    performing = Performing()
    performing.take(KeyDown(10.0, 60, 80), HandOverNow(11.0))
    done = performing.take(stretch(performing, (0.0, 64, 5.0)), Panic(11.5))
    assert not performing.sounding()
    ending = [type(action) for action in done if isinstance(action, StopNote | PassOn | Silence)]
    assert ending == [StopNote, PassOn, Silence, Silence]
    assert performing.all(Silence) == [Silence(11.5, 0), Silence(11.5, 1)]
    assert performing.phase is Phase.WAITING


def test_after_a_panic_the_last_phrase_gets_another_answer() -> None:
    performing = answering()
    performing.take(Panic(performing.state.now + 0.1), HandOverNow(performing.state.now + 1.0))
    first, again = (asked.request for asked in performing.all(AskForAnswer))
    assert (again.call, again.turn, again.attempt) == (first.call, first.turn, 1)
    assert reasons(performing)[-1] is Reason.ASKED_AGAIN


def test_a_phrase_that_a_panic_broke_off_gets_its_first_answer_by_hand() -> None:
    performing = answering()
    performing.take(*struck([72, 74], at=20.0), Panic(20.5))
    assert performing.phase is Phase.WAITING
    assert performing.state.wake_at is None
    performing.take(HandOverNow(30.0))
    request = performing.all(AskForAnswer)[-1].request
    assert [event.pitch for event in request.call if isinstance(event, NoteOn)] == [72, 74]
    assert (request.turn, request.attempt, request.starts_after) == (2, 0, 30.0)
    assert request.gap_at_least_s == pytest.approx(0.05)
    assert reasons(performing)[-1] is Reason.HANDED_OVER


def test_keys_of_a_lost_keyboard_are_let_go_and_others_are_not() -> None:
    performing = Performing()
    performing.take(
        KeyDown(10.0, 60, 80, source=1), PedalMoved(10.0, 127, source=1), KeyDown(10.0, 64, 80, source=2)
    )
    done = performing.take(InputLost(11.0, source=1))
    assert [action.event for action in done if isinstance(action, PassOn)] == [
        KeyUp(11.0, 60, source=1),
        PedalMoved(11.0, 0, source=1),
    ]
    assert performing.phase is Phase.CALLING  # the other keyboard still holds a key


def test_a_phrase_broken_off_by_a_lost_keyboard_is_not_answered() -> None:
    performing = Performing()
    performing.take(*struck([60, 62]), KeyDown(11.0, 64, 80), InputLost(11.2, source=0))
    assert performing.phase is Phase.WAITING
    assert performing.state.wake_at is None


@pytest.mark.parametrize("lost", [InputLost(12.0, source=0), OutputLost(12.0)])
def test_a_lost_port_silences_the_answer(lost: InputLost | OutputLost) -> None:
    performing = answering()
    performing.take(lost)
    assert not performing.sounding()
    assert performing.phase is Phase.WAITING


def test_a_failed_answer_gives_the_turn_back_and_the_next_phrase_is_answered() -> None:
    performing = asking()
    performing.take(AnswerFailed(performing.state.now, performing.state.ticket, "broken"))
    assert reasons(performing)[-1] is Reason.ANSWER_FAILED
    performing.take(*struck([60, 62], at=20.0))
    performing.wake()
    assert performing.phase is Phase.ASKING


def test_the_failure_of_an_old_request_is_ignored() -> None:
    performing = answering()
    assert performing.take(AnswerFailed(performing.state.now, performing.state.ticket - 1, "broken")) == []
    assert performing.phase is Phase.ANSWERING


def test_an_answer_that_never_comes_is_waited_for_with_patience_then_given_up() -> None:
    performing = asking(Rules(patience_s=3.0))
    asked_at = performing.state.now
    performing.wake()
    assert performing.state.now == pytest.approx(asked_at + 3.0)
    assert reasons(performing)[-1] is Reason.ANSWER_OVERDUE


def test_stopping_lets_go_of_everything_the_players_notes_too() -> None:
    performing = Performing()
    performing.take(KeyDown(10.0, 60, 80), PedalMoved(10.1, 127), HandOverNow(11.0))
    performing.take(stretch(performing, (0.0, 64, 5.0)), Stopped(11.5))
    assert not performing.sounding()
    assert performing.all(PassOn)[-2:] == [
        PassOn(11.5, KeyUp(11.5, 60)),
        PassOn(11.5, PedalMoved(11.5, 0)),
    ]
    assert performing.phase is Phase.CLOSED


def test_once_put_away_nothing_happens_any_more() -> None:
    performing = Performing()
    performing.take(Stopped(1.0))
    assert performing.take(KeyDown(2.0, 60, 80), Panic(3.0), Woke(4.0), HandOverNow(5.0)) == []


def test_an_event_stamped_before_the_last_one_counts_as_happening_now() -> None:
    performing = Performing()
    performing.take(KeyDown(10.0, 60, 80))
    (passed,) = performing.take(KeyUp(9.9, 60))[:1]
    assert passed == PassOn(10.0, KeyUp(10.0, 60))


def test_a_release_whose_strike_was_lost_keeps_nobody_waiting() -> None:
    performing = Performing()
    performing.take(*struck([60, 62, 64, 65, 67]))
    performing.take(KeyUp(performing.state.now + 0.2, 90))
    performing.wake()
    assert performing.phase is Phase.ASKING
