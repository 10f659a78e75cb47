"""What a course of notes leaves open next, strike by strike."""

from dataclasses import replace
from itertools import pairwise
from math import inf

import pytest

from music.encodings.event import EventEncoding
from music.notes import KEYS, Note
from music.phrase import events_of, pedal_folded
from realtime.answerers.bounds import (
    LONGEST_GAP_S,
    MOST_AT_ONCE,
    MOST_IN_A_SECOND,
    Bounds,
    CallSoFar,
    Course,
    bounds_for,
    keeps_within,
)
from tests.support.simple_calls import CALLS

NARROW = Bounds(in_a_second=4, at_once=2, repetitions=3, gap_s=2.0, silence_s=0.5)


def course() -> Course:
    return Course(NARROW, latest_first=11.0)


def test_a_call_of_one_note_leaves_room_to_answer() -> None:
    assert bounds_for([Note(0.0, 60, 64, 1.0)]) == Bounds(4, 3, 3, 2.0, 1.2)
    assert bounds_for([]) == Bounds(4, 3, 3, 2.0, 1.2)


def test_a_full_call_may_be_answered_fully_but_no_more_than_people_play() -> None:
    cluster = [Note(beat / 10, 40 + voice, 64, 0.1) for beat in range(20) for voice in range(7)]
    bounds = bounds_for(cluster)
    assert (bounds.in_a_second, bounds.at_once) == (MOST_IN_A_SECOND, MOST_AT_ONCE)


def test_a_slow_call_with_rests_may_be_answered_as_slowly() -> None:
    assert bounds_for([Note(0.0, 60, 64, 1.0), Note(1.4, 62, 64, 1.0)]).gap_s == pytest.approx(2.8)
    assert bounds_for([Note(0.0, 60, 64, 1.0), Note(2.0, 62, 64, 1.0)]).gap_s == LONGEST_GAP_S
    slow = bounds_for([Note(0.0, 60, 64, 1.0), Note(5.0, 62, 64, 1.0)])
    assert (slow.gap_s, slow.silence_s) == (5.0, 4.0)


@pytest.mark.parametrize("name", CALLS)
def test_measured_key_by_key_as_it_is_played_a_call_gives_the_bounds_of_the_whole(name: str) -> None:
    so_far, encoding = CallSoFar(), EventEncoding()
    written = encoding.start()
    for happened in events_of(CALLS[name]):
        written, made = encoding.feed(written, happened)
        for _, key, _ in made:
            so_far.take(happened.at, key)
    whole = pedal_folded(CALLS[name]).notes
    found, wanted = so_far.bounds, bounds_for(whole)
    assert (found.in_a_second, found.at_once, found.repetitions) == (
        wanted.in_a_second,
        wanted.at_once,
        wanted.repetitions,
    )
    assert (found.gap_s, found.silence_s) == pytest.approx((wanted.gap_s, wanted.silence_s))
    assert so_far.pitches == {note.pitch for note in whole}


def test_of_a_call_the_silence_counts_only_where_no_key_is_down() -> None:
    so_far = CallSoFar()
    for at, key in ((0.0, 10), (0.5, 20), (1.0, 20 + KEYS), (2.0, 10 + KEYS), (4.5, 20)):
        so_far.take(at, key)
    assert so_far.bounds.silence_s == 2.5


def test_before_the_first_strike_there_is_only_a_last_moment() -> None:
    fresh = course()
    assert (fresh.earliest, fresh.latest, fresh.weary) == (-inf, 11.0, None)


def test_a_full_moment_waits_until_it_is_over_and_a_full_second_likewise() -> None:
    played = course()
    played.strike(1.0, 40)
    assert played.earliest == -inf
    played.strike(1.01, 44)
    assert 1.03 < played.earliest < 1.0301
    played.strike(1.1, 47)
    played.strike(1.2, 50)
    assert 2.0 < played.earliest < 2.0001


def test_something_must_be_struck_before_the_gap_or_the_silence_grows_too_long() -> None:
    played = course()
    played.strike(1.0, 40)
    assert played.latest == 3.0
    played.release(1.2, 40)
    assert played.latest == pytest.approx(1.7)
    played.strike(1.6, 41)
    assert played.latest == pytest.approx(3.6)


def test_a_key_is_weary_after_so_many_strikes_until_another_was_struck() -> None:
    played = course()
    for at in (1.0, 2.0, 3.0):
        assert played.weary is None
        played.strike(at, 40)
    assert played.weary == 40
    played.strike(4.0, 41)
    assert played.weary is None


# Whether notes that are there already keep within bounds.


def even(count: int, each_s: float, held_s: float = 0.1, step: int = 1) -> list[Note]:
    return [Note(place * each_s, 60 + step * place, 64, held_s) for place in range(count)]


@pytest.mark.parametrize(
    ("notes", "keeps"),
    [
        ([], True),
        (even(1, 1.0), True),
        (even(4, 0.2), True),
        (even(5, 0.25), True),  # the fifth is struck a second after the first
        (even(5, 0.24), False),
        ([Note(0.0, 60 + voice, 64, 0.5) for voice in range(2)], True),
        ([Note(0.0, 60 + voice, 64, 0.5) for voice in range(3)], False),
        ([Note(0.04 * voice, 60 + voice, 64, 0.5) for voice in range(3)], True),
        (even(3, 0.3, step=0), True),
        (even(4, 0.3, step=0), False),
        (even(3, 2.0, held_s=1.8), True),
        (even(3, 2.1, held_s=2.0), False),
        (even(3, 0.6, held_s=0.1), True),
        (even(3, 0.7, held_s=0.1), False),
    ],
    ids=[
        "nothing",
        "one note",
        "a full second",
        "just no fuller",
        "a fuller second",
        "a full moment",
        "a fuller moment",
        "a broken chord",
        "a key thrice",
        "a key once more",
        "a long gap",
        "a longer gap",
        "a silence",
        "a longer silence",
    ],
)
def test_notes_keep_within_bounds_or_not(notes: list[Note], keeps: bool) -> None:
    assert keeps_within(notes, NARROW) is keeps


@pytest.mark.parametrize("name", CALLS)
def test_every_call_keeps_within_its_own_bounds(name: str) -> None:
    call = pedal_folded(CALLS[name]).notes
    assert keeps_within(call, bounds_for(call))


@pytest.mark.parametrize("name", CALLS)
def test_what_a_course_let_pass_keeps_within_its_bounds(name: str) -> None:
    """Struck at the earliest that a course leaves open, any call keeps within bounds that it did not."""
    notes, now = [], 0.0
    played = Course(NARROW, latest_first=1.0)
    for note in pedal_folded(CALLS[name]).notes:
        now = max(now, min(max(note.at, played.earliest), played.latest))
        pitch = note.pitch + (1 if played.weary == note.pitch else 0)
        for key in list(played.sounding):
            played.release(now, key)
        played.strike(now, pitch)
        notes.append(Note(now, pitch, 64, 0.0))
    held = [replace(note, length_s=later.at - note.at) for note, later in pairwise(notes)]
    assert keeps_within(held, NARROW)
