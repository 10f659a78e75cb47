"""Proves the paper's worked example, the format filter and what decoding makes of a broken format."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given

from music.encodings.pair import PairEncoding
from music.notes import Note
from music.phrase import Phrase
from music.tokens.encoding import EncodingError
from tests.support.phrases import phrases

ENCODING = PairEncoding()
UNIT_S = 0.125  # a sixteenth of a bar of four beats, at 120 beats a minute
EXAMPLE = "xxbos xxpad n72 d2 n52 d16 n48 d16 n45 d16 xxsep d2 n71 d2 xxsep d2 n71 d2"
EXAMPLE_NOTES = [(0, 72, 2), (0, 52, 16), (0, 48, 16), (0, 45, 16), (2, 71, 2), (4, 71, 2)]


def written(*notes: tuple[float, int, float], encoding: PairEncoding = ENCODING) -> str:
    """The tokens of notes given as (unit, pitch, units)."""
    phrase = Phrase.of(Note(at * UNIT_S, pitch, 70, length * UNIT_S) for at, pitch, length in notes)
    return " ".join(encoding.vocabulary.show(tuple(token)) for token in encoding.encode(phrase).tolist())


def heard(text: str) -> list[tuple[int, int, int]]:
    """What tokens tell, as (unit, pitch, units)."""
    numbers = ENCODING.vocabulary.fields[0].numbers
    notes = ENCODING.decode(np.array([numbers[word] for word in text.split()]).reshape(-1, 1)).notes
    return [(round(note.at / UNIT_S), note.pitch, round(note.length_s / UNIT_S)) for note in notes]


def test_the_worked_example_is_written_as_in_the_paper() -> None:
    assert written(*EXAMPLE_NOTES) == EXAMPLE


def test_the_worked_example_is_read_as_in_the_paper() -> None:
    assert heard(EXAMPLE) == sorted(EXAMPLE_NOTES)


def test_music_that_begins_with_a_rest_begins_with_a_separator() -> None:
    assert written((3, 60, 1)) == "xxbos xxpad xxsep d3 n60 d1"


def test_a_wait_longer_than_the_longest_duration_takes_several_separators() -> None:
    short = PairEncoding(longest=8)
    assert written((20, 60, 30), encoding=short) == "xxbos xxpad xxsep d8 xxsep d8 xxsep d4 n60 d8"
    assert written((16, 60, 1), encoding=short) == "xxbos xxpad xxsep d8 xxsep d8 n60 d1"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        pytest.param(
            "n60 n64 d4 xxsep d1 n67", "n60 d1 n64 d4 xxsep d1 n67 d1", id="a note without one has d1"
        ),
        pytest.param("n60 d2 xxsep n64 d2", "n60 d2 xxsep d1 n64 d2", id="so has a separator"),
        pytest.param(
            "d9 n60 d2 d7 d8 xxsep d3 d3 n64 d1", "n60 d2 xxsep d3 n64 d1", id="a stray duration says nothing"
        ),
        pytest.param(
            "n60 d2 xxbos xxpad n64 d2 xxpad", "n60 d2 n64 d2", id="nor does a start or padding in the middle"
        ),
        pytest.param("n60 xxpad d5", "n60 d1", id="which parts a note from its duration"),
        pytest.param(
            "n60 d8 xxsep d2 n60 d2", "n60 d2 xxsep d2 n60 d2", id="a key struck again ends its note"
        ),
        pytest.param("n60 d2 n60 d7 n60 d3", "n60 d7", id="of one key at once the longest note stays"),
        pytest.param("n60 d2 xxsep d8 xxsep", "n60 d2", id="separators at the end say nothing"),
    ],
)
def test_a_broken_format_is_repaired(wrong: str, right: str) -> None:
    assert heard(wrong) == heard(right)


@given(phrase=phrases(grid_s=UNIT_S, longest_gap=300, longest_note=128, lowest=0, highest=127))
def test_music_on_the_grid_comes_back_but_for_its_velocity(phrase: Phrase) -> None:
    back = ENCODING.decode(ENCODING.encode(phrase)).notes
    assert [note.pitch for note in back] == [note.pitch for note in phrase.notes]
    assert np.allclose([note.at for note in back], [note.at for note in phrase.notes], atol=1e-9)
    assert np.allclose([note.length_s for note in back], [note.length_s for note in phrase.notes], atol=1e-9)


@given(phrase=phrases(grid_s=UNIT_S, longest_gap=300))
def test_whatever_is_encoded_passes_the_format_filter(phrase: Phrase) -> None:
    numbers = ENCODING.encode(phrase)[:, 0].tolist()
    assert all(ENCODING.allowed_after(number)[following] for number, following in pairwise(numbers))


@pytest.mark.parametrize(
    ("before", "allowed"),
    [
        ("xxbos", {"xxpad", "xxsep", "n0", "n127"}),
        ("xxpad", {"xxsep", "n0", "n127"}),
        ("xxsep", {"d1", "d128"}),
        ("n0", {"d1", "d128"}),
        ("n127", {"d1", "d128"}),
        ("d1", {"xxsep", "n0", "n127"}),
        ("d128", {"xxsep", "n0", "n127"}),
    ],
)
def test_the_format_filter_lets_durations_follow_notes_and_notes_follow_durations(
    before: str, allowed: set[str]
) -> None:
    numbers = ENCODING.vocabulary.fields[0].numbers
    mask = ENCODING.allowed_after(numbers[before])
    edges = ("xxbos", "xxpad", "xxsep", "n0", "n127", "d1", "d128")
    assert {name for name in edges if mask[numbers[name]]} == allowed
    assert mask.shape == (259,)


def test_a_longest_duration_of_none_is_refused() -> None:
    with pytest.raises(EncodingError, match="longest is a number from 1"):
        PairEncoding(longest=0)
