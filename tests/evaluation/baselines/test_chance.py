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
