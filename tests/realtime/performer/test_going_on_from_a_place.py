"""Going on from a place in a take: what stands before it counts as just played, whenever somebody goes on."""

import pytest

from music.notes import KeyEvent, NoteOff, NoteOn, Pedal
from realtime.performer.actions import AskForAnswer, StopNote, TurnChanged
from realtime.performer.events import Forgot, HandOverNow, KeyDown, Panic, TookUp
from realtime.performer.offers import Offer, offer_in
from realtime.performer.phases import Phase, Reason
from realtime.performer.state import FRESH
from tests.support.performing import Performing, answering

CALL: tuple[KeyEvent, ...] = (NoteOn(-2.0, 60, 80), NoteOff(-1.5, 60), NoteOn(-1.0, 64, 70))
ANSWER = (NoteOn(-0.5, 67, 60), NoteOff(-0.25, 67), NoteOn(-0.125, 72, 50))


def moments(call: tuple[KeyEvent, ...], now: float) -> list[tuple[float, type]]:
    return [(event.at - now, type(event)) for event in call]


@pytest.fixture
def at_a_place() -> Performing:
    performing = Performing()
    performing.take(TookUp(100.0, CALL))
    return performing


def test_it_waits_there_for_as_long_as_it_takes(at_a_place: Performing) -> None:
    assert at_a_place.phase is Phase.WAITING
    assert at_a_place.state.wake_at is None
    assert offer_in(at_a_place.state) is Offer.ANSWER
    assert [change.reason for change in at_a_place.all(TurnChanged)] == [Reason.TAKEN_UP]


def test_a_key_goes_on_with_the_phrase_as_if_no_time_had_passed(at_a_place: Performing) -> None:
    at_a_place.take(KeyDown(130.0, 65, 80))
    assert at_a_place.phase is Phase.CALLING
    assert at_a_place.all(TurnChanged)[-1].reason is Reason.CALL_GOES_ON
    assert moments(at_a_place.state.call, 130.0) == [
        (-2.0, NoteOn),
        (-1.5, NoteOff),
        (-1.0, NoteOn),
        (0.0, NoteOff),
        (0.0, NoteOn),
    ]


def test_a_hand_over_answers_the_phrase_as_far_as_the_place(at_a_place: Performing) -> None:
    at_a_place.take(HandOverNow(150.0))
    (asked,) = at_a_place.all(AskForAnswer)
    assert moments(asked.request.call, 150.0)[0] == (-2.0, NoteOn)
    assert asked.request.attempt == 0
    assert asked.request.length_s == pytest.approx(2.0)
    assert asked.request.starts_after == 150.0


def test_within_an_answer_a_hand_over_goes_on_with_it_and_a_key_cuts_in() -> None:
    place = TookUp(100.0, CALL, ANSWER)
    handing_over, playing = Performing(), Performing()
    handing_over.take(place, HandOverNow(110.0))
    (asked,) = handing_over.all(AskForAnswer)
    assert [event.pitch for event in asked.request.call if isinstance(event, NoteOn)] == [60, 64, 67, 72]
    assert isinstance(asked.request.call[-1], NoteOff)
    playing.take(place, KeyDown(110.0, 48, 80))
    assert playing.all(TurnChanged)[-1].reason is Reason.CALL_BEGAN
    assert playing.state.call == (NoteOn(110.0, 48, 80),)


def test_another_answer_is_to_the_same_place(at_a_place: Performing) -> None:
    at_a_place.take(HandOverNow(150.0), Panic(151.0), HandOverNow(160.0))
    first, second = at_a_place.all(AskForAnswer)
    assert first.request.call == second.request.call
    assert (first.request.attempt, second.request.attempt) == (0, 1)


def test_what_sounds_of_an_answer_ends_first() -> None:
    performing = answering()
    done = performing.take(TookUp(performing.state.now + 0.1, CALL))
    assert any(isinstance(action, StopNote) for action in done)
    assert performing.sounding() == set()


def test_the_pedal_of_the_take_is_lifted_at_the_place() -> None:
    performing = Performing()
    performing.take(TookUp(100.0, (Pedal(-2.5, True), *CALL)), KeyDown(101.0, 65, 80))
    assert Pedal(101.0, False) in performing.state.call


def test_from_the_very_beginning_there_is_nothing_to_answer() -> None:
    performing = answering()
    performing.take(TookUp(performing.state.now + 0.1, ()))
    assert offer_in(performing.state) is Offer.NO_CALL


def test_forgotten_the_place_is_left(at_a_place: Performing) -> None:
    at_a_place.take(Forgot(101.0), KeyDown(102.0, 65, 80))
    assert at_a_place.state.call == (NoteOn(102.0, 65, 80),)
    assert at_a_place.state.taken_up_at is FRESH.taken_up_at
