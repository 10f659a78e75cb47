"""Distances of histograms, against sets whose notes are counted by hand."""

from dataclasses import replace

import pytest

from evaluation.likeness.histograms import distances, histograms_of
from music.notes import Note
from music.phrase import Phrase
from tests.support.phrases import improvised


def steady(*pitches: int, velocity: int = 60) -> Phrase:
    notes = [Note(0.5 * place, pitch, velocity + place % 2 * 20, 0.5) for place, pitch in enumerate(pitches)]
    return Phrase.of(notes)


def test_the_same_set_is_at_0_and_another_where_nothing_is_shared_at_1() -> None:
    here, there = histograms_of([steady(60, 62, 64, 65)]), histograms_of([steady(40, 42, 44, 45)])
    assert distances(here, here).values["distance"] == 0
    found = distances(here, there).values
    assert found["pitch_distance"] == 1
    assert found["gap_distance"] == found["length_distance"] == found["velocity_distance"] == 0
    assert found["distance"] == pytest.approx(1 / 4)


def test_half_the_notes_elsewhere_is_half_the_distance() -> None:
    one, other = histograms_of([steady(60, 62, 64, 65)]), histograms_of([steady(60, 62, 80, 81)])
    assert distances(one, other).values["pitch_distance"] == pytest.approx(0.5)


def test_loudness_that_is_not_written_is_no_loudness_to_compare() -> None:
    played = improvised(1)
    flat = replace(played, notes=tuple(replace(note, velocity=64) for note in played.notes))
    found = distances(histograms_of([flat]), histograms_of([played]))
    assert "equally loud" in found.undefined["velocity_distance"]
    assert found.values["distance"] == 0  # of the fields that both have


def test_silence_has_no_distance_instead_of_one_that_looks_like_a_score() -> None:
    found = distances(histograms_of([Phrase()]), histograms_of([steady(60, 62)]))
    assert found.values == {}
    assert found.undefined["distance"] == "one of the two has no note"
