"""How turns pass in each mode, and what is commanded in a moment. No time passes."""

from dataclasses import replace

import pytest

from music.notes import NoteOn
from realtime.knobs import DEFAULT_KNOBS, Knobs, Mode
from realtime.performer.actions import AskForAnswer, AskForMore, PlayNote, StopNote, TurnChanged
from realtime.performer.events import (
    AskedAnew,
    Forgot,
    Froze,
    HandOverNow,
    KeyDown,
    KeyUp,
    Panic,
    Woke,
)
from realtime.performer.modes import moved, register_beside
from realtime.performer.phases import Phase, Reason
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.turns import foreseen
from tests.support.performing import Performing, answering, asking, stretch, struck

BARS = Rules(mode=Mode.BARS, bars=1, beats_in_a_bar=4, tempo=120.0)  # two seconds each


def requests(performing: Performing) -> list[AskForAnswer]:
    return performing.all(AskForAnswer)


def reasons(performing: Performing) -> list[Reason]:
    return [changed.reason for changed in performing.all(TurnChanged)]


def pitches(question: AskForAnswer) -> list[int]:
    return [event.pitch for event in question.request.call if isinstance(event, NoteOn)]


def short_answer(performing: Performing, *notes: tuple[float, int, float]) -> None:
    """All of an answer, played to its end."""
    performing.take(stretch(performing, *(notes or ((0.05, 72, 0.2), (0.4, 74, 0.2))), is_over=True))
    performing.wake_until(performing.state.now + 0.9)


# Listen only, thru only.


def test_listening_only_a_phrase_is_over_unanswered_and_can_be_asked_for_by_hand() -> None:
    performing = Performing(Rules(mode=Mode.LISTEN))
    performing.take(*struck([60, 62, 64]))
    performing.wake()
    assert performing.phase is Phase.WAITING
    assert reasons(performing)[-1] is Reason.HEARD
    assert not requests(performing)
    performing.take(HandOverNow(20.0))
    assert pitches(requests(performing)[0]) == [60, 62, 64]


def test_thru_only_nothing_is_heard_and_everything_is_passed_on() -> None:
    performing = Performing(Rules(mode=Mode.THRU))
    performing.take(*struck([60, 62]), HandOverNow(12.0))
    assert performing.phase is Phase.WAITING
    assert performing.state.wake_at is None
    assert performing.state.call == ()
    assert len(performing.actions) == 4


def test_turned_to_thru_in_the_middle_of_a_phrase_the_phrase_is_dropped() -> None:
    performing = Performing()
    performing.take(KeyDown(10.0, 60, 80))
    performing.rules = Rules(mode=Mode.THRU)
    performing.take(Woke(10.1))
    assert performing.phase is Phase.WAITING
    performing.take(KeyUp(10.2, 60))
    assert performing.state.wake_at is None


# Trading bars.


def test_the_turn_passes_at_the_bar_line_though_a_key_is_held() -> None:
    performing = Performing(BARS)
    performing.take(KeyDown(10.0, 60, 80))
    assert performing.state.wake_at == 12.0
    performing.wake()
    assert performing.phase is Phase.ASKING
    assert requests(performing)[0].request.length_s == 2.0


def test_a_silence_before_the_bar_line_passes_no_turn() -> None:
    performing = Performing(BARS)
    performing.take(*struck([60, 62]))
    assert performing.state.wake_at == 12.0


def test_the_answer_begins_no_note_after_its_bars_and_the_grid_goes_on() -> None:
    performing = Performing(BARS)
    performing.take(*struck([60, 62]))
    performing.wake()
    performing.take(stretch(performing, (0.1, 72, 0.2), (1.5, 74, 0.2), (2.1, 76, 0.2), covers_s=9.0))
    performing.wake_until(14.5)
    assert [note.pitch for note in performing.all(PlayNote)] == [72, 74]
    assert performing.phase is Phase.WAITING
    performing.take(KeyDown(14.3, 60, 80))  # a little late: the grid counts
    assert performing.state.wake_at == 16.0


def test_what_hangs_over_the_bar_line_is_no_cut_in_but_a_beat_later_it_is() -> None:
    performing = Performing(BARS)
    performing.take(*struck([60, 62]))
    performing.wake()
    performing.take(stretch(performing, (0.1, 72, 1.5), covers_s=9.0))
    performing.take(KeyDown(12.3, 65, 80), KeyUp(12.4, 65))
    assert performing.phase is Phase.ANSWERING
    performing.take(KeyDown(12.6, 67, 80))
    assert performing.phase is Phase.CALLING
    assert not performing.sounding()


