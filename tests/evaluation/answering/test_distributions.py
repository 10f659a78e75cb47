"""Distributions of notes: counts that add up, and how much two of them have in common."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.answering.distributions import Counts, distributions, even, overlaps
from evaluation.baselines.note import NOTE_FIELDS
from evaluation.scoring.held_out import Notes
from music.encodings.note import NoteEncoding
from music.phrase import Phrase
from tests.support.phrases import improvised, phrases

ENCODING = NoteEncoding()


def notes_of(phrase: Phrase) -> Notes:
    return np.asarray(ENCODING.encode(phrase), np.int64)


def counts_of(**counts: list[int]) -> Counts:
    """Distributions of two symbols a field, those that are not given even."""
    return {name: {"symbols": ["a", "b"], "counts": counts.get(name, [1, 1])} for name in NOTE_FIELDS}


def test_every_field_has_the_symbols_of_the_encoding() -> None:
    fields = ENCODING.vocabulary.fields
    for spread in (distributions([]), even()):
        assert tuple(spread) == NOTE_FIELDS
        assert [tuple(one["symbols"]) for one in spread.values()] == [field.symbols for field in fields]


def test_no_music_has_no_counts_and_nothing_in_common() -> None:
    nothing = distributions([])
    assert {sum(one["counts"]) for one in nothing.values()} == {0}
    assert set(overlaps(nothing, even()).values()) == {None}
    assert set(overlaps(even(), nothing).values()) == {None}


@given(phrases(), phrases())
def test_counts_of_pieces_add_up(one: Phrase, other: Phrase) -> None:
    apart = [distributions([notes_of(phrase)]) for phrase in (one, other)]
    together = distributions([notes_of(one), notes_of(other)])
    for name in NOTE_FIELDS:
        sums = np.sum([spread[name]["counts"] for spread in apart], axis=0)
        assert together[name]["counts"] == sums.tolist()


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        ([1, 0], [0, 1], 0.0),
        ([1, 1], [5, 5], 1.0),
        ([3, 1], [1, 1], 0.75),
        ([1, 0], [1, 3], 0.25),
    ],
)
def test_what_two_distributions_share_can_be_worked_out(
    one: list[int], other: list[int], common: float
) -> None:
    found = overlaps(counts_of(pitch=one), counts_of(pitch=other))
    assert found == {"gap": 1.0, "pitch": common, "velocity": 1.0, "length": 1.0}


@given(
    st.lists(st.integers(0, 9), min_size=2, max_size=2), st.lists(st.integers(0, 9), min_size=2, max_size=2)
)
def test_what_is_shared_is_a_share_and_the_same_from_either_side(one: list[int], other: list[int]) -> None:
    there, back = (
        overlaps(counts_of(gap=left), counts_of(gap=right))["gap"]
        for left, right in ((one, other), (other, one))
    )
    assert there == back
    assert there is None or 0 <= there <= 1


def test_music_has_more_in_common_with_its_like_than_with_chance() -> None:
    one, other = (distributions([notes_of(improvised(seed, notes=80))]) for seed in (1, 2))
    alike, by_chance = overlaps(one, other), overlaps(one, even())
    for name in ("pitch", "velocity"):
        assert (alike[name] or 0.0) > (by_chance[name] or 0.0)
