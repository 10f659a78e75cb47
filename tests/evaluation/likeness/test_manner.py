"""Measures of a piece, against pieces that are reckoned by hand; and what has none."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from evaluation.likeness.manner import MEASURES, entropy_of, measures_of, table_of
from music.notes import Note
from music.phrase import Phrase
from tests.support.phrases import improvised


def steady(pitches: Sequence[int], gap_s: float = 0.5) -> Phrase:
    return Phrase.of(Note(gap_s * place, pitch, 64, 0.25) for place, pitch in enumerate(pitches))


def test_plain_measures_of_a_tune() -> None:
    found = measures_of(steady([60, 64, 62, 66])).values
    assert found["pitch"] == 63
    assert found["range"] == 6
    assert found["spread"] == pytest.approx(math.sqrt(5))
    assert found["interval"] == pytest.approx((4 + 2 + 4) / 3)
    assert found["gap"] == 0.5
    assert found["length"] == 0.25
    assert found["chord"] == 1
    assert found["notes"] == pytest.approx(4 / 1.5)


def test_entropy_counts_pitch_classes_not_octaves() -> None:
    assert entropy_of(np.array([4, 0, 0])) == 0
    assert entropy_of(np.array([1, 1, 1, 1])) == 2
    assert measures_of(steady([60, 72, 48, 60])).values["entropy"] == 0
    assert measures_of(steady([60, 61, 62, 63])).values["entropy"] == 2


def test_groove_is_1_for_one_rhythm_and_less_for_another() -> None:
    assert measures_of(steady([60] * 12)).values["groove"] == 1
    faster = [Note(0.5 * place, 60, 64, 0.1) for place in range(4)]
    faster += [Note(2 + 0.125 * place, 60, 64, 0.1) for place in range(16)]
    assert measures_of(Phrase.of(faster)).values["groove"] == pytest.approx(4 / 16)


def test_what_comes_back_is_like_itself() -> None:
    here, there = [60, 64, 67, 72], [61, 63, 66, 68]
    comes_back = measures_of(steady([*here, *there, *here, *there])).values
    assert comes_back["self_similarity"] == pytest.approx(1)
    wanders = measures_of(steady([60] * 4 + [61] * 4 + [62] * 4 + [63] * 4)).values
    assert wanders["self_similarity"] == pytest.approx(0)


@pytest.mark.parametrize(
    ("piece", "has"),
    [
        (Phrase(), set[str]()),
        (steady([60]), {"pitch", "spread", "range", "length", "chord", "entropy"}),
        (improvised(1, 100), set(MEASURES)),
    ],
    ids=["silence", "one note", "music"],
)
def test_what_a_piece_can_not_have_is_not_defined(piece: Phrase, has: set[str]) -> None:
    figures = measures_of(piece)
    assert figures.values.keys() == has
    assert figures.undefined.keys() == MEASURES.keys() - has


def test_pieces_that_lack_a_measure_are_left_out_of_the_table() -> None:
    table = table_of([improvised(1, 100), Phrase(), improvised(2, 100)])
    assert table.shape == (2, len(MEASURES))
    assert table_of([]).shape == (0, len(MEASURES))
