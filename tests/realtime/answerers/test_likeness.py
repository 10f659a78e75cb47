"""A call beyond what a model knows is brought to its edge, in loudness and pace, and the answer back."""

from collections.abc import Sequence
from dataclasses import replace
from math import log2

import pytest

from music.listening.beat_time import BEAT_S
from music.notes import KeyEvent, NoteOff, NoteOn
from realtime.answerers.likeness import (
    FASTEST,
    SLOWEST,
    Likeness,
    in_its_own_beat,
    is_near,
    likeness_of,
    newest,
)

LOUDNESS, DENSITY = (35.0, 82.0), (6.0, 24.0)


def call(onsets_a_second: float, velocity: int, notes: int = 12) -> list[KeyEvent]:
    events: list[KeyEvent] = []
    for place in range(notes):
        at = 100.0 + place / onsets_a_second
        events += [NoteOn(at, 60 + place, velocity), NoteOff(at + 0.5 / onsets_a_second, 60 + place)]
    return events


def test_a_call_like_the_music_it_knows_is_heard_as_it_is() -> None:
    assert likeness_of(call(10.0, 60), LOUDNESS, DENSITY) == Likeness(0, 1.0)
    assert likeness_of(call(6.5, 82), LOUDNESS, DENSITY) == Likeness(0, 1.0)


def test_a_file_that_tells_nothing_of_its_music_hears_every_call_as_it_is() -> None:
    assert likeness_of(call(1.0, 120), None, None) == Likeness(0, 1.0)


@pytest.mark.parametrize(("velocity", "softer"), [(82, 0), (98, 4), (114, 8), (35, 0), (20, -4), (3, -8)])
def test_a_loud_call_is_heard_softer_and_a_soft_one_louder(velocity: int, softer: int) -> None:
    assert likeness_of(call(10.0, velocity), LOUDNESS, DENSITY).softer == softer


@pytest.mark.parametrize(
    ("onsets_a_second", "slower"),
    [(6.0, 1.0), (3.0, 2.0), (1.5, 4.0), (0.3, SLOWEST), (24.0, 1.0), (48.0, 0.5), (200.0, FASTEST)],
)
def test_a_sparse_call_is_heard_faster_and_a_dense_one_slower(onsets_a_second: float, slower: float) -> None:
    assert likeness_of(call(onsets_a_second, 60), LOUDNESS, DENSITY).slower == pytest.approx(slower)


def test_too_few_onsets_or_a_single_chord_tell_no_pace() -> None:
    chord: list[KeyEvent] = [NoteOn(1.0, pitch, 60) for pitch in (60, 64, 67)]
    assert likeness_of(chord, LOUDNESS, DENSITY).slower == 1.0
    assert likeness_of(call(1.0, 60, notes=2), LOUDNESS, DENSITY).slower == 1.0
    assert likeness_of([], LOUDNESS, DENSITY) == Likeness()


def test_what_is_heard_softer_and_faster_is_played_louder_and_slower_again() -> None:
    likeness = Likeness(softer=4, slower=2.0)
    assert [likeness.played_velocity(likeness.heard_velocity(bins)) for bins in (0, 5, 20, 32)] == [
        0,
        5,
        20,
        32,
    ]
    assert likeness.played_velocity(31) == 32
    assert likeness.heard_velocity(2) == 1
    assert likeness.heard_s(3.0) == 1.5
    assert likeness.played_s(150) == 3.0


def test_the_spread_of_a_chord_is_not_stretched() -> None:
    assert Likeness(slower=4.0).played_s(2) == 0.02
    assert Likeness(slower=4.0).played_s(10) == 0.4


# Heard in its own beat, by a model that listens.


def tune(beat_s: float, starts_at: float = 3.0, beats: int = 12) -> list[KeyEvent]:
    """A beat, and two halves of it, again and again."""
    events: list[KeyEvent] = []
    for place in range(beats):
        halves = (0.0, 0.5) if place % 2 else (0.0,)
        for half in halves:
            at = starts_at + (place + half) * beat_s
            events += [NoteOn(at, 60 + place, 70), NoteOff(at + 0.3 * beat_s, 60 + place)]
    return events


def heard_in_beats(call: Sequence[KeyEvent], began_at: float | None = None) -> Likeness:
    likeness = in_its_own_beat(call, call[0].at if began_at is None else began_at)
    assert likeness is not None
    return likeness


