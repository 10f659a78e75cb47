"""Proves that a roll keeps held and struck apart, comes back on either grid, and reads what is made up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.beats import TempoMap
from music.encodings.roll import RollEncoding
from music.notes import Note
from music.phrase import Phrase
from music.tokens.encoding import EncodingError
from tests.support.phrases import phrases

BY_BEAT = RollEncoding(grid="beats", steps=4.0)
BY_SECOND = RollEncoding(grid="seconds", steps=10.0)
C4 = 60 - 21
STRUCK = 88


def steps(sounding: str, struck: str) -> list[tuple[int, int]]:
    """What a roll of middle C alone tells, as (first step, steps)."""
    roll = np.zeros((len(sounding), 176), dtype=np.int8)
    roll[:, C4] = [step == "x" for step in sounding]
    roll[:, STRUCK + C4] = [step == "x" for step in struck]
    return [(round(note.at * 10), round(note.length_s * 10)) for note in BY_SECOND.decode(roll).notes]


def test_a_key_struck_again_differs_from_a_key_held() -> None:
    roll = BY_SECOND.encode(Phrase.of([Note(0.1, 60, 64, 0.2), Note(0.3, 60, 64, 0.1)]))
    assert roll.shape == (4, 176)
    assert roll[:, C4].tolist() == [0, 1, 1, 1]
    assert roll[:, STRUCK + C4].tolist() == [0, 1, 0, 1]
    assert roll.sum() == 5


def test_a_strike_begins_a_note_and_ends_the_one_before() -> None:
    assert steps("-xxxx-", "-x-x--") == [(1, 2), (3, 2)]


def test_a_key_struck_sounds_also_where_the_roll_says_that_it_does_not() -> None:
    assert steps("-----", "-x-xx") == [(1, 1), (3, 1), (4, 1)]


def test_a_key_that_sounds_without_a_strike_is_struck_where_it_begins() -> None:
    assert steps("-xx-x", "-----") == [(1, 2), (4, 1)]


@pytest.mark.parametrize(
    ("encoding", "grid_s"), [(BY_BEAT, 0.125), (BY_SECOND, 0.1), (RollEncoding(steps=3.0, tempo=60.0), 1 / 3)]
)
@given(data=st.data())
def test_music_on_the_grid_comes_back_but_for_its_velocity(
    encoding: RollEncoding, grid_s: float, data: st.DataObject
) -> None:
    drawn = data.draw(phrases(grid_s=grid_s, longest_gap=30, longest_note=40))
    phrase = Phrase.of(drawn.notes, tempo=TempoMap.steady(encoding.tempo))
    back = encoding.decode(encoding.encode(phrase)).notes
    assert [note.pitch for note in back] == [note.pitch for note in phrase.notes]
    assert np.allclose([note.at for note in back], [note.at for note in phrase.notes], atol=1e-9)
    assert np.allclose([note.length_s for note in back], [note.length_s for note in phrase.notes], atol=1e-9)


@given(roll=st.integers(0, 20).flatmap(lambda n: st.binary(min_size=n * 22, max_size=n * 22)))
def test_what_is_heard_of_any_roll_can_be_written_and_is_heard_again(roll: bytes) -> None:
    tokens = np.unpackbits(np.frombuffer(roll, dtype=np.uint8)).reshape(-1, 176)
    heard = BY_SECOND.decode(tokens)
    assert BY_SECOND.decode(BY_SECOND.encode(heard)).notes == heard.notes


def test_a_grid_of_beats_follows_the_tempo_of_the_music() -> None:
    slow = Phrase.of([Note(1.0, 60, 64, 1.0)], tempo=TempoMap.steady(60))
    assert BY_BEAT.encode(slow)[:, C4].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_keys_that_the_piano_lacks_are_left_out() -> None:
    phrase = Phrase.of(Note(0.0, pitch, 64, 1.0) for pitch in (0, 20, 21, 108, 109, 127))
    assert [note.pitch for note in BY_BEAT.decode(BY_BEAT.encode(phrase)).notes] == [21, 108]


def test_a_grid_that_is_none_is_refused() -> None:
    with pytest.raises(EncodingError, match="grid is one of beats, seconds, not 'bars'"):
        RollEncoding(grid="bars")
