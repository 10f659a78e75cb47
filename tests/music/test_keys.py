"""Keys: what is recognised, what is said where nothing can be, and that moving home loses no pitch class."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from music.keys import (
    A_MINOR,
    ALL_KEYS,
    C_MAJOR,
    Key,
    best_fit,
    detect_key,
    pitch_class_weights,
    profile_fits,
    scale_of,
    semitones_to,
    semitones_to_home,
    transposed,
    transposed_pitch,
)
from music.notes import HIGHEST_KEY, LOWEST_KEY, Note, is_on_the_piano
from tests.support.phrases import phrases

CADENCE_IN_C = ((48, 64, 67, 72), (53, 65, 69, 72), (55, 62, 67, 71), (48, 64, 67, 72))
CADENCE_IN_A_MINOR = ((45, 60, 64, 69), (50, 62, 65, 69), (52, 59, 64, 68), (45, 60, 64, 69))


def _played(chords: tuple[tuple[int, ...], ...], up: int = 0, length_s: float = 0.5) -> list[Note]:
    return [
        Note(place * 0.5, pitch + up, 64, length_s) for place, chord in enumerate(chords) for pitch in chord
    ]


@pytest.mark.parametrize("up", range(-6, 6))
def test_a_cadence_tells_its_key_wherever_it_is_played(up: int) -> None:
    assert detect_key(_played(CADENCE_IN_C, up)) == Key(up % 12)
    assert detect_key(_played(CADENCE_IN_A_MINOR, up)) == Key((9 + up) % 12, True)


@given(phrases(lowest=40, highest=90), st.integers(-12, 12))
def test_moving_the_notes_moves_every_fit_with_them_to_the_last_bit(phrase, up):
    before = profile_fits(pitch_class_weights(phrase.notes))
    after = profile_fits(pitch_class_weights(transposed(phrase.notes, up)))
    assert after == {Key((key.tonic + up) % 12, key.is_minor): fit for key, fit in before.items()}


@given(phrases(), st.randoms())
def test_the_order_of_notes_does_not_matter(phrase, chance):
    shuffled = list(phrase.notes)
    chance.shuffle(shuffled)
    assert best_fit(shuffled) == best_fit(phrase.notes)


def test_a_long_note_counts_more_than_many_short_ones():
    drone = [Note(0.0, 50, 64, 20.0), Note(0.0, 57, 64, 20.0), Note(0.0, 66, 64, 20.0)]
    ornaments = [Note(place * 0.1, 61 + place % 2 * 2, 64, 0.05) for place in range(40)]
    assert detect_key(drone + ornaments) == Key(2)


def test_nothing_at_all_is_c_major_with_no_fit_and_no_lead():
    found = best_fit([])
    assert (found.key, found.fit, found.lead) == (C_MAJOR, 0.0, 0.0)


def test_twelve_pitch_classes_alike_are_c_major_with_no_fit_and_no_lead():
    found = best_fit([Note(place * 0.1, 60 + place, 64, 0.1) for place in range(12)])
    assert (found.key, found.fit, found.lead) == (C_MAJOR, 0.0, 0.0)


@pytest.mark.parametrize("pitch", [0, 21, 61, 66, 127])
def test_a_single_note_is_the_tonic_of_its_major_key_without_a_lead(pitch):
    found = best_fit([Note(0.0, pitch, 64, 1.0), Note(1.0, pitch, 64, 0.2)])
    assert found.key == Key(pitch % 12)
    assert found.lead == 0.0


def test_notes_without_length_are_counted():
    notes = [Note(0.0, pitch, 64, 0.0) for pitch in (62, 66, 69, 74)]
    assert detect_key(notes) == Key(2)


@given(phrases())
def test_the_lead_is_never_below_zero_and_the_fit_is_a_correlation(phrase):
    found = best_fit(phrase.notes)
    assert found.lead >= 0
    assert -1 - 1e-9 <= found.fit <= 1 + 1e-9


def test_keys_are_called_by_their_usual_names():
    assert [str(key) for key in (C_MAJOR, A_MINOR, Key(10), Key(1, True), Key(6))] == [
        "C major",
        "A minor",
        "Bb major",
        "C# minor",
        "F# major",
    ]
    assert len({key.name for key in ALL_KEYS}) == 24


@pytest.mark.parametrize("tonic", [-1, 12])
def test_a_tonic_outside_the_octave_is_refused(tonic):
    with pytest.raises(ValueError, match=f"from 0 .C. to 11 .B., not {tonic}"):
        Key(tonic)


def test_scales_begin_at_the_tonic():
    assert scale_of(Key(7)) == (7, 9, 11, 0, 2, 4, 6)
    assert set(scale_of(A_MINOR)) == set(scale_of(C_MAJOR))
    assert scale_of(A_MINOR)[0] == 9


@pytest.mark.parametrize("key", ALL_KEYS, ids=str)
def test_home_is_reached_by_the_shortest_way_and_a_tritone_goes_down(key):
    by = semitones_to_home(key)
    assert -6 <= by <= 5
    assert (key.tonic + by) % 12 == (9 if key.is_minor else 0)


def test_f_sharp_major_goes_down_to_c():
    assert semitones_to_home(Key(6)) == -6
    assert semitones_to(Key(3, True), 0) == -3


@given(st.integers(LOWEST_KEY, HIGHEST_KEY), st.integers(-200, 200))
def test_a_piano_key_stays_on_the_piano_and_keeps_its_pitch_class(pitch, by):
    moved = transposed_pitch(pitch, by)
    assert is_on_the_piano(moved)
    assert (moved - pitch - by) % 12 == 0
    assert moved == pitch + by or not is_on_the_piano(pitch + by)


def test_at_the_edge_a_note_comes_back_by_as_few_octaves_as_bring_it_in():
    assert transposed_pitch(108, 1) == 97
    assert transposed_pitch(21, -1) == 32
    assert transposed_pitch(108, 24) == 108
    assert transposed_pitch(60, 10**9) == 100


@given(st.integers(0, 127), st.integers(-127, 127))
def test_a_note_that_was_never_on_the_piano_stays_a_midi_note(pitch, by):
    assume(not is_on_the_piano(pitch))
    assert 0 <= transposed_pitch(pitch, by) <= 127
    assert transposed_pitch(pitch, 0) == pitch


@given(phrases(lowest=30, highest=99), st.integers(-9, 9))
def test_away_from_the_edge_moving_back_restores_every_note(phrase, by):
    assert transposed(transposed(phrase.notes, by), -by) == list(phrase.notes)