@pytest.mark.parametrize("beat_s", [0.4, 0.48, 0.55, 0.66, 0.8])
def test_at_every_tempo_a_beat_is_heard_as_long(beat_s: float) -> None:
    likeness = heard_in_beats(tune(beat_s))
    assert likeness.in_beats
    assert likeness.softer == 0
    beats = likeness.heard_s(beat_s) / BEAT_S
    assert log2(beats) == pytest.approx(round(log2(beats)), abs=0.04)  # or half, or twice as long
    assert 0.5 <= round(beats, 1) <= 2.0


def test_a_tune_that_begins_on_the_beat_is_heard_to_begin_on_it() -> None:
    begins_s = heard_in_beats(tune(0.5)).begins_s
    assert min(begins_s, BEAT_S - begins_s) < 0.03


@pytest.mark.parametrize("late_s", [0.1, 0.2, 0.35])
def test_what_came_before_the_beat_was_found_is_counted_from_when_it_began(late_s: float) -> None:
    call = tune(0.5)
    on_it, before = heard_in_beats(call), heard_in_beats(call, call[0].at - late_s)
    wanted = (on_it.begins_s - on_it.heard_s(late_s)) % BEAT_S
    off_s = abs(before.begins_s - wanted) % BEAT_S
    assert min(off_s, BEAT_S - off_s) < 1e-6
    assert before.slower == on_it.slower


def test_the_moment_at_which_it_is_played_is_no_matter() -> None:
    early, late = heard_in_beats(tune(0.5, 0.0)), heard_in_beats(tune(0.5, 77.3))
    assert is_near(early, late)


@pytest.mark.parametrize(
    "call",
    [
        [],
        tune(0.5, beats=1),
        [NoteOn(1.0, pitch, 70) for pitch in range(60, 68)],
        [NoteOn(at, 60, 70) for at in (0.0, 0.31, 1.4, 1.55, 3.12, 3.9, 5.63, 5.81, 7.97)],
    ],
    ids=["nothing", "one beat", "one chord", "no time"],
)
def test_what_keeps_no_beat_is_not_heard_in_one(call: list[KeyEvent]) -> None:
    assert in_its_own_beat(call, 0.0) is None


def test_the_notes_of_a_chord_are_one_onset() -> None:
    chords: list[KeyEvent] = [
        NoteOn(event.at + 0.004 * voice, event.pitch + 4 * voice, 70)
        for event in tune(0.5)
        if isinstance(event, NoteOn)
        for voice in range(3)
    ]
    assert is_near(heard_in_beats(chords), heard_in_beats(tune(0.5)))


BEATEN = Likeness(slower=1.2, in_beats=True, begins_s=0.1)


@pytest.mark.parametrize(
    ("other", "near"),
    [
        (BEATEN, True),
        (replace(BEATEN, slower=1.21), True),
        (replace(BEATEN, slower=1.3), False),
        (replace(BEATEN, begins_s=0.13), True),
        (replace(BEATEN, begins_s=0.2), False),
        (replace(BEATEN, begins_s=0.1 + BEAT_S), True),  # a whole beat later is the same place
        (replace(BEATEN, in_beats=False), False),
        (replace(BEATEN, softer=2), False),
    ],
)
def test_what_is_nearly_the_same_beat_need_not_be_heard_anew(other: Likeness, near: bool) -> None:
    assert is_near(BEATEN, other) is near
    assert is_near(other, BEATEN) is near


def test_places_are_near_across_the_beat_too() -> None:
    assert is_near(replace(BEATEN, begins_s=0.01), replace(BEATEN, begins_s=BEAT_S - 0.01))


@pytest.mark.parametrize(
    ("seconds", "first"),
    [(0.0, 7.0), (0.9, 7.0), (1.0, 6.0), (2.5, 5.0), (6.0, 2.0), (7.0, 0.0), (99.0, 0.0)],
)
def test_the_newest_of_a_call_is_what_came_in_its_last_seconds(seconds: float, first: float) -> None:
    call = [NoteOn(float(at), 60, 70) for at in (0, 2, 4, 5, 6, 7)]
    late = newest(call, seconds)
    assert late[0].at == first
    assert list(late) == call[-len(late) :]


def test_of_no_call_the_newest_is_nothing() -> None:
    assert list(newest([], 3.0)) == []
