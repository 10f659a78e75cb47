"""Calls cut out of pieces: whole phrases between silences, the same for every model, and what follows."""

from dataclasses import replace

import pytest

from evaluation.answering.calls import (
    LONGEST_S,
    SHORTEST_S,
    SILENCE_S,
    calls_of,
    strangers,
)
from music.notes import Note, Pedal
from music.phrase import Phrase
from pieces.corpus import PieceRecord


def record(name: str) -> PieceRecord:
    return PieceRecord(name, "test", f"{name:0>16}", 100)


def phrases(count: int, lasting_s: float = 4.0, notes: int = 10, silence_s: float = 0.5) -> Phrase:
    """So many phrases of even notes, each a semitone higher than the one before, silences between them."""
    each = lasting_s / notes
    return Phrase.of(
        Note(number * (lasting_s + silence_s) + place * each, 60 + number, 70, each)
        for number in range(count)
        for place in range(notes)
    )


def test_a_call_is_a_whole_phrase_and_the_next_one_is_its_continuation() -> None:
    found = sorted(calls_of([(record("a"), phrases(3))]), key=lambda call: call.from_s)
    assert [call.from_s for call in found] == [0.0, 4.5]
    first = found[0]
    assert first.until_s == pytest.approx(4.0)
    assert {note.pitch for note in first.phrase.notes} == {60}
    assert {note.pitch for note in first.continuation.notes} == {61}
    assert len(first.phrase.notes) == len(first.continuation.notes) == 10
    assert first.phrase.notes[0].at == 0.0
    assert first.continuation.notes[0].at == pytest.approx(4.5)


def test_a_call_lasts_neither_too_short_nor_too_long() -> None:
    for call in calls_of(
        [(record("a"), phrases(12, lasting_s=1.0)), (record("b"), phrases(3, lasting_s=20.0))]
    ):
        assert call.piece == "a"
        assert SHORTEST_S <= call.until_s - call.from_s <= LONGEST_S


@pytest.mark.parametrize(
    "piece",
    [
        phrases(4, silence_s=SILENCE_S / 2),
        phrases(6, notes=2),
        phrases(1),
        replace(phrases(4), pedals=(Pedal(0.1, True), Pedal(17.0, False))),
    ],
    ids=["no silence", "few notes", "nothing follows", "the pedal holds on"],
)
def test_where_no_phrase_stands_free_no_call_is_made(piece: Phrase) -> None:
    assert calls_of([(record("a"), piece)]) == []


def test_every_piece_has_its_turn_before_one_has_two() -> None:
    pieces = [(record(name), phrases(6)) for name in "abc"]
    assert sorted(call.piece for call in calls_of(pieces, most=3)) == ["a", "b", "c"]
    found = calls_of(pieces, most=8)
    assert sorted(call.piece for call in found[:3]) == ["a", "b", "c"]
    assert len(found) == 8
    assert len({(call.piece, call.from_s) for call in found}) == 8


def test_the_same_music_gives_the_same_calls_in_whatever_order_pieces_come() -> None:
    pieces = [(record(name), phrases(6)) for name in "abc"]
    assert calls_of(pieces) == calls_of(pieces[::-1]) == calls_of(pieces)


def test_a_partner_by_chance_is_always_of_another_piece() -> None:
    calls = calls_of([(record(name), phrases(6)) for name in "ab"])
    partners = strangers(calls)
    for call, partner in zip(calls, partners, strict=True):
        assert partner is not None
        assert partner.piece != call.piece
    assert strangers(calls_of([(record("a"), phrases(6))])) == [None] * 5
