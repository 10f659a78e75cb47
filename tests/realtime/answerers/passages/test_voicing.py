"""An answer takes the call's voices: as many notes at a time, about as high, held as long; the notes are its
own."""

from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.manner.chords import TOGETHER_S
from music.notes import HIGHEST_KEY, LOWEST_KEY, Note
from realtime.answerers.passages.harmony import NO_HARMONY, Harmony
from realtime.answerers.passages.voicing import (
    GIVES_WAY,
    LEAP,
    LEAST_OF_A_CLASS,
    CallChords,
    Heights,
    Voices,
    Wanted,
    brought_near,
    gathered,
    in_voices,
)

# A waltz: a bass, and two chords above it, three times.
WALTZ = [
    note
    for bar in range(3)
    for note in (
        Note(bar * 1.5, 36 + bar, 80, 0.4),
        *(Note(bar * 1.5 + beat * 0.5, pitch, 60, 0.2) for beat in (1, 2) for pitch in (64, 67, 72)),
    )
]


def chords_of_a_call(voices: Voices, harmony: Harmony = NO_HARMONY) -> CallChords:
    """Chords half a second apart, all in one harmony."""
    return CallChords(voices, [0.5] * len(voices), [harmony] * len(voices), clearness=1.0, clashes=0.0)


VOICES = gathered(WALTZ)
IN_THREE = chords_of_a_call(VOICES)
ALL_ALIKE = Wanted([1 / 12] * 12, [1 / 25] * 25)
C_MAJOR = (0, 2, 4, 5, 7, 9, 11)
IN_C = Wanted([1 / 7 if each in C_MAJOR else 0.0 for each in range(12)], ALL_ALIKE.steps)


def drawn(count: int, seed: int = 1, lowest: int = 55, highest: int = 80) -> list[Note]:
    chance = Random(seed)
    return [
        Note(20 + place * 0.2, chance.randint(lowest, highest), 40 + place % 9, 0.1) for place in range(count)
    ]


def test_a_waltz_is_answered_by_a_waltz() -> None:
    made = in_voices(drawn(40), IN_THREE, 10.0, 0, 4.0, ALL_ALIKE)
    assert [len(chord) for chord in made[:6]] == [1, 3, 3, 1, 3, 3]
    for chord, voices in zip(made, VOICES, strict=False):
        for note, voice in zip(chord, voices, strict=True):
            assert abs(note.pitch - voice.pitch) <= 6 + max(GIVES_WAY)
            assert note.length_s == voice.length_s
    onsets = [chord[0].at for chord in made]
    assert onsets[0] == 10.0
    assert [later - before for before, later in pairwise(onsets)][:8] == pytest.approx([0.5] * 8)


def test_the_notes_stay_the_answers_or_give_way_to_a_neighbour() -> None:
    notes = [replace(note, voice=number) for number, note in enumerate(drawn(40))]
    own = {note.voice: note.pitch for note in notes}
    made = [note for chord in in_voices(notes, IN_THREE, 10.0, 0, 4.0, ALL_ALIKE) for note in chord]
    assert len({note.voice for note in made}) == len(made)  # each of them once
    away = [(note.pitch - own[note.voice] + 6) % 12 - 6 for note in made]
    assert set(away) <= set(GIVES_WAY)
    assert away.count(0) > len(away) / 2


def test_each_note_is_nearly_as_loud_as_its_voice() -> None:
    made = in_voices(drawn(40), IN_THREE, 10.0, 0, 4.0, ALL_ALIKE)
    bass = [chord[0].velocity for chord in made if len(chord) == 1]
    above = [note.velocity for chord in made if len(chord) == 3 for note in chord]
    assert min(bass) > max(above)  # drawn, none was louder than another by more than eight
    assert len(set(above)) > 1  # its own accents are heard still


