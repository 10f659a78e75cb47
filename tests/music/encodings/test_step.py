"""Proves that pitch, step and duration come back, and that whatever a model makes up is clamped as stated."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.encodings.step import StepEncoding
from music.notes import Note
from music.phrase import Phrase
from music.tokens.encoding import EncodingError
from tests.support.phrases import improvised, phrases

ENCODING = StepEncoding()


def test_a_row_is_pitch_step_and_duration_by_onset() -> None:
    phrase = Phrase.of([Note(1.5, 64, 90, 0.25), Note(0.5, 60, 50, 2.0), Note(1.5, 67, 90, 0.5)])
    assert ENCODING.encode(phrase).tolist() == [[60, 0.5, 2.0], [64, 1.0, 0.25], [67, 0.0, 0.5]]


@given(phrase=phrases())
def test_notes_come_back_but_for_their_velocity(phrase: Phrase) -> None:
    back = ENCODING.decode(ENCODING.encode(phrase)).notes
    assert [(note.pitch, note.velocity) for note in back] == [(note.pitch, 64) for note in phrase.notes]
    assert np.allclose([note.at for note in back], [note.at for note in phrase.notes], atol=1e-9)
    assert np.allclose([note.length_s for note in back], [note.length_s for note in phrase.notes], atol=1e-9)


def test_nothing_is_rounded() -> None:
    phrase = improvised(3)
    back = ENCODING.decode(ENCODING.encode(phrase)).notes
    assert max(abs(a.at - b.at) for a, b in zip(phrase.notes, back, strict=True)) < 1e-9


@pytest.mark.parametrize(
    ("said", "taken"), [(-3.0, 0.0), (math.nan, 0.0), (-math.inf, 0.0), (math.inf, 60.0), (1e300, 60.0)]
)
def test_times_that_a_model_made_up_are_clamped(said: float, taken: float) -> None:
    notes = ENCODING.decode(np.array([[60, 1.0, said], [62, said, 0.5]])).notes
    by_pitch = {note.pitch: note for note in notes}
    assert by_pitch[60].length_s == taken
    assert by_pitch[62].at == 1.0 + taken


@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 127),
            st.floats(allow_nan=True, allow_infinity=True),
            st.floats(allow_nan=True, allow_infinity=True),
        ),
        max_size=20,
    )
)
def test_whatever_a_model_says_is_a_phrase_of_finite_notes(rows: list[tuple[int, float, float]]) -> None:
    notes = ENCODING.decode(np.array(rows, dtype=np.float64).reshape(-1, 3)).notes
    assert len(notes) == len(rows)
    assert all(0 <= note.at <= 60 * len(rows) and 0 <= note.length_s <= 60 for note in notes)


def test_a_rest_beyond_the_longest_step_is_shortened() -> None:
    phrase = Phrase.of([Note(0.0, 60, 64, 5.0), Note(100.0, 62, 64, 1.0)])
    assert StepEncoding(longest_s=2.0).encode(phrase).tolist() == [[60, 0, 2], [62, 2, 1]]


def test_a_note_before_the_beginning_begins_there() -> None:
    assert ENCODING.encode(Phrase.of([Note(-1.0, 60, 64, 1.5)])).tolist() == [[60, 0.0, 0.5]]


@pytest.mark.parametrize("pitch", [-1.0, 128.0, 60.5, math.nan])
def test_a_pitch_that_is_none_is_refused_by_its_place(pitch: float) -> None:
    with pytest.raises(EncodingError, match="token 1: pitch is a whole number from 0 to 127"):
        ENCODING.decode(np.array([[60, 0.0, 1.0], [pitch, 0.0, 1.0]]))