def test_the_answer_s_first_note_falls_on_the_bar_line_and_the_rest_keeps_its_distance() -> None:
    performing = Performing(BARS)
    performing.take(*struck([60, 62]))
    performing.wake()
    performing.take(stretch(performing, (0.7, 72, 0.2), (1.2, 74, 0.2), covers_s=9.0))
    performing.wake_until(13.9)
    assert [note.at for note in performing.all(PlayNote)] == pytest.approx([12.0, 12.5], abs=0.002)


def test_where_its_first_note_is_not_known_yet_it_is_asked_for_at_once() -> None:
    performing = Performing(BARS)
    performing.take(*struck([60, 62]))
    performing.wake()
    performing.take(stretch(performing, covers_s=0.8))
    (more,) = performing.all(AskForMore)
    assert more.at == performing.state.now == pytest.approx(12.001, abs=0.01)
    performing.take(stretch(performing, (0.9, 72, 0.2), covers_s=9.0))
    assert [note.pitch for note in performing.all(PlayNote)] == [72]


def test_in_another_tempo_the_spell_is_as_long_as_its_bars_from_where_it_began() -> None:
    performing = Performing(BARS)
    performing.take(KeyDown(10.0, 60, 80), KeyUp(10.2, 60))
    assert performing.state.wake_at == 12.0
    performing.rules = replace(BARS, tempo=96.0)
    performing.take(Woke(10.3))
    assert performing.state.wake_at == pytest.approx(12.5)
    performing.rules = replace(BARS, tempo=150.0)
    performing.take(KeyDown(11.9, 62, 80))  # it would be over: it ends where it was to
    assert performing.state.wake_at == pytest.approx(12.5)


# Endless.


def test_endlessly_each_answer_is_answered_itself_until_the_player_cuts_in() -> None:
    performing = asking(Rules(mode=Mode.ENDLESS))
    short_answer(performing)
    assert reasons(performing)[-1] is Reason.GOES_ON
    assert performing.phase is Phase.ASKING
    again = requests(performing)[1]
    assert pitches(again) == [72, 74]
    assert (again.request.turn, again.request.attempt) == (2, 0)
    short_answer(performing, (0.05, 76, 0.2))
    assert pitches(requests(performing)[2]) == [76]
    performing.take(stretch(performing, (0.05, 77, 5.0), covers_s=9.0))
    performing.wake()
    performing.take(KeyDown(performing.state.now + 1.0, 60, 80))
    assert performing.phase is Phase.CALLING
    assert not performing.sounding()
    assert [event.pitch for event in performing.state.call if isinstance(event, NoteOn)] == [60]


def test_an_endless_answer_says_how_the_knobs_stood_when_it_was_asked_for() -> None:
    higher = Knobs(register=12.0)
    performing = asking(Rules(mode=Mode.ENDLESS, knobs=higher))
    short_answer(performing)
    first, again = requests(performing)[:2]
    assert first.request.already == DEFAULT_KNOBS
    assert again.request.already == higher  # so that it is not moved an octave with each answer


def test_a_key_between_two_endless_answers_begins_a_phrase_of_its_own() -> None:
    performing = asking(Rules(mode=Mode.ENDLESS))
    short_answer(performing)
    performing.take(KeyDown(performing.state.now + 0.01, 50, 80))
    assert [event.pitch for event in performing.state.call if isinstance(event, NoteOn)] == [50]


def test_an_endless_answer_that_fails_brings_the_turn_back() -> None:
    performing = asking(Rules(mode=Mode.ENDLESS))
    short_answer(performing)
    performing.wake_until(60.0)
    assert performing.phase is Phase.WAITING


# Together.


def test_together_it_joins_in_while_the_player_still_plays_in_another_register() -> None:
    performing = Performing(Rules(mode=Mode.TOGETHER))
    performing.take(KeyDown(10.0, 72, 80), KeyUp(10.5, 72), KeyDown(11.0, 76, 80))
    assert performing.state.wake_at == 12.0
    performing.wake()
    performing.take(stretch(performing, (0.05, 74, 0.5), covers_s=9.0))
    performing.wake()
    assert [note.pitch for note in performing.all(PlayNote)] == [50]
    performing.take(KeyDown(12.2, 77, 80))
    assert performing.phase is Phase.ANSWERING
    assert performing.sounding()


