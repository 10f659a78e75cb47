"""What is nearer to the call costs less, as far as real music goes; what takes its motifs up again and again
costs more."""

from dataclasses import replace
from random import Random

import pytest

from music.manner.features import DISTANCES, features_of
from music.notes import Note
from realtime.answerers.passages.choosing import (
    LONGEST_RUN,
    MOST_MOTIFS,
    NEAR,
    STRANGERS,
    cost_of,
    cost_of_copying,
)

CALL = [Note(place * 0.3, 60 + (place * 5) % 12, 70 + place % 5, 0.25) for place in range(20)]


def test_every_distance_has_its_unit_and_its_near() -> None:
    assert set(STRANGERS) == set(NEAR) == set(DISTANCES)


def another(seed: int) -> list[Note]:
    """The call's notes in another order, so with other motifs."""
    pitches = [note.pitch for note in CALL]
    Random(seed).shuffle(pitches)
    return [replace(note, pitch=pitch) for note, pitch in zip(CALL, pitches, strict=True)]


def test_what_is_like_the_call_in_all_but_its_motifs_costs_next_to_nothing() -> None:
    for seed in range(5):
        assert cost_of(features_of(another(seed)), features_of(CALL)) < 0.1


def test_a_copy_costs_more_than_what_has_a_tune_of_its_own() -> None:
    copy = cost_of(features_of(CALL), features_of(CALL))
    transposed = [replace(note, pitch=note.pitch + 1) for note in CALL]
    assert copy == pytest.approx(1 - MOST_MOTIFS)
    assert cost_of(features_of(transposed), features_of(CALL)) > 0.5
    assert copy > cost_of(features_of(another(1)), features_of(CALL)) + 0.5


def test_of_a_call_that_repeats_itself_as_much_may_be_taken_up() -> None:
    copy = features_of(CALL)
    costs = [cost_of(copy, copy, repeated) for repeated in (0.0, MOST_MOTIFS, 0.6, 1.0)]
    assert costs == pytest.approx([1 - MOST_MOTIFS, 1 - MOST_MOTIFS, 0.4, 0.0])
    tune = [2, 2, -4, 5, -1, 3, -2, 7]
    assert cost_of_copying(tune, tune, 6) < cost_of_copying(tune, tune)
    assert cost_of_copying(tune, tune, len(tune)) == 0.0


def test_a_tune_that_goes_on_as_the_calls_did_costs_more_the_longer_it_does() -> None:
    tune = [2, 2, -4, 5, -1, 3, -2, 7]
    costs = [cost_of_copying([11, *tune[:length], -11], tune) for length in range(len(tune) + 1)]
    assert costs[: LONGEST_RUN + 1] == [0.0] * (LONGEST_RUN + 1)
    assert costs[LONGEST_RUN:] == sorted(set(costs[LONGEST_RUN:]))


def test_each_way_of_being_a_stranger_costs() -> None:
    nearer = cost_of(features_of(another(1)), features_of(CALL))
    for change in (
        lambda note: replace(note, velocity=20),
        lambda note: replace(note, pitch=note.pitch - 24),
        lambda note: replace(note, at=note.at * 3, length_s=note.length_s * 3),
        lambda note: replace(note, length_s=0.02),
    ):
        stranger = [change(note) for note in another(1)]
        assert cost_of(features_of(stranger), features_of(CALL)) > nearer + 0.02