@pytest.mark.parametrize("seed", range(4))
def test_what_is_struck_belongs_to_the_calls_harmony_there(seed: int) -> None:
    in_g = [0.0 if each in (7, 11, 2, 5) else 3.0 for each in range(12)]
    in_f = [0.0 if each in (5, 9, 0) else 3.0 for each in range(12)]
    changing = CallChords(VOICES, [0.5] * len(VOICES), [in_g] * 4 + [in_f] * 5, clearness=1.0, clashes=0.0)
    shares = []
    for call in (changing, IN_THREE):
        made = in_voices(drawn(60, seed), call, 10.0, 0, 3.9, ALL_ALIKE)
        harmonies = [in_g] * 4 + [in_f] * 5
        inside = [
            harmony[note.pitch % 12] == 0.0
            for chord, harmony in zip(made, harmonies, strict=False)
            for note in chord
        ]
        shares.append(sum(inside) / len(inside))
    assert shares[0] > shares[1] + 0.15


def clashes(call: CallChords, seed: int) -> int:
    """How often a semitone, or a ninth as small, is struck against what sounds."""
    made = [note for chord in in_voices(drawn(60, seed), call, 10.0, 0, 9.0, ALL_ALIKE) for note in chord]
    return sum(
        abs(one.pitch - other.pitch) in (1, 13) and other.at < one.until - TOGETHER_S
        for place, one in enumerate(made)
        for other in made[place + 1 :]
    )


def test_what_is_struck_seldom_clashes_with_what_sounds_unless_the_call_blurs() -> None:
    held = gathered([Note(place * 0.5, 50 + 4 * (place % 6), 60, 2.0) for place in range(20)])
    clear = chords_of_a_call(held)
    blurred = replace(clear, clearness=0.0, clashes=1.0)
    assert sum(clashes(clear, seed) for seed in range(6)) * 2 < sum(
        clashes(blurred, seed) for seed in range(6)
    )


def test_what_is_doubled_in_octaves_is_so_again_however_wide_it_is_answered() -> None:
    doubled = gathered(
        [Note(place * 0.5, 60 + place % 5 + by, 60, 0.4) for place in range(9) for by in (0, 12)]
    )
    call = chords_of_a_call(doubled)
    for heights in (call.heights, Heights(60.0, 62.0, 1.2)):
        for seed in range(4):
            made = in_voices(drawn(40, seed), replace(call, heights=heights), 10.0, 0, 4.0, ALL_ALIKE)
            assert {high.pitch - low.pitch for low, high in map(by_pitch, made)} == {12}
            assert len({high.pitch for _, high in map(by_pitch, made)}) > 3  # a tune of its own


def by_pitch(chord: list[Note]) -> list[Note]:
    return sorted(chord, key=lambda note: note.pitch)


@pytest.mark.parametrize("clearness", [0.0, 1.0])
def test_no_seconds_are_struck_together_where_the_call_has_none(clearness: float) -> None:
    call = replace(IN_THREE, clearness=clearness)
    rubbing = [
        upper.pitch - lower.pitch <= 2
        for seed in range(6)
        for chord in in_voices(drawn(60, seed), call, 10.0, 0, 9.0, ALL_ALIKE)
        for lower, upper in pairwise(by_pitch(chord))
    ]
    assert sum(rubbing) < len(rubbing) / 10, (sum(rubbing), len(rubbing))


def test_no_note_gives_way_to_a_class_that_is_not_wanted() -> None:
    notes = [replace(note, voice=number) for number, note in enumerate(drawn(40))]
    own = {note.voice: note.pitch % 12 for note in notes}
    made = [note for chord in in_voices(notes, IN_THREE, 10.0, 0, 4.0, IN_C) for note in chord]
    strange = [note for note in made if note.pitch % 12 not in C_MAJOR]
    assert all(own[note.voice] == note.pitch % 12 for note in strange)
    assert len(strange) < len([note for note in drawn(40)[: len(made)] if note.pitch % 12 not in C_MAJOR])
    assert min(share for share in IN_C.classes if share) > LEAST_OF_A_CLASS


