"""Proves the paper's worked example, every repair of its decoder, and that music on the grid comes back.

Not that it sounds well.
"""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.beats import TempoMap
from music.encodings.character import CharacterEncoding
from music.notes import Note
from music.phrase import Phrase
from music.tokens.encoding import EncodingError
from tests.support.phrases import phrases

ENCODING = CharacterEncoding()
HALF_BEAT_S = 0.25  # at 120 beats a minute


def heard(*characters: int) -> list[tuple[int, int, int]]:
    """What characters tell, as (half beat, pitch, half beats)."""
    notes = ENCODING.decode(np.array(characters).reshape(-1, 1) - 1).notes
    return [(round(note.at / HALF_BEAT_S), note.pitch, round(note.length_s / HALF_BEAT_S)) for note in notes]


def written(*notes: tuple[float, int, float]) -> list[int]:
    """The characters of notes given as (half beat, pitch, half beats)."""
    phrase = Phrase.of(Note(at * HALF_BEAT_S, pitch, 70, length * HALF_BEAT_S) for at, pitch, length in notes)
    return [int(ENCODING.vocabulary.show(tuple(token))) for token in ENCODING.encode(phrase).tolist()]


def test_the_worked_example_is_written_as_in_the_paper() -> None:
    assert written((2, 62, 2), (4, 46, 1), (4, 91, 12)) == [1, 1, 62, 2, 1, 1, 46, 91, 12]


def test_the_worked_example_is_read_as_in_the_paper() -> None:
    assert heard(1, 1, 62, 2, 1, 1, 46, 91, 12) == [(2, 62, 2), (4, 46, 1), (4, 91, 12)]


def test_there_are_108_characters_and_numbers_are_one_lower() -> None:
    assert ENCODING.vocabulary.sizes == (108,)
    assert ENCODING.vocabulary.fields[0].numbers["108"] == 107


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        pytest.param([1, 5, 1, 60], [1, 1, 1, 60], id="a duration with no pitch before it is a separator"),
        pytest.param([7, 60], [1, 60], id="also at the very beginning"),
        pytest.param([60, 2, 5, 62], [60, 2, 1, 62], id="a second duration is a separator"),
        pytest.param([60, 6, 1, 1, 60], [60, 6], id="a pitch that starts while it sounds is ignored"),
        pytest.param([60, 6, 1, 60, 9, 62], [60, 6, 1, 62], id="with the duration that belongs to it"),
        pytest.param([60, 6, 1, 60, 60, 60, 62], [60, 6, 1, 62], id="and with its repetitions"),
        pytest.param([60, 6, 1, 60, 2, 4, 62], [60, 6, 1, 1, 62], id="but no duration beyond that one"),
        pytest.param([60, 3, 60], [60, 3], id="a pitch after its own duration starts while it sounds"),
        pytest.param([60, 64, 60], [60, 64], id="a pitch again in its half beat starts while it sounds"),
        pytest.param([60, 60, 60, 1], [60, 3, 1], id="a repetition is a longer note"),
        pytest.param([60, 60], [60, 2], id="also at the very end"),
        pytest.param([60, 60, 5], [60, 5], id="a duration after a repetition is the length of it all"),
        pytest.param([60, 60, 1, 60], [60, 2], id="a repetition sounds on for as long as it says"),
        pytest.param([60] * 25, [60, 20], id="a repetition is no longer than the longest duration"),
        pytest.param([60, 1, 1, 1], [60], id="separators at the end say nothing"),
    ],
)
def test_a_syntax_error_is_repaired(wrong: list[int], right: list[int]) -> None:
    assert heard(*wrong) == heard(*right)


def test_a_note_that_ends_where_the_next_begins_is_followed_by_it() -> None:
    assert heard(60, 2, 1, 1, 60, 3) == [(0, 60, 2), (2, 60, 3)]


@given(phrase=phrases(grid_s=HALF_BEAT_S, longest_gap=30, longest_note=20))
def test_music_on_half_beats_comes_back_but_for_its_velocity(phrase: Phrase) -> None:
    back = ENCODING.decode(ENCODING.encode(phrase)).notes
    assert [(note.pitch, note.velocity) for note in back] == [(note.pitch, 64) for note in phrase.notes]
    assert np.allclose([note.at for note in back], [note.at for note in phrase.notes], atol=1e-9)
    assert np.allclose([note.length_s for note in back], [note.length_s for note in phrase.notes], atol=1e-9)


@given(numbers=st.lists(st.integers(0, 107), max_size=60))
def test_what_is_heard_of_any_characters_can_be_written_and_is_heard_again(numbers: list[int]) -> None:
    heard_first = ENCODING.decode(np.array(numbers).reshape(-1, 1))
    assert ENCODING.decode(ENCODING.encode(heard_first)).notes == heard_first.notes


def test_beats_are_counted_by_the_tempo_of_the_music() -> None:
    slow = Phrase.of([Note(2.0, 60, 70, 1.0)], tempo=TempoMap.steady(60))
    (note,) = CharacterEncoding(tempo=240.0, velocity=99).decode(ENCODING.encode(slow)).notes
    assert (note.at, note.length_s, note.velocity) == (0.5, 0.25, 99)


def test_notes_off_the_grid_go_to_the_nearest_half_beat_and_last_one_at_least() -> None:
    assert written((0.9, 60, 0.02), (2.2, 62, 1.9)) == [1, 60, 1, 62, 2]


def test_a_note_longer_than_twenty_half_beats_is_cut() -> None:
    assert written((0, 60, 31)) == [60, 20]


def test_a_key_struck_again_ends_its_note_there() -> None:
    assert written((0, 60, 8), (3, 60, 2)) == [60, 3, 1, 1, 1, 60, 2]


def test_keys_that_the_piano_lacks_are_left_out() -> None:
    assert written((0, 20, 1), (1, 21, 1), (2, 108, 1), (3, 109, 1)) == [1, 21, 1, 108]


def test_a_note_before_the_beginning_begins_there() -> None:
    assert written((-3, 60, 5)) == [60, 2]


def test_a_stray_note_days_away_is_refused_with_the_remedy() -> None:
    with pytest.raises(EncodingError, match=r"1e\+09 s .* cut the music"):
        ENCODING.encode(Phrase.of([Note(1e9, 60, 64, 1.0)]))


@pytest.mark.parametrize(
    "setting", [{"tempo": 0.0}, {"tempo": float("nan")}, {"velocity": 0}, {"velocity": 128}]
)
def test_a_setting_out_of_range_is_refused(setting: dict[str, float]) -> None:
    with pytest.raises(EncodingError, match="is a number from"):
        replace(ENCODING, **setting)
