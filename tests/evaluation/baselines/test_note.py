"""Counting baselines: probabilities that sum to one, and figures worked out by hand."""

import math

import numpy as np
import pytest

from evaluation.answering.distributions import distributions
from evaluation.baselines.note import NOTE_FIELDS, NoteCounts, bigram_likelihood, unigram_likelihood
from evaluation.scoring.held_out import Piece
from music.encodings.note import NoteEncoding
from music.tokens.scales import gap_number, gap_width
from tests.support.phrases import improvised

SIZES = (141, 88, 32, 140)
NO_EVENTS = np.empty((0, 3), np.int64)
THREE_NOTES = np.array([[0, 39, 15, 49], [10, 41, 15, 49], [10, 39, 15, 49]])


def piece(notes: np.ndarray) -> Piece:
    return Piece("", NO_EVENTS, notes, (), 0)


@pytest.fixture(scope="module")
def learnt() -> NoteCounts:
    return NoteCounts.of(NoteEncoding().encode(improvised(seed, notes=80)) for seed in range(5))


@pytest.mark.parametrize("field", range(4), ids=NOTE_FIELDS)
def test_probabilities_sum_to_one_and_none_is_nought(learnt: NoteCounts, field: int) -> None:
    unigram, bigram = learnt.unigram(field), learnt.bigram(field)
    assert unigram.shape == (SIZES[field],)
    assert unigram.sum() == pytest.approx(1)
    assert bigram.sum(1) == pytest.approx(np.ones(SIZES[field]))
    assert min(unigram.min(), bigram.min()) > 0


def test_with_nothing_counted_every_value_is_as_likely() -> None:
    nothing = NoteCounts.of([])
    for baseline in (unigram_likelihood, bigram_likelihood):
        assert baseline(nothing, [piece(THREE_NOTES)]).nats[0] == pytest.approx(3 * np.log(SIZES))


def test_the_unigram_by_hand() -> None:
    found = unigram_likelihood(NoteCounts.of([THREE_NOTES]), [piece(THREE_NOTES)])
    # pitch: 39 twice, 41 once, each counted once more, of 3 + 88
    assert found.nats[0, 1] == pytest.approx(-2 * math.log(3 / 91) - math.log(2 / 91))
    assert found.nats[0, 2] == pytest.approx(-3 * math.log(4 / 35))
    assert found.notes.tolist() == [3]


def test_the_bigram_by_hand() -> None:
    found = bigram_likelihood(NoteCounts.of([THREE_NOTES]), [piece(THREE_NOTES)])
    to_41 = (1 + 5 * 2 / 91) / 6  # 39 was followed once, by 41; five notes' worth of the unigram
    to_39 = (1 + 5 * 3 / 91) / 6
    assert found.nats[0, 1] == pytest.approx(-math.log(3 / 91) - math.log(to_41) - math.log(to_39))
    assert found.record()["pitch_nats_a_note"] == pytest.approx(found.nats[0, 1] / 3)


def test_no_note_is_counted_as_following_the_last_of_another_piece() -> None:
    apart, together = NoteCounts.of([THREE_NOTES, THREE_NOTES]), NoteCounts.of([np.tile(THREE_NOTES, (2, 1))])
    assert apart.followed[1][39, 39] == 0
    assert together.followed[1][39, 39] == 1
    counts = NoteCounts.of([THREE_NOTES])
    of_two = bigram_likelihood(counts, [piece(THREE_NOTES), piece(THREE_NOTES)])
    assert of_two.nats[0].tolist() == of_two.nats[1].tolist()


@pytest.mark.parametrize(("field", "value"), [(0, gap_number(1000)), (3, gap_number(1000) - 1)])
@pytest.mark.parametrize("baseline", [unigram_likelihood, bigram_likelihood])
def test_a_bucket_of_gap_or_length_is_charged_its_width(baseline: object, field: int, value: int) -> None:
    nothing = NoteCounts.of([])
    wide = THREE_NOTES.copy()
    wide[1, field] = value
    extra = baseline(nothing, [piece(wide)]).nats - baseline(nothing, [piece(THREE_NOTES)]).nats
    expected = np.zeros((1, 4))
    expected[0, field] = math.log(gap_width(gap_number(1000)))
    assert extra == pytest.approx(expected)


def test_music_that_was_counted_is_likelier_by_the_bigram(learnt: NoteCounts) -> None:
    heard = [piece(NoteEncoding().encode(improvised(1, notes=80)))]
    strange = [piece(NoteEncoding().encode(improvised(99, notes=80)))]
    assert bigram_likelihood(learnt, heard).nats_a_note < unigram_likelihood(learnt, heard).nats_a_note
    assert bigram_likelihood(learnt, heard).nats_a_note < bigram_likelihood(learnt, strange).nats_a_note


def test_distributions_count_every_note_once_in_each_field() -> None:
    spreads = distributions([THREE_NOTES, THREE_NOTES[:1]])
    assert list(spreads) == ["gap", "pitch", "velocity", "length"]
    for field, size in zip(spreads.values(), SIZES, strict=True):
        assert len(field["symbols"]) == len(field["counts"]) == size
        assert sum(field["counts"]) == 4
    pitch = dict(zip(spreads["pitch"]["symbols"], spreads["pitch"]["counts"], strict=True))
    assert {name: count for name, count in pitch.items() if count} == {"C4": 3, "D4": 1}
    assert spreads["length"]["symbols"][49] == "0.50"
