"""Where there was no time to think, what is answered is the call as its last key went down."""

from dataclasses import replace

import pytest

from music.notes import KeyEvent, NoteOff, NoteOn, Pedal
from realtime.answerers.openings.last_key import at_last_key, later_s
from realtime.performer.actions import Request

HELD: tuple[KeyEvent, ...] = (
    NoteOn(1.0, 60, 80),
    NoteOn(1.2, 62, 80),
    NoteOff(1.21, 60),
    Pedal(1.3, True),
    NoteOn(1.5, 64, 80),
)


def asked(call: tuple[KeyEvent, ...], starts_after: float) -> Request:
    return Request(1, 1, 0, call, 0.1, starts_after, 4.0)


@pytest.mark.parametrize("held_until", [1.6, 2.0, 9.0])
def test_when_the_last_keys_went_up_changes_nothing(held_until: float) -> None:
    released = (*HELD, NoteOff(held_until, 64), NoteOff(held_until, 62), Pedal(held_until, False))
    at_once = at_last_key(asked(HELD, 1.55))
    later = at_last_key(asked(released, held_until + 0.2))
    assert replace(later, starts_after=at_once.starts_after) == at_once == later


def test_all_is_let_go_after_as_long_as_the_gap_before_the_last_key() -> None:
    basis = at_last_key(asked(HELD, 1.55))
    assert basis.call[: len(HELD)] == HELD
    assert set(basis.call[len(HELD) :]) == {NoteOff(1.8, 62), NoteOff(1.8, 64), Pedal(1.8, False)}
    assert basis.starts_after == pytest.approx(1.8)


def test_a_chord_is_one_key_and_a_single_one_is_held_for_a_moment() -> None:
    chord = (NoteOn(1.0, 60, 80), NoteOn(1.4, 64, 80), NoteOn(1.405, 67, 80))
    assert at_last_key(asked(chord, 1.5)).starts_after == pytest.approx(1.405 + 0.405)
    assert 1.0 < at_last_key(asked(HELD[:1], 1.5)).starts_after < 1.5


def test_of_a_call_without_keys_nothing_changes() -> None:
    request = asked((Pedal(1.0, True), Pedal(1.2, False)), 1.5)
    assert at_last_key(request) == request


@pytest.mark.parametrize(
    ("starts_after", "first_at"),
    [(9.8, 10.1), (10.0, 10.3), (10.2, 10.3), (10.5, 10.5)],
    ids=["sooner: as soon", "then: then", "before the note: in time", "after it: at once"],
)
def test_the_first_note_keeps_its_time_while_that_is_still_to_come(
    starts_after: float, first_at: float
) -> None:
    assert 10.3 + later_s(10.3, 10.0, starts_after) == pytest.approx(first_at)
