"""Proves what a grid does to notes: nearest frames, one note per key at a time, refusals beyond its end."""

from math import inf, nan

import pytest
from hypothesis import given

from music.beats import TempoMap
from music.notes import Note, Pedal
from music.phrase import Phrase
from music.tokens.encoding import EncodingError
from music.tokens.grid import (
    LONGEST_GRID,
    Span,
    at_tempo,
    in_beats,
    in_seconds,
    one_at_a_time,
    played,
    snapped,
    without_pedal,
)
from tests.support.phrases import phrases

SLOWING = TempoMap.of([(0.0, 0.5), (4.0, 1.0)])  # two seconds of four beats, then a beat a second


def on_grid(*notes: Note) -> list[tuple[int, int, int, int]]:
    return [
        (span.start, span.end, span.pitch, span.velocity) for span in snapped(notes, in_seconds(Phrase()), 10)
    ]


def test_notes_go_to_the_nearest_frames_and_last_one_at_least() -> None:
    assert on_grid(Note(0.14, 60, 70, 0.12), Note(0.96, 62, 70, 0.01)) == [(1, 3, 60, 70), (10, 11, 62, 70)]


def test_half_a_frame_goes_up_however_the_seconds_were_computed() -> None:
    assert on_grid(Note(0.1 * 3.5, 60, 70, 0.1 * 7))[0][:2] == (4, 11)


def test_of_notes_that_begin_one_key_in_one_frame_the_longest_and_the_loudest_stay() -> None:
    assert on_grid(Note(0.11, 60, 90, 0.1), Note(0.13, 60, 30, 0.9)) == [(1, 10, 60, 90)]


def test_a_key_that_begins_again_ends_its_note() -> None:
    assert on_grid(Note(0.1, 60, 70, 1.0), Note(0.4, 60, 80, 0.2)) == [(1, 4, 60, 70), (4, 6, 60, 80)]


def test_pitches_that_midi_lacks_are_left_out() -> None:
    assert on_grid(Note(0, -1, 64, 1), Note(0, 0, 64, 1), Note(0, 127, 64, 1), Note(0, 128, 64, 1)) == [
        (0, 10, 0, 64),
        (0, 10, 127, 64),
    ]


@pytest.mark.parametrize(
    ("at", "length_s"),
    [(1.0, inf), (inf, 1.0), (nan, 1.0), (-inf, 1.0), (0.0, LONGEST_GRID / 10 + 1), (-LONGEST_GRID, 1.0)],
)
def test_what_lies_too_far_for_the_grid_is_refused(at: float, length_s: float) -> None:
    with pytest.raises(EncodingError, match="beyond 2000000 frames of the grid"):
        on_grid(Note(at, 60, 64, length_s))


@given(phrase=phrases(grid_s=0.1, lowest=0, highest=127))
def test_what_was_snapped_is_played_where_it_was(phrase: Phrase) -> None:
    spans = snapped(phrase.notes, in_seconds(phrase), 10)
    assert snapped(played(spans, 10).notes, in_seconds(phrase), 10) == spans


@given(phrase=phrases(grid_s=0.037))
def test_snapped_notes_sound_one_at_a_time(phrase: Phrase) -> None:
    ends: dict[int, int] = {}
    for span in snapped(phrase.notes, in_beats(phrase), 2):
        assert span.frames >= 1
        assert span.start >= ends.get(span.pitch, 0)
        ends[span.pitch] = span.end


def test_beats_follow_a_tempo_that_changes() -> None:
    phrase = Phrase.of([Note(1.5, 60, 64, 1.5)], tempo=SLOWING)
    assert snapped(phrase.notes, in_beats(phrase), 1) == [Span(3, 5, 60, 64)]


def test_at_a_steady_tempo_notes_keep_their_beats_and_lose_the_pedal() -> None:
    phrase = Phrase.of([Note(1.5, 60, 64, 1.5, voice=2)], [Pedal(0.0, True)], SLOWING)
    steady = at_tempo(phrase, 60)
    assert steady.notes == (Note(3.0, 60, 64, 2.0, voice=2),)
    assert steady.pedals == ()
    assert steady.tempo == TempoMap.steady(60)


@pytest.mark.parametrize(
    ("spans", "kept"),
    [
        ([], []),
        ([Span(0, 2, 60, 64), Span(2, 4, 60, 64)], [Span(0, 2, 60, 64), Span(2, 4, 60, 64)]),
        ([Span(0, 3, 60, 64), Span(2, 4, 60, 70)], [Span(0, 2, 60, 64), Span(2, 4, 60, 70)]),
        ([Span(0, 9, 60, 64), Span(2, 4, 60, 70)], [Span(0, 2, 60, 64), Span(2, 4, 60, 70)]),
        ([Span(0, 2, 60, 64), Span(0, 5, 60, 50)], [Span(0, 5, 60, 64)]),
        ([Span(0, 5, 60, 64), Span(2, 5, 61, 64)], [Span(0, 5, 60, 64), Span(2, 5, 61, 64)]),
        (
            [Span(0, 5, 60, 64), Span(2, 3, 60, 64), Span(2, 6, 60, 80)],
            [Span(0, 2, 60, 64), Span(2, 6, 60, 80)],
        ),
    ],
    ids=["none", "neighbours", "an overlap", "one within", "at once", "another key", "at once and within"],
)
def test_a_key_sounds_once_at_a_time(spans: list[Span], kept: list[Span]) -> None:
    assert one_at_a_time(spans) == kept


def test_without_its_pedal_a_phrase_has_its_notes_and_tempo_as_they_were() -> None:
    phrase = Phrase.of([Note(0.5, 60, 64, 1.0)], [Pedal(0.0, True), Pedal(2.0, False)], SLOWING)
    bare = without_pedal(phrase)
    assert (bare.notes, bare.pedals, bare.tempo) == (phrase.notes, (), SLOWING)


def test_spans_are_played_at_the_tempo_that_is_asked_for() -> None:
    spans = [Span(2, 5, 60, 64)]
    assert played(spans, 1).notes == (Note(2.0, 60, 64, 3.0),)
    slowing = played(spans, 1, SLOWING)
    assert slowing.notes == (Note(1.0, 60, 64, 2.0),)
    assert slowing.tempo == SLOWING


def test_time_before_the_beginning_counts_as_the_beginning() -> None:
    assert on_grid(Note(-0.3, 60, 64, 0.5), Note(-1.0, 62, 64, 0.2)) == [(0, 2, 60, 64), (0, 1, 62, 64)]
