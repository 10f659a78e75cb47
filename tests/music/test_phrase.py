"""Phrases to events and back; one key sounds one note at a time; the pedal folded into lengths."""

import pytest
from hypothesis import given

from music.notes import Note, NoteOff, NoteOn, Pedal
from music.phrase import Phrase, each_key_once, events_of, pedal_folded, phrase_of
from tests.support.phrases import improvised, phrases


@given(phrases(pedal=True))
def test_events_of_a_phrase_tell_the_same_phrase(phrase: Phrase) -> None:
    again = phrase_of(events_of(phrase))
    assert again.pedals == phrase.pedals
    assert [(note.at, note.pitch, note.velocity) for note in again.notes] == [
        (note.at, note.pitch, note.velocity) for note in phrase.notes
    ]
    assert [note.length_s for note in again.notes] == pytest.approx([note.length_s for note in phrase.notes])


@given(phrases(pedal=True))
def test_events_are_in_order_of_time(phrase: Phrase) -> None:
    moments = [event.at for event in events_of(phrase)]
    assert moments == sorted(moments)


def test_a_key_struck_at_the_moment_of_its_release_is_released_first() -> None:
    events = events_of(Phrase.of([Note(0, 60, 80, 1), Note(1, 60, 90, 1)]))
    assert events[1:3] == [NoteOff(1, 60), NoteOn(1, 60, 90)]


def test_a_note_without_length_is_struck_and_released() -> None:
    assert events_of(Phrase.of([Note(1, 60, 80, 0)])) == [NoteOn(1, 60, 80), NoteOff(1, 60)]


def test_a_note_still_sounding_ends_where_its_key_is_struck_again() -> None:
    kept = each_key_once([Note(0, 60, 80, 5), Note(2, 60, 70, 1), Note(1, 62, 60, 5)])
    assert kept == [Note(0, 60, 80, 2), Note(1, 62, 60, 5), Note(2, 60, 70, 1)]


def test_of_two_notes_that_strike_one_key_at_once_the_longest_stays_with_the_greatest_velocity() -> None:
    assert each_key_once([Note(0, 60, 80, 1), Note(0, 60, 40, 2)]) == [Note(0, 60, 80, 2)]


def test_folding_lengthens_notes_to_the_lift_or_the_next_strike() -> None:
    phrase = Phrase.of(
        [Note(0.0, 60, 80, 0.5), Note(2.0, 60, 81, 0.5), Note(2.5, 64, 82, 0.1)],
        [Pedal(0.2, True), Pedal(3.0, False)],
    )
    folded = pedal_folded(phrase)
    assert [(note.pitch, note.until) for note in folded.notes] == [(60, 2.0), (60, 3.0), (64, 3.0)]
    assert folded.pedals == ()


def test_under_a_pedal_that_never_lifts_notes_end_with_the_last_event() -> None:
    phrase = Phrase.of([Note(0, 60, 80, 0.5), Note(1, 62, 80, 0.5)], [Pedal(0.1, True)])
    assert [note.until for note in pedal_folded(phrase).notes] == [1.5, 1.5]


@given(phrases(pedal=True))
def test_folding_twice_changes_nothing_more(phrase: Phrase) -> None:
    folded = pedal_folded(phrase)
    assert _near(pedal_folded(folded), folded)


def _near(a: Phrase, b: Phrase) -> bool:
    return [(note.at, note.pitch, note.velocity) for note in a.notes] == [
        (note.at, note.pitch, note.velocity) for note in b.notes
    ] and [note.until for note in a.notes] == pytest.approx([note.until for note in b.notes])


def test_moving_a_phrase_moves_its_pedal_too() -> None:
    phrase = improvised(3, pedal=True).moved(1.5)
    original = improvised(3, pedal=True)
    assert phrase.notes[0].at == original.notes[0].at + 1.5
    assert phrase.pedals[0].at == original.pedals[0].at + 1.5
    assert phrase.until == pytest.approx(original.until + 1.5)


def test_a_release_that_rounding_puts_behind_the_next_strike_does_not_cut_it_off() -> None:
    first, again = Note(0.15, 60, 64, 0.27), Note(0.42, 60, 64, 0.02)
    assert first.until > again.at  # 0.15 + 0.27 is a hair more than 0.42
    back = phrase_of(events_of(Phrase.of([first, again])))
    assert [round(note.length_s, 9) for note in back.notes] == [0.27, 0.02]
