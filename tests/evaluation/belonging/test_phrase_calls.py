"""Calls that end where phrases end: at a breath or a long note, the same for everybody."""

from dataclasses import replace
from itertools import pairwise

import pytest

from evaluation.belonging.phrase_calls import (
    FEWEST_NOTES,
    LONGEST_S,
    MOST_OF_A_PIECE,
    SHORTEST_S,
    Call,
    phrase_calls,
)
from music.notes import Note, Pedal
from music.phrase import Phrase
from pieces.corpus import PieceRecord
from tests.support.passages import phrases_of_a_piece, tune

LASTS_S = 15 * 0.25 + 1.0  # a phrase and the breath after it


def record(name: str) -> PieceRecord:
    return PieceRecord(name, "test", f"{name:0>16}", 100)


def calls_in(*pieces: Phrase, most: int = 100) -> list[Call]:
    named = [(record(chr(ord("a") + number)), piece) for number, piece in enumerate(pieces)]
    return phrase_calls(named, most)


def test_a_call_ends_at_a_breath_and_the_next_phrase_goes_on() -> None:
    for call in calls_in(phrases_of_a_piece()):
        number = round(call.from_s / LASTS_S)
        assert call.from_s == pytest.approx(number * LASTS_S)
        assert len(call.phrase.notes) == len(call.continuation.notes) == 16
        lowest, lowest_after = (
            min(note.pitch for note in part.notes) for part in (call.phrase, call.continuation)
        )
        assert lowest_after == lowest + 1
        assert call.rest_s == pytest.approx(1.0 - 0.9 * 0.25)


def test_call_continuation_and_the_other_passage_each_begin_at_their_own_second_0() -> None:
    for call in calls_in(phrases_of_a_piece()):
        for part in (call.phrase, call.continuation, call.elsewhere):
            assert part.notes[0].at == pytest.approx(0)
            assert part.pedals == ()


def test_a_long_note_ends_a_phrase_though_nothing_is_silent() -> None:
    piece = phrases_of_a_piece()
    held = [
        replace(note, length_s=later.at - note.at)
        for note, later in zip(piece.notes, piece.notes[1:], strict=False)
    ]
    calls = calls_in(Phrase.of(held))
    assert calls
    for call in calls:
        assert call.from_s == pytest.approx(round(call.from_s / LASTS_S) * LASTS_S)
        assert call.rest_s == pytest.approx(0)
        assert call.phrase.notes[-1].length_s == pytest.approx(1.0)


def test_even_music_has_no_phrases_and_so_no_calls() -> None:
    assert calls_in(tune([60 + place % 12 for place in range(200)], 0.25)) == []


def test_quick_music_breathes_only_where_a_gap_is_long_enough_to_be_heard() -> None:
    hurried = phrases_of_a_piece(12, gap_s=0.06, rest_s=0.2)
    assert calls_in(hurried) == []


@pytest.mark.parametrize(
    "piece",
    [
        Phrase(),
        tune([60]),
        phrases_of_a_piece(1),
        phrases_of_a_piece(2),
        phrases_of_a_piece(6, gap_s=1.5, rest_s=4.0),
        Phrase.of(Note(place * 2.0 + 0.3 * (place % 4), 60, 64, 0.2) for place in range(60)),
    ],
    ids=["nothing", "one note", "nothing follows", "no other passage", "long phrases", "too few notes"],
)
def test_where_something_is_missing_no_call_is_made(piece: Phrase) -> None:
    assert calls_in(piece) == []


def test_every_part_of_a_call_has_notes_enough_and_a_call_is_neither_short_nor_long() -> None:
    for call in calls_in(phrases_of_a_piece(9), phrases_of_a_piece(20, gap_s=0.12, rest_s=0.5)):
        assert (
            min(len(part.notes) for part in (call.phrase, call.continuation, call.elsewhere)) >= FEWEST_NOTES
        )
        assert SHORTEST_S <= call.phrase.until + call.rest_s <= LONGEST_S + 1e-9


def test_another_passage_has_nothing_of_the_call_and_its_continuation_and_is_the_nearest() -> None:
    for call in calls_in(phrases_of_a_piece(9)):
        number, elsewhere = (
            min(note.pitch for note in part.notes) - 60 for part in (call.phrase, call.elsewhere)
        )
        assert elsewhere in (number - 1, number + 2)


def test_no_call_overlaps_another_or_its_continuation() -> None:
    begins = sorted(call.from_s for call in calls_in(phrases_of_a_piece(12), most=100))
    assert all(later - before >= 2 * LASTS_S - 0.01 for before, later in pairwise(begins))


def test_every_piece_has_its_turn_before_one_has_a_second_call_and_none_has_many() -> None:
    pieces = [phrases_of_a_piece(12, first) for first in (50, 60, 70)]
    first, all_of_them = calls_in(*pieces, most=3), calls_in(*pieces)
    assert sorted(call.piece for call in first) == ["a", "b", "c"]
    assert all_of_them[:3] == first
    assert len(all_of_them) == 3 * MOST_OF_A_PIECE


def test_the_same_music_gives_the_same_calls_in_whatever_order_pieces_come() -> None:
    pieces = [(record(name), phrases_of_a_piece(12)) for name in "abc"]
    assert phrase_calls(pieces, 5) == phrase_calls(pieces[::-1], 5)


def test_the_pedal_is_folded_in() -> None:
    held = replace(phrases_of_a_piece(), pedals=(Pedal(0.1, True), Pedal(LASTS_S - 0.5, False)))
    calls = calls_in(held)
    first = [call for call in calls if call.from_s == 0.0]
    for call in first:
        assert call.rest_s == pytest.approx(0.5)
