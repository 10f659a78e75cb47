"""Silences of a piece: how long each lasts, and where a phrase is over."""

import pytest

from evaluation.phrase_ends.silences import heard
from music.notes import Note, Pedal
from music.phrase import Phrase


def piece(*gaps_s: float, held: float = 0.6, pedals: tuple[Pedal, ...] = ()) -> Phrase:
    """Notes with these gaps, each held for a share of a fifth of a second."""
    at, notes = 0.0, []
    for gap_s in (*gaps_s, 0.0):
        notes.append(Note(at, 60 + len(notes) % 7, 80, 0.2 * held))
        at += gap_s
    return Phrase.of(notes, pedals)


EVEN = (0.2,) * 30


def test_a_phrase_is_over_with_the_piece_and_at_a_breath() -> None:
    found = heard(piece(*EVEN, 1.0, *EVEN))
    over = [place for place, silence in enumerate(found.silences) if silence.lasts_s is None]
    assert over == [30, 61]
    assert len(found.silences) == 62


def test_what_is_played_is_timed_without_the_rest_after_a_phrase() -> None:
    found = heard(piece(*EVEN, 1.0, *EVEN))
    assert abs(found.played_s - 2 * (30 * 0.2 + 0.12)) < 1e-9


def test_silences_within_a_phrase_last_until_the_next_key() -> None:
    found = heard(piece(*EVEN))
    lasts = [silence.lasts_s for silence in found.silences[:-1]]
    assert all(lasts_s is not None and abs(lasts_s - 0.08) < 1e-9 for lasts_s in lasts)


def test_of_breaths_near_to_each_other_the_clearest_ends_the_phrase() -> None:
    found = heard(piece(*EVEN, 0.6, *(0.2,) * 5, 1.0, *EVEN))
    over = [place for place, silence in enumerate(found.silences) if silence.lasts_s is None]
    assert over == [36, 67]
    within = [silence.lasts_s for silence in found.silences if silence.lasts_s is not None]
    assert max(within) > 0.4  # the weaker breath lies within a phrase


def test_no_phrase_is_shorter_than_the_shortest() -> None:
    assert sum(silence.lasts_s is None for silence in heard(piece(*EVEN, 1.0, *EVEN), 8.0).silences) == 1


def test_where_the_pedal_holds_there_is_no_silence() -> None:
    held = (Pedal(0.0, True), Pedal(20.0, False))
    (only,) = heard(piece(*EVEN, 1.0, *EVEN, pedals=held)).silences
    assert only.lasts_s is None
    assert only.playing.quiet_at == 20.0


def test_what_was_played_before_a_silence_is_remembered_with_it() -> None:
    found = heard(piece(*EVEN, 1.0, *EVEN))
    after_the_breath = found.silences[31].playing
    assert after_the_breath.begun_at == pytest.approx(30 * 0.2 + 1.0)
    assert max(after_the_breath.gaps) < 0.21


def test_a_piece_without_notes_has_none() -> None:
    assert heard(Phrase()).silences == ()