@pytest.mark.parametrize("seed", range(4))
def test_there_is_as_much_of_each_class_as_is_wanted(seed: int) -> None:
    of_fifths = Wanted([0.5 if each in (0, 7) else 0.0 for each in range(12)], ALL_ALIKE.steps)
    many, fewer = (
        [note for chord in in_voices(drawn(60, seed), IN_THREE, 10.0, 0, 4.0, wanted) for note in chord]
        for wanted in (of_fifths, ALL_ALIKE)
    )
    shares = [sum(note.pitch % 12 in (0, 7) for note in made) / len(made) for made in (many, fewer)]
    assert shares[0] > shares[1] + 0.1


@pytest.mark.parametrize("seed", range(4))
def test_the_tune_steps_as_is_wanted(seed: int) -> None:
    line = gathered([Note(place * 0.3, 66 + (place * 7) % 11, 60, 0.3) for place in range(30)])
    small = [1 / 5 if abs(step - LEAP) <= 2 else 0.0 for step in range(2 * LEAP + 1)]
    near, anyhow = (
        [chord[0].pitch for chord in in_voices(drawn(60, seed), chords_of_a_call(line), 10.0, 0, 9.0, wanted)]
        for wanted in (Wanted(ALL_ALIKE.classes, small), ALL_ALIKE)
    )
    share = [sum(abs(b - a) <= 2 for a, b in pairwise(tune)) / (len(tune) - 1) for tune in (near, anyhow)]
    assert share[0] > share[1] + 0.1


def test_a_low_note_goes_into_the_bass_where_there_is_one() -> None:
    notes = [
        Note(20 + place * 0.2, pitch, 60, 0.1) for place, pitch in enumerate((64, 67, 40, 71, 65, 62, 76))
    ]
    made = in_voices(notes, IN_THREE, 10.0, 0, 4.0, ALL_ALIKE)
    assert [note.pitch for note in made[0]] == [40]


def test_it_may_begin_anywhere_in_the_call() -> None:
    made = in_voices(drawn(20), IN_THREE, 10.0, 1, 2.0, ALL_ALIKE)
    assert [len(chord) for chord in made[:3]] == [3, 3, 1]


def test_it_ends_when_the_notes_are_used_up_or_the_time_is_over() -> None:
    assert sum(len(chord) for chord in in_voices(drawn(5), IN_THREE, 10.0, 0, 60.0, ALL_ALIKE)) == 5
    late = in_voices(drawn(400), IN_THREE, 10.0, 0, 2.0, ALL_ALIKE)
    assert late[-1][0].at <= 10.0 + 2.0 + 0.5 + 1e-9


@pytest.mark.parametrize("other", [LOWEST_KEY, 60, HIGHEST_KEY])
@pytest.mark.parametrize("pitch", [LOWEST_KEY, 59, 66, HIGHEST_KEY])
def test_by_octaves_a_note_comes_near_to_another(pitch: int, other: int) -> None:
    near = brought_near(pitch, other)
    assert near % 12 == pitch % 12
    assert LOWEST_KEY <= near <= HIGHEST_KEY
    assert abs(near - other) <= (6 if LOWEST_KEY + 6 <= other <= HIGHEST_KEY - 6 else 12)


@given(
    st.lists(st.tuples(st.floats(0.0, 0.4), st.integers(LOWEST_KEY, HIGHEST_KEY)), min_size=3, max_size=40),
    st.integers(3, 60),
    st.integers(0, 10),
)
def test_no_key_is_struck_twice_at_once_and_all_come_in_order(
    call: list[tuple[float, int]], count: int, first: int
) -> None:
    at, notes = 0.0, []
    for gap, pitch in call:
        at += gap
        notes.append(Note(at, pitch, 60, 0.3))
    voices = gathered(notes)
    if len(voices) < 3:
        return
    made = in_voices(drawn(count), chords_of_a_call(voices), 10.0, first % len(voices), 5.0, ALL_ALIKE)
    assert made
    for chord in made:
        assert len({note.pitch for note in chord}) == len(chord)
    starts = [chord[0].at for chord in made]
    assert starts == sorted(starts)
