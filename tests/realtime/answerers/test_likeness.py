"""A call beyond what a model knows is brought to its edge, in loudness and pace, and the answer back."""

import pytest

from music.notes import KeyEvent, NoteOff, NoteOn
from realtime.answerers.likeness import FASTEST, SLOWEST, Likeness, likeness_of

LOUDNESS, DENSITY = (35.0, 82.0), (6.0, 24.0)


def call(onsets_a_second: float, velocity: int, notes: int = 12) -> list[KeyEvent]:
    events: list[KeyEvent] = []
    for place in range(notes):
        at = 100.0 + place / onsets_a_second
        events += [NoteOn(at, 60 + place, velocity), NoteOff(at + 0.5 / onsets_a_second, 60 + place)]
    return events


def test_a_call_like_the_music_it_knows_is_heard_as_it_is() -> None:
    assert likeness_of(call(10.0, 60), LOUDNESS, DENSITY) == Likeness(0, 1.0)
    assert likeness_of(call(6.5, 82), LOUDNESS, DENSITY) == Likeness(0, 1.0)


def test_a_file_that_tells_nothing_of_its_music_hears_every_call_as_it_is() -> None:
    assert likeness_of(call(1.0, 120), None, None) == Likeness(0, 1.0)


@pytest.mark.parametrize(("velocity", "softer"), [(82, 0), (98, 4), (114, 8), (35, 0), (20, -4), (3, -8)])
def test_a_loud_call_is_heard_softer_and_a_soft_one_louder(velocity: int, softer: int) -> None:
    assert likeness_of(call(10.0, velocity), LOUDNESS, DENSITY).softer == softer


@pytest.mark.parametrize(
    ("onsets_a_second", "slower"),
    [(6.0, 1.0), (3.0, 2.0), (1.5, 4.0), (0.3, SLOWEST), (24.0, 1.0), (48.0, 0.5), (200.0, FASTEST)],
)
def test_a_sparse_call_is_heard_faster_and_a_dense_one_slower(onsets_a_second: float, slower: float) -> None:
    assert likeness_of(call(onsets_a_second, 60), LOUDNESS, DENSITY).slower == pytest.approx(slower)


def test_too_few_onsets_or_a_single_chord_tell_no_pace() -> None:
    chord: list[KeyEvent] = [NoteOn(1.0, pitch, 60) for pitch in (60, 64, 67)]
    assert likeness_of(chord, LOUDNESS, DENSITY).slower == 1.0
    assert likeness_of(call(1.0, 60, notes=2), LOUDNESS, DENSITY).slower == 1.0
    assert likeness_of([], LOUDNESS, DENSITY) == Likeness()


def test_what_is_heard_softer_and_faster_is_played_louder_and_slower_again() -> None:
    likeness = Likeness(softer=4, slower=2.0)
    assert [likeness.played_velocity(likeness.heard_velocity(bins)) for bins in (0, 5, 20, 32)] == [
        0,
        5,
        20,
        32,
    ]
    assert likeness.played_velocity(31) == 32
    assert likeness.heard_velocity(2) == 1
    assert likeness.heard_s(3.0) == 1.5
    assert likeness.played_s(150) == 3.0


def test_the_spread_of_a_chord_is_not_stretched() -> None:
    assert Likeness(slower=4.0).played_s(2) == 0.02
    assert Likeness(slower=4.0).played_s(10) == 0.4
