"""An answer ends on the tonic's chord, a little slower where there is no beat to keep; what comes before
stays as it is."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.keys import Key
from music.notes import HIGHEST_KEY, LOWEST_KEY, Note
from realtime.answerers.passages.closing import FEWEST_CHORDS, SLOWER, closed, key_heard

C_MAJOR, A_MINOR = Key(0), Key(9, True)
SCALE = (60, 62, 64, 65, 67, 69, 71, 72, 71, 67, 64, 62)
TUNE = [Note(place * 0.5, pitch, 70, 0.4) for place, pitch in enumerate(SCALE)]


def test_a_call_in_a_key_is_heard_in_it() -> None:
    assert key_heard(TUNE) == C_MAJOR


def test_a_call_in_no_key_closes_nowhere() -> None:
    chromatic = [Note(place * 0.5, 60 + place, 70, 0.4) for place in range(12)]
    assert key_heard(chromatic) is None
    assert closed(TUNE, None, keeps_beat=False) == TUNE


def test_what_is_too_short_to_have_an_end_stays() -> None:
    short = TUNE[: FEWEST_CHORDS - 1]
    assert closed(short, C_MAJOR, keeps_beat=False) == short
    assert closed([], C_MAJOR, keeps_beat=False) == []


@pytest.mark.parametrize(
    ("pitch", "key", "expected"),
    [
        (62, C_MAJOR, 60),
        (65, C_MAJOR, 64),
        (69, C_MAJOR, 67),
        (71, C_MAJOR, 72),
        (68, A_MINOR, 69),
        (66, C_MAJOR, 67),
    ],
)
def test_a_single_last_note_goes_to_the_nearest_of_the_tonics_chord(
    pitch: int, key: Key, expected: int
) -> None:
    tune = [*TUNE[:-1], replace(TUNE[-1], pitch=pitch)]
    assert closed(tune, key, keeps_beat=False)[-1].pitch == expected


def test_under_a_last_chord_the_tonic_lies() -> None:
    at = TUNE[-1].at
    chord = [Note(at, pitch, 60, 0.5) for pitch in (43, 59, 65, 74)]
    ended = [
        note.pitch
        for note in closed([*TUNE[:-1], *chord], C_MAJOR, keeps_beat=False)
        if note.at > TUNE[-2].at + 0.2
    ]
    assert ended[0] % 12 == 0
    assert {pitch % 12 for pitch in ended} <= {0, 4, 7}
    assert len(set(ended)) == len(ended)


def test_only_the_last_two_gaps_grow() -> None:
    ended = closed(TUNE, C_MAJOR, keeps_beat=False)
    onsets = [note.at for note in ended]
    gaps = [later - before for before, later in pairwise(onsets)]
    assert gaps[:-2] == pytest.approx([0.5] * (len(gaps) - 2))
    assert gaps[-2:] == pytest.approx([0.5 * factor for factor in SLOWER])
    assert [note.pitch for note in closed(TUNE, C_MAJOR, keeps_beat=False)][:-1] == [
        note.pitch for note in TUNE
    ][:-1]


def test_where_a_beat_is_kept_no_gap_grows() -> None:
    ended = closed(TUNE, C_MAJOR, keeps_beat=True)
    assert [note.at for note in ended] == [note.at for note in TUNE]
    assert ended[-1].pitch % 12 in (0, 4, 7)


@given(
    st.lists(
        st.tuples(st.floats(0.0, 0.6), st.integers(LOWEST_KEY, HIGHEST_KEY), st.floats(0.02, 3.0)),
        min_size=1,
        max_size=30,
    ),
    st.integers(0, 11),
    st.booleans(),
    st.booleans(),
)
def test_whatever_was_played_the_end_is_playable(
    drawn: list[tuple[float, int, float]], tonic: int, is_minor: bool, keeps_beat: bool
) -> None:
    at, notes = 0.0, []
    for gap, pitch, length in drawn:
        at += gap
        notes.append(Note(at, pitch, 64, length))
    ended = closed(notes, Key(tonic, is_minor), keeps_beat=keeps_beat)
    assert 0 < len(ended) <= len(notes)
    assert all(LOWEST_KEY <= note.pitch <= HIGHEST_KEY and note.length_s > 0 for note in ended)
    assert [note.at for note in ended] == sorted(note.at for note in ended)
