"""What knowing nothing costs, in figures that a person can work out."""

import math

import numpy as np
import pytest

from evaluation.baselines.chance import chance_likelihood
from evaluation.scoring.held_out import Piece
from music.encodings.event import EventEncoding
from music.notes import Note
from music.phrase import Phrase
from music.tokens.scales import GAPS, gap_width
from tests.support.phrases import improvised


def piece_of(phrase: Phrase) -> Piece:
    return Piece("made", EventEncoding().encode(phrase), np.zeros((0, 4), np.int64), (), 0)


def test_each_event_costs_a_gap_and_a_key_and_each_note_a_velocity() -> None:
    record = chance_likelihood([piece_of(improvised(1))]).record()
    notes, events = record["notes"], record["events"]
    assert events == 2 * notes
    assert record["gap_nats_a_note"] == pytest.approx(2 * math.log(GAPS))
    assert record["key_nats_a_note"] == pytest.approx(2 * math.log(88))
    assert record["velocity_nats_a_note"] == pytest.approx(math.log(32))


def test_a_wide_bucket_costs_its_width_more() -> None:
    piece = piece_of(Phrase.of([Note(0.0, 60, 70, 5.0)]))
    gap = int(piece.events[1, 0])
    assert gap_width(gap) > 1
    record = chance_likelihood([piece]).record()
    assert record["gap_nats_a_note"] == pytest.approx(2 * math.log(GAPS) + math.log(gap_width(gap)))


def test_the_sum_over_pieces_is_that_of_all_and_each_piece_has_its_own() -> None:
    pieces = [piece_of(improvised(seed, notes=10 * seed)) for seed in (1, 2, 3)]
    together, apart = chance_likelihood(pieces), [chance_likelihood([piece]) for piece in pieces]
    assert together.notes.tolist() == [10, 20, 30]
    assert together.events == sum(one.events for one in apart)
    assert together.nats == pytest.approx(np.concatenate([one.nats for one in apart]))


def test_what_is_played_does_not_matter_but_for_wide_gaps() -> None:
    def scale(pitch: int, velocity: int) -> Phrase:
        return Phrase.of(Note(0.25 * place, pitch + place, velocity, 0.2) for place in range(8))

    low, high = chance_likelihood([piece_of(scale(30, 20))]), chance_likelihood([piece_of(scale(90, 110))])
    assert low.nats == pytest.approx(high.nats)
    assert low.standard_error == 0  # of one piece nothing can be said


def test_pieces_alike_have_no_error_and_their_mean() -> None:
    one = piece_of(improvised(4))
    found = chance_likelihood([one, one, one])
    assert found.standard_error == pytest.approx(0, abs=1e-9)
    assert found.nats_a_note == pytest.approx(chance_likelihood([one]).nats_a_note)
