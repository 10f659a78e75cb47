"""Proves that loss is counted as it says: pairs, what is lost, what is invented, against which reference."""

import pytest

from music.beats import TempoMap
from music.encodings.character import CharacterEncoding
from music.encodings.chord import ChordEncoding
from music.encodings.roll_token import RollTokenEncoding
from music.notes import Note, Pedal
from music.phrase import Phrase
from music.tokens.loss import compare, loss_of


def notes(*onsets: float, pitch: int = 60) -> tuple[Note, ...]:
    return tuple(Note(at, pitch, 64, 0.1) for at in onsets)


def test_nothing_changed_is_no_loss() -> None:
    loss = compare(notes(0.0, 1.0), notes(0.0, 1.0))
    assert (loss.notes, loss.lost, loss.invented, loss.onset_error_ms, loss.lost_share) == (2, 0, 0, 0, 0)


def test_a_note_that_vanished_does_not_take_the_place_of_its_neighbour() -> None:
    loss = compare(notes(0.0, 0.2, 0.4), notes(0.21, 0.41))
    assert loss.lost == 1
    assert loss.onset_error_max_ms == pytest.approx(10)


def test_a_note_half_a_second_off_is_lost_and_another_invented() -> None:
    loss = compare(notes(0.0), notes(0.51))
    assert (loss.lost, loss.invented) == (1, 1)


def test_a_note_of_another_pitch_is_another_note() -> None:
    loss = compare(notes(0.0), notes(0.0, pitch=61))
    assert (loss.lost, loss.invented) == (1, 1)


def test_errors_are_means_over_the_notes_that_came_back() -> None:
    were = (Note(0.0, 60, 60, 1.0), Note(1.0, 62, 60, 1.0), Note(2.0, 64, 60, 1.0))
    came = (Note(0.1, 60, 70, 1.0), Note(1.0, 62, 60, 1.5))
    loss = compare(were, came)
    assert loss.onset_error_ms == pytest.approx(50)
    assert loss.onset_error_max_ms == pytest.approx(100)
    assert loss.length_error_ms == pytest.approx(250)
    assert loss.velocity_error == pytest.approx(5)
    assert loss.lost_share == pytest.approx(1 / 3)


def test_silence_is_no_loss() -> None:
    assert compare((), ()).record() == {
        "notes": 0,
        "outside_the_piano": 0,
        "lost": 0,
        "invented": 0,
        "onset_error_ms": 0.0,
        "onset_error_max_ms": 0.0,
        "length_error_ms": 0.0,
        "velocity_error": 0.0,
        "lost_share": 0.0,
    }


def test_an_encoding_that_takes_keys_as_held_is_not_blamed_for_the_pedal() -> None:
    under_pedal = Phrase.of([Note(0.0, 60, 64, 1.0)], [Pedal(0.0, True), Pedal(9.0, False)])
    assert loss_of(RollTokenEncoding(frequency=1.0), under_pedal).length_error_ms == pytest.approx(0)


def test_an_encoding_in_beats_is_not_blamed_for_the_tempo_that_it_plays_at() -> None:
    slow = Phrase.of(notes(0.0, 10.0, 20.0), tempo=TempoMap.steady(30))
    loss = loss_of(CharacterEncoding(), slow)
    assert (loss.lost, loss.onset_error_ms) == (0, 0)


def test_an_encoding_in_c_is_not_blamed_for_the_key() -> None:
    in_d = Phrase.of(Note(place, 62 + step, 64, 1.0) for place, step in enumerate((0, 4, 7, 12)))
    assert loss_of(ChordEncoding(), in_d).lost == 0
    assert loss_of(ChordEncoding(tonic=7), in_d).lost == 0


def test_an_open_encoding_that_learnt_nothing_learns_the_piece_first() -> None:
    phrase = Phrase.of(notes(0.0, 1.0))
    assert loss_of(RollTokenEncoding(), phrase).lost == 0
    assert loss_of(RollTokenEncoding(learnt=("61",)), phrase).lost == 2


@pytest.mark.parametrize("count", [1, 5, 40])
def test_what_came_back_late_as_a_whole_is_that_late_for_every_note(count: int) -> None:
    onsets = [place * 1.0 for place in range(count)]
    loss = compare(notes(*onsets), notes(*[at + 0.05 for at in onsets]))
    assert (loss.lost, loss.invented) == (0, 0)
    assert loss.onset_error_ms == pytest.approx(50)
    assert loss.onset_error_max_ms == pytest.approx(50)


def test_the_nearest_are_paired_first_whatever_the_order() -> None:
    loss = compare(notes(0.0, 0.3), notes(0.29, 0.3 + 0.4))
    assert (loss.lost, loss.invented) == (
        1,
        1,
    )  # 0.29 is paired with 0.3, and the other two lie too far apart
    assert loss.onset_error_ms == pytest.approx(10)


def test_more_notes_than_there_were_are_invented() -> None:
    loss = compare(notes(0.0), notes(0.0, 0.1, 0.2))
    assert (loss.notes, loss.lost, loss.invented, loss.lost_share) == (1, 0, 2, 0.0)


def test_notes_outside_the_piano_are_counted() -> None:
    were = (Note(0.0, 20, 64, 0.1), Note(0.0, 21, 64, 0.1), Note(0.0, 108, 64, 0.1), Note(0.0, 109, 64, 0.1))
    assert compare(were, were).outside_the_piano == 2
