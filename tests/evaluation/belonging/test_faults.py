"""Gross faults, one by one: an answer has the one that it was given, and no other."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from evaluation.belonging.faults import FAULTS, SILENT, Answered, faults_of
from music.manner.features import features_of
from music.notes import Note
from music.phrase import Phrase
from tests.support.passages import SCALE, at_moments, chords, rubato, tune

CALL = tune([*SCALE, *SCALE[-2::-1]], velocity=60)


def answered(answer: Phrase, first_s: float | None = 0.5, call: Phrase = CALL) -> Answered:
    return Answered(call, answer, features_of(call.notes), features_of(answer.notes), first_s)


def changed(change: Callable[[Note], Note]) -> Phrase:
    return Phrase.of(map(change, CALL.notes))


def sped_up(factor: float) -> Phrase:
    """As many times as fast, and its pulse kept: every beat of the call's has that many notes."""
    return Phrase.of(
        Note(note.at + part * 0.5 / factor, note.pitch + part, 60, 0.45 / factor)
        for note in CALL.notes
        for part in range(round(factor))
    )


def test_the_call_itself_has_no_fault() -> None:
    assert faults_of(answered(CALL)) == []
    assert answered(CALL).in_key == 1


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("out of key", changed(lambda note: replace(note, pitch=note.pitch + 1))),
        ("register", changed(lambda note: replace(note, pitch=note.pitch + 24))),
        ("loudness", changed(lambda note: replace(note, velocity=91))),
        ("loudness", changed(lambda note: replace(note, velocity=39))),
        ("texture", changed(lambda note: replace(note, length_s=0.4 * note.length_s))),
        ("repetition", tune([60, 62, 62, 64, 65, 65, 67, 69, 71, 71, 72, 71, 69, 67])),
    ],
)
def test_an_answer_has_the_fault_that_it_was_given_and_no_other(fault: str, answer: Phrase) -> None:
    assert faults_of(answered(answer)) == [fault]


@pytest.mark.parametrize(
    "answer",
    [
        changed(lambda note: replace(note, pitch=note.pitch + 11)),
        changed(lambda note: replace(note, velocity=90)),
        changed(lambda note: replace(note, velocity=41)),
        changed(lambda note: replace(note, length_s=0.55 * note.length_s)),
    ],
    ids=["eleven semitones", "half as loud again", "two thirds as loud", "half as long"],
)
def test_what_is_just_within_a_bound_is_no_fault_of_that_kind(answer: Phrase) -> None:
    assert set(faults_of(answered(answer))) <= {"out of key"}


def test_three_times_as_dense_is_a_fault_and_as_sparse() -> None:
    assert "density" in faults_of(answered(sped_up(3)))
    assert "density" in faults_of(answered(CALL, call=sped_up(3)))


def test_another_pulse_is_a_fault() -> None:
    free = Phrase.of(
        replace(note, at=at, length_s=0.45) for note, at in zip(CALL.notes, rubato(15, 0.41), strict=True)
    )
    assert faults_of(answered(free)) == ["pulse"]


def test_ten_notes_at_once_are_a_cluster() -> None:
    nine, ten = (chords(tuple(range(55, 55 + count)), *[(60,)] * 3) for count in (9, 10))
    assert "cluster" not in faults_of(answered(nine))
    assert "cluster" in faults_of(answered(ten))


def test_two_seconds_in_which_nothing_sounds_are_a_silence() -> None:
    for rest_s, silent in ((1.9, False), (2.0, True)):
        answer = at_moments([0.0, 0.5, 1.0, 1.1 + rest_s, 1.6 + rest_s])
        assert ("silence" in faults_of(answered(answer))) is silent


@pytest.mark.parametrize(("first_s", "late"), [(None, False), (1.49, False), (1.5, True)])
def test_an_answer_that_comes_a_second_and_a_half_after_the_call_is_late(
    first_s: float | None, late: bool
) -> None:
    assert faults_of(answered(CALL, first_s)) == (["late"] if late else [])


def test_no_note_is_a_fault_of_its_own() -> None:
    assert faults_of(None) == [SILENT]


def test_every_fault_that_is_found_is_one_that_is_described() -> None:
    worst = Phrase.of(Note(place * 3.0, 21 + pitch, 127, 0.01) for place in range(4) for pitch in range(12))
    found = faults_of(answered(worst, 9.0))
    assert len(found) > 6
    assert set(found) < FAULTS.keys()
