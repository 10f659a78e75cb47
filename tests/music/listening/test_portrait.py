"""A portrait: each group says what it is of, may be left out, and of fewer than two notes nothing is
known."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from music.listening.portrait import GAP_EDGES, GROUPS, NUMBERS, SIZE, UNKNOWN, portrait_of
from music.notes import Note
from tests.support.phrases import improvised

NAMES = [group.name for group in GROUPS]
SCALE = [Note(0.5 * place, 60 + step, 64, 0.25) for place, step in enumerate((0, 2, 4, 5, 7, 9, 11, 12))]


def group_of(notes: Sequence[Note], name: str, slower: float = 1.0) -> NDArray[np.float32]:
    """The numbers of one group."""
    begin = sum(group.size for group in GROUPS[: NAMES.index(name)])
    return portrait_of(notes, slower=slower)[begin : begin + GROUPS[NAMES.index(name)].size]


def test_a_portrait_is_numbers_and_then_a_mark_for_each_group() -> None:
    portrait = portrait_of(SCALE)
    assert portrait.shape == (SIZE,)
    assert portrait.dtype == np.float32
    assert portrait[NUMBERS:].tolist() == [1.0] * len(GROUPS)


@pytest.mark.parametrize("notes", [[], SCALE[:1]], ids=["none", "one"])
def test_of_fewer_than_two_notes_nothing_is_known(notes: list[Note]) -> None:
    np.testing.assert_array_equal(portrait_of(notes), UNKNOWN)
    assert not UNKNOWN.any()


@pytest.mark.parametrize("name", NAMES)
def test_a_group_that_is_left_out_is_nought_and_its_mark_too_and_the_others_stay(name: str) -> None:
    notes = improvised(1).notes
    whole, without = portrait_of(notes), portrait_of(notes, without=[name])
    place = NAMES.index(name)
    begin = sum(group.size for group in GROUPS[:place])
    changed = np.zeros(SIZE, bool)
    changed[begin : begin + GROUPS[place].size] = changed[NUMBERS + place] = True
    assert whole[changed].any()
    assert not without[changed].any()
    np.testing.assert_array_equal(without[~changed], whole[~changed])


def test_louder_notes_have_a_greater_mean_and_uneven_ones_a_greater_spread() -> None:
    even = group_of(SCALE, "loudness")
    louder = group_of([replace(note, velocity=84) for note in SCALE], "loudness")
    uneven = group_of(
        [replace(note, velocity=64 + 20 * (-1) ** place) for place, note in enumerate(SCALE)], "loudness"
    )
    assert louder - even == pytest.approx([1.0, 0.0])  # five bins of four velocities are one step
    assert even[1] == 0
    assert uneven[1] == pytest.approx(5 / 3)


def test_twice_as_many_onsets_in_the_same_time_is_one_more() -> None:
    twice = sorted(SCALE + [replace(note, at=note.at + 0.12) for note in SCALE], key=lambda note: note.at)
    lasts = max(note.until for note in SCALE) / max(note.until for note in twice)
    assert group_of(twice, "density")[0] - group_of(SCALE, "density")[0] == pytest.approx(
        1 + np.log2(lasts), abs=1e-5
    )


def test_longer_notes_sound_more_at_a_time() -> None:
    held = group_of([replace(note, length_s=2.0) for note in SCALE], "density")
    assert held[1] > group_of(SCALE, "density")[1]


@pytest.mark.parametrize(("spread_s", "together"), [(0.0, 1.0), (0.03, 1.0), (0.035, 0.0), (0.04, 0.0)])
def test_notes_no_more_than_three_cells_apart_are_one_chord(spread_s: float, together: float) -> None:
    chords = [
        replace(note, at=note.at + by * spread_s, pitch=note.pitch + 12 * by)
        for note in SCALE
        for by in (0, 1)
    ]
    assert group_of(chords, "density")[2] == pytest.approx(2 * together * len(SCALE) / (len(chords) - 1))


def test_register_is_the_mean_key_and_its_spread() -> None:
    low, high = (
        group_of([replace(note, pitch=note.pitch + by) for note in SCALE], "register") for by in (0, 20)
    )
    assert high - low == pytest.approx([2.0, 0.0], abs=1e-6)
    wide = [replace(note, pitch=60 + 24 * (place % 2)) for place, note in enumerate(SCALE)]
    assert group_of(wide, "register")[1] == pytest.approx(1.2)


def test_pitch_classes_are_shares_whatever_the_octave() -> None:
    shares = group_of(SCALE, "pitch classes")
    assert shares / 4 == pytest.approx([0.25, 0, 0.125, 0, 0.125, 0.125, 0, 0.125, 0, 0.125, 0, 0.125])
    higher = [replace(note, pitch=note.pitch + 12) for note in SCALE]
    np.testing.assert_array_equal(group_of(higher, "pitch classes"), shares)


@pytest.mark.parametrize("cells", [4, *GAP_EDGES, 400])
def test_each_gap_falls_into_the_class_that_it_is_within(cells: int) -> None:
    notes = [Note(10.0 + place * cells / 100, 60 + place, 64, 0.02) for place in range(9)]
    expected = np.zeros(len(GAP_EDGES) + 1)
    expected[sum(edge <= cells for edge in GAP_EDGES)] = 4.0
    assert group_of(notes, "gaps").tolist() == expected.tolist()


def test_gaps_within_chords_are_not_counted_and_without_any_all_shares_are_nought() -> None:
    chord = [Note(1.0, pitch, 64, 1.0) for pitch in (60, 64, 67)]
    assert not group_of(chord, "gaps").any()
    assert portrait_of(chord)[-1] == 1.0


def test_heard_slower_times_as_fast_it_is_the_portrait_of_the_faster_phrase() -> None:
    notes = improvised(2).notes
    grid = [
        replace(note, at=round(note.at, 2), length_s=max(round(note.length_s, 2), 0.01)) for note in notes
    ]
    doubled = [replace(note, at=2 * note.at, length_s=2 * note.length_s) for note in grid]
    np.testing.assert_allclose(portrait_of(doubled, slower=2.0), portrait_of(grid), atol=1e-6)


def test_when_a_phrase_begins_changes_nothing() -> None:
    notes = improvised(3).notes
    later = [replace(note, at=note.at + 1024.0) for note in notes]
    np.testing.assert_allclose(portrait_of(later), portrait_of(notes), atol=1e-5)