def test_together_it_goes_on_with_what_was_played_meanwhile_and_rests_when_the_player_rests() -> None:
    performing = Performing(Rules(mode=Mode.TOGETHER))
    performing.take(*struck([72, 74]))
    performing.wake()
    performing.take(*struck([79], at=performing.state.now + 0.01))
    short_answer(performing)
    assert pitches(requests(performing)[1]) == [79]
    short_answer(performing)
    assert performing.phase is Phase.WAITING


@pytest.mark.parametrize(("call", "semitones"), [([72, 76], -24), ([40, 43], 24), ([], 0)])
def test_the_register_lies_whole_octaves_beside_the_players(call: list[int], semitones: int) -> None:
    events = [NoteOn(1.0, pitch, 80) for pitch in call]
    assert register_beside(events, DEFAULT_RULES) == semitones


def test_what_would_leave_the_piano_comes_back_by_octaves() -> None:
    low, high = moved((NoteOn(1.0, 25, 80),), -24), moved((NoteOn(1.0, 105, 80),), 12)
    assert (low[0].pitch, high[0].pitch) == (25, 105)


# Commands.


def test_again_breaks_an_answer_off_and_asks_for_another_of_the_same_phrase() -> None:
    performing = answering()
    done = performing.take(AskedAnew(performing.state.now + 0.1))
    assert not performing.sounding()
    (asked,) = [action for action in done if isinstance(action, AskForAnswer)]
    assert (asked.request.turn, asked.request.attempt) == (1, 1)
    assert asked.request.call == requests(performing)[0].request.call


def test_frozen_an_answer_goes_on_whatever_is_played_until_it_is_thawed() -> None:
    performing = answering()
    performing.take(Froze(performing.state.now), KeyDown(performing.state.now + 0.1, 60, 80))
    assert performing.phase is Phase.ANSWERING
    assert performing.sounding()
    performing.take(Froze(performing.state.now), KeyDown(performing.state.now + 0.1, 62, 80))
    assert performing.phase is Phase.CALLING
    assert not performing.sounding()
    assert reasons(performing)[-3:] == [Reason.FROZEN, Reason.THAWED, Reason.CUT_IN]


def test_frozen_an_answer_is_followed_by_its_own() -> None:
    performing = asking()
    performing.take(Froze(performing.state.now))
    short_answer(performing)
    assert reasons(performing)[-1] is Reason.GOES_ON


def test_muted_what_sounds_ends_and_nothing_more_is_struck_but_time_goes_on() -> None:
    performing = answering()
    performing.rules = replace(performing.rules, is_muted=True)
    performing.take(Woke(performing.state.now))
    assert not performing.sounding()
    before = len(performing.all(PlayNote))
    performing.wake_until(performing.state.now + 0.7)
    assert len(performing.all(PlayNote)) == before
    performing.rules = replace(performing.rules, is_muted=False)
    performing.wake_until(performing.state.now + 0.6)
    assert performing.all(PlayNote)[-1].pitch == 67


def test_forgotten_there_is_no_phrase_to_answer_and_no_pace() -> None:
    performing = answering()
    done = performing.take(Forgot(performing.state.now + 0.1))
    assert any(isinstance(action, StopNote) for action in done)
    assert performing.state.request is None
    assert performing.state.pace.playing.gaps == []
    performing.take(HandOverNow(performing.state.now + 1.0))
    assert performing.phase is Phase.WAITING


def test_panic_thaws() -> None:
    performing = answering()
    performing.take(Froze(performing.state.now), Panic(performing.state.now + 0.1))
    assert not performing.state.is_frozen


def test_an_answer_that_is_not_wanted_before_it_is_given_gives_way_to_the_next_best() -> None:
    performing = Performing()
    performing.take(*struck([60, 62, 64, 65]))
    performing.take(AskedAnew(performing.state.now), AskedAnew(performing.state.now))
    likely_keys = foreseen(performing.state, performing.rules)
    performing.wake()
    (asked,) = performing.all(AskForAnswer)
    assert likely_keys is not None
    assert asked.request.attempt == likely_keys.request.attempt == 2
    performing.take(Panic(performing.state.now), *struck([60, 62, 64, 65], at=performing.state.now + 5))
    performing.wake()
    assert performing.all(AskForAnswer)[-1].request.attempt == 0
