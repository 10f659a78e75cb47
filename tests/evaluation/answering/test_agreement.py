"""How answers keep to calls: figures that a person can work out."""

from dataclasses import replace

import pytest

from evaluation.answering.agreement import agreement, density, summary
from music.notes import Note
from music.phrase import Phrase

CALL = Phrase.of(
    Note(place * 0.5, pitch, 60, 0.5) for place, pitch in enumerate((60, 64, 67, 72, 65, 69, 71, 72))
)


def test_the_call_itself_agrees_in_everything() -> None:
    found = agreement(CALL, CALL.moved(10))
    assert found is not None
    assert (found.in_key, found.density_ratio, found.velocity_ratio, found.register) == (1, 1, 1, 0)
    assert found.key_fit > 0.7


def test_a_semitone_higher_is_out_of_key() -> None:
    higher = Phrase.of(replace(note, pitch=note.pitch + 1) for note in CALL.notes)
    found = agreement(CALL, higher)
    assert found is not None
    assert found.register == 1
    assert found.in_key == pytest.approx(2 / 8)  # E and B have moved to F and C
    assert found.key_fit < 0


def test_twice_as_fast_and_half_as_loud_an_octave_up() -> None:
    faster = Phrase.of(
        Note(note.at / 2, note.pitch + 12, note.velocity // 2, note.length_s / 2) for note in CALL.notes
    )
    found = agreement(CALL, faster)
    assert found is not None
    assert found.density_ratio == pytest.approx(2)
    assert found.velocity_ratio == 0.5
    assert found.register == 12
    assert found.in_key == 1


def test_density_of_one_short_note_is_not_enormous() -> None:
    assert density(Phrase.of([Note(3.0, 60, 60, 0.01)])) == 2


def test_half_and_twice_even_out_in_the_ratio_and_are_off_by_two() -> None:
    same = agreement(CALL, CALL)
    assert same is not None
    told = summary([replace(same, density_ratio=2.0), replace(same, density_ratio=0.5), None])
    assert told["answers"] == 2
    assert told["silent"] == 1
    assert told["density_ratio"] == pytest.approx(1)
    assert told["density_off_by"] == pytest.approx(2)
    assert told["in_key_error"] == 0


def test_no_answer_has_no_figures() -> None:
    assert agreement(CALL, Phrase()) is None
    assert summary([None, None]) == {"answers": 0, "silent": 2}
