"""What is nearer to the call costs less, and a copy costs no less than what is as near as real music goes."""

from dataclasses import replace

from music.manner.features import DISTANCES, features_of
from music.notes import Note
from realtime.answerers.choosing import NEAR, STRANGERS, cost_of

CALL = [Note(place * 0.3, 60 + (place * 5) % 12, 70 + place % 5, 0.25) for place in range(20)]


def test_every_distance_has_its_unit_and_its_near() -> None:
    assert set(STRANGERS) == set(NEAR) == set(DISTANCES)


def test_a_copy_costs_nothing_and_neither_does_what_is_nearly_one() -> None:
    near = [replace(note, velocity=note.velocity + 3, pitch=note.pitch + 1) for note in CALL]
    assert cost_of(features_of(CALL), features_of(CALL)) == 0.0
    assert cost_of(features_of(near), features_of(CALL)) < 0.05


def test_each_way_of_being_a_stranger_costs() -> None:
    nearer = cost_of(features_of(CALL), features_of(CALL))
    for change in (
        lambda note: replace(note, velocity=20),
        lambda note: replace(note, pitch=note.pitch - 24),
        lambda note: replace(note, at=note.at * 3, length_s=note.length_s * 3),
        lambda note: replace(note, length_s=0.02),
    ):
        stranger = [change(note) for note in CALL]
        assert cost_of(features_of(stranger), features_of(CALL)) > nearer + 0.02
