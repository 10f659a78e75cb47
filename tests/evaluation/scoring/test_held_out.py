"""What is judged: events counted as `performance` counts them, and resets where they are said to fall."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.scoring.held_out import (
    Piece,
    beginnings,
    carried,
    held_out,
    performance_events_before,
    reset,
    resets_of,
)
from evaluation.scoring.likelihood import likelihood
from music.encodings.event import EventEncoding
from music.encodings.performance import PerformanceEncoding
from music.notes import KEYS, Note
from music.pedal import pitches_of
from music.phrase import Phrase
from music.settings import SettingError
from pieces.corpus import Corpus, prepare
from pieces.music_sets import music_set
from pieces.token_pieces import encode_pieces
from tests.support.corpora import music_folder, tiny_corpus
from tests.support.phrases import improvised, phrases
from tests.support.scorers import MemoryScorer, UniformScorer

ENCODING = EventEncoding()


def piece_of(phrase: Phrase, every: int) -> Piece:
    events, before = ENCODING.encode(phrase), performance_events_before(phrase)
    return Piece(
        "", events, np.empty((0, 4), np.int64), resets_of(events, before[:-1], every), int(before[-1])
    )


def test_an_event_is_its_shifts_its_velocity_and_its_key() -> None:
    phrase = Phrase.of([Note(0.0, 60, 64, 0.5), Note(2.5, 62, 64, 0.1), Note(2.5, 64, 90, 0.1)])
    # velocity + down; shift + up; two shifts + down (the velocity stands); velocity + down; shift + up; up
    assert performance_events_before(phrase).tolist() == [0, 2, 4, 7, 9, 11, 12]


def test_keys_beyond_the_piano_count_and_are_no_events() -> None:
    phrase = Phrase.of([Note(0.0, 10, 64, 1.0), Note(0.5, 60, 64, 1.0), Note(3.0, 62, 64, 1.0)])
    assert len(performance_events_before(phrase)) == len(ENCODING.encode(phrase)) + 1
    assert performance_events_before(phrase)[1] == 4  # velocity, down 10, shift, down 60


@given(phrases(pedal=True))
def test_every_event_has_its_performance_events(phrase: Phrase) -> None:
    before = performance_events_before(phrase)
    assert len(before) == len(ENCODING.encode(phrase)) + 1
    assert before[-1] == len(PerformanceEncoding().encode(phrase))
    assert (np.diff(before) > 0).all()


def test_a_reset_falls_before_the_key_going_down_that_is_nearest() -> None:
    down, up = (0, 10, 5), (5, KEYS + 10, 0)
    events = np.array([down, up, down, up, down, up])
    before = np.array([0, 3, 5, 9, 10, 12])
    assert resets_of(events, before, 5) == (2, 4)  # at 5 and 10 exactly
    assert resets_of(events, before, 7) == (2,)  # 5 is nearer to 7 than 10 is
    assert resets_of(events, before, 8) == (4,)  # 10 is nearer to 8
    assert resets_of(np.array([down, up, down, up]), np.array([0, 3, 6, 9]), 3) == (2,)  # 0, 6 and 6
    assert resets_of(events, before, 100) == ()


def test_of_two_boundaries_as_near_the_earlier_is_taken() -> None:
    down, up = (0, 10, 5), (5, KEYS + 10, 0)
    events = np.array([down, up, down, up, down, up])
    assert resets_of(events, np.array([0, 2, 4, 6, 8, 10]), 6) == (2,)


@given(phrases(pedal=True), st.integers(3, 40))
def test_stretches_make_up_the_piece_and_know_what_sounds(phrase: Phrase, every: int) -> None:
    piece = piece_of(phrase, every)
    stretches = reset([piece])
    together = [stretch.events for stretch in stretches]
    assert np.array_equal(np.concatenate([piece.events[:0], *together]), piece.events)
    assert all(stretch.events[0, 1] < KEYS for stretch in stretches[1:])
    state = ENCODING.start()
    for stretch in stretches:
        assert (np.flatnonzero(stretch.sounding) + 21).tolist() == pitches_of(state.keyboard.sounding)
        for token in stretch.events.tolist():
            state, _ = ENCODING.perform(state, tuple(token))


def test_carried_and_reset_differ_by_what_is_remembered() -> None:
    piece = piece_of(improvised(3, notes=200), 100)
    assert len(piece.resets) > 5
    kept, forgotten = (likelihood(MemoryScorer(), cut([piece])) for cut in (carried, reset))
    lengths = np.diff([0, *piece.resets, len(piece.events)])
    by_hand = [sum(1 / (heard + 1) for heard in range(length)) for length in lengths]
    assert forgotten.nats[0, 0] == pytest.approx(sum(by_hand))
    assert kept.nats[0, 0] == pytest.approx(sum(1 / (heard + 1) for heard in range(len(piece.events))))
    assert kept.notes == forgotten.notes
    uniform = [likelihood(UniformScorer(), cut([piece])) for cut in (carried, reset)]
    assert uniform[0].nats == pytest.approx(uniform[1].nats)


def test_the_pieces_of_a_split_are_read_with_all_their_notes(tmp_path: Path) -> None:
    tiny_corpus(tmp_path)
    corpus = Corpus(tmp_path / "corpora" / "tiny.safetensors")
    pieces = held_out(corpus, "test")
    assert [piece.name for piece in pieces] == [
        record.file for record in corpus.description.pieces if record.split == "test"
    ]
    for piece in pieces:
        assert len(piece.notes) == (piece.events[:, 1] < KEYS).sum()
    short = beginnings(encode_pieces([corpus], ENCODING, "test"), 10 * len(pieces))
    assert [len(stretch.events) for stretch in short] == [10] * len(pieces)
    assert np.array_equal(short[1].events, pieces[1].events[:10])


def test_a_split_without_pieces_is_refused(tmp_path: Path) -> None:
    prepare(
        music_set("one"), music_folder(tmp_path / "music", pieces=1), tmp_path / "one.safetensors", workers=1
    )
    corpus = Corpus(tmp_path / "one.safetensors")
    (only,) = corpus.description.pieces
    empty = "test" if only.split == "train" else "train"
    with pytest.raises(SettingError, match=f"no piece is for {empty}; say another --split"):
        held_out(corpus, empty)
