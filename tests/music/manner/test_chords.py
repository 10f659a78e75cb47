"""Chords: notes that are struck nearly together, the tune above them, and the gaps between them."""

import pytest

from music.manner.chords import TOGETHER_S, chords_of, gaps_between, tune_of
from music.notes import Note
from tests.support.passages import chords, tune


def test_notes_struck_together_are_one_chord_low_to_high() -> None:
    (one,) = chords_of(chords((67, 60, 64)).notes)
    assert one.pitches == (60, 64, 67)
    assert one.at == 0.0
    assert one.until == pytest.approx(0.45)


def test_a_spread_chord_is_one_as_long_as_each_note_is_near_the_first() -> None:
    spread = chords((48, 60, 64), spread_s=0.4 * TOGETHER_S)
    assert [chord.pitches for chord in chords_of(spread.notes)] == [(48, 60, 64)]
    further = chords((48, 60, 64), spread_s=0.6 * TOGETHER_S)
    assert [chord.pitches for chord in chords_of(further.notes)] == [(48, 60), (64,)]


def test_a_key_that_is_struck_twice_at_once_is_one_pitch() -> None:
    assert chords_of([Note(0.0, 60, 64, 0.1), Note(0.01, 60, 64, 0.5)])[0].pitches == (60,)


def test_the_tune_is_the_highest_note_of_each_chord() -> None:
    assert tune_of(chords_of(chords((48, 64), (50,), (43, 59, 67)).notes)) == [64, 50, 67]


def test_gaps_lie_between_chords_and_one_chord_has_none() -> None:
    assert gaps_between(chords_of(chords((60, 64), (62, 65), (64, 67), spread_s=0.01).notes)) == [0.5, 0.5]
    assert gaps_between(chords_of(tune([60]).notes)) == []
    assert chords_of([]) == []
