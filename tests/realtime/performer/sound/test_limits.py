"""An answer bends to its limits: what is drawn too high, loud, dense or strange becomes what may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.notes import NoteOff, NoteOn
from realtime.performer.actions import PlayNote
from realtime.performer.rules import Rules
from realtime.performer.sound.limits import (
    CHORD_S,
    NO_LIMITS,
    Bent,
    Keeping,
    Limits,
    begun,
    bent,
    nearest_allowed,
)
from tests.support.performing import asking, stretch

Events = tuple[NoteOn | NoteOff, ...]


def notes(*drawn: tuple[float, int, float], velocity: int = 80) -> Events:
    """(at, pitch, length) as events in order."""
    events = [
        event
        for at, pitch, length_s in drawn
        for event in (NoteOn(at, pitch, velocity), NoteOff(at + length_s, pitch))
    ]
    return tuple(sorted(events, key=lambda event: (event.at, isinstance(event, NoteOn))))


def struck(events: Events) -> list[int]:
    return [event.pitch for event in events if isinstance(event, NoteOn)]


def test_without_limits_everything_is_as_it_was() -> None:
    events = notes((0.0, 20, 0.5), (0.1, 120, 0.5))
    assert bent(Bent(), events, NO_LIMITS) == (Bent(), events)


@pytest.mark.parametrize(("pitch", "becomes"), [(30, 54), (100, 64), (48, 48), (64, 64), (47, 59), (65, 53)])
def test_what_is_out_of_range_comes_back_by_octaves(pitch: int, becomes: int) -> None:
    assert nearest_allowed(pitch, frozenset(), Limits(48, 64)) == becomes


def test_in_a_range_smaller_than_an_octave_the_nearest_end_is_taken() -> None:
    assert nearest_allowed(20, frozenset(), Limits(60, 62)) == 60
    assert nearest_allowed(75, frozenset(), Limits(60, 62)) == 62


def test_a_release_is_that_of_what_the_note_became() -> None:
    _, done = bent(Bent(), notes((0.0, 100, 0.5)), Limits(48, 64))
    assert done == (NoteOn(0.0, 64, 80), NoteOff(0.5, 64))


def test_across_stretches_a_release_finds_its_note() -> None:
    limits = Limits(48, 64)
    first, _ = bent(Bent(), (NoteOn(0.0, 100, 80),), limits)
    assert bent(first, (NoteOff(0.5, 100),), limits)[1] == (NoteOff(0.5, 64),)


def test_what_is_too_loud_is_struck_as_loud_as_may_be() -> None:
    _, done = bent(Bent(), notes((0.0, 60, 0.5), velocity=120), Limits(loudest=70))
    assert done[0] == NoteOn(0.0, 60, 70)


def test_of_too_many_voices_the_oldest_is_let_go_and_of_one_chord_the_rest_left_out() -> None:
    _, done = bent(Bent(), notes((0.0, 60, 9.0), (0.5, 64, 9.0), (1.0, 67, 9.0)), Limits(voices=2))
    assert next(event for event in done if isinstance(event, NoteOff)) == NoteOff(1.0, 60)
    assert struck(done) == [60, 64, 67]
    _, chord = bent(Bent(), notes((0.0, 60, 1.0), (0.0, 64, 1.0), (0.0, 67, 1.0)), Limits(voices=2))
    assert struck(chord) == [60, 64]
    assert [event.pitch for event in chord if isinstance(event, NoteOff)] == [60, 64]


def test_what_is_too_dense_is_left_out() -> None:
    drawn = notes(*((place / 10, 60 + place, 0.05) for place in range(20)))
    _, done = bent(Bent(), drawn, Limits(notes_in_a_second=4))
    onsets = [event.at for event in done if isinstance(event, NoteOn)]
    assert onsets == pytest.approx([0.0, 0.1, 0.2, 0.3, 1.0, 1.1, 1.2, 1.3])


@pytest.mark.parametrize(
    ("keeping", "classes"),
    [(Keeping.CALL, {0, 4, 7}), (Keeping.KEY, {0, 2, 4, 5, 7, 9, 11}), (Keeping.FREE, set())],
)
def test_the_keys_that_are_kept_to_are_the_calls_or_its_keys(keeping: Keeping, classes: set[int]) -> None:
    call = notes((0.0, 60, 1.0), (1.0, 64, 1.0), (2.0, 67, 1.0), (3.0, 72, 1.0))
    assert begun(call, Limits(keeping=keeping)).classes == classes


def test_a_strange_note_goes_to_the_nearest_key_and_where_there_is_none_it_stays() -> None:
    classes = frozenset({0, 4, 7})
    assert nearest_allowed(61, classes, NO_LIMITS) == 60
    assert nearest_allowed(66, classes, NO_LIMITS) == 67
    assert nearest_allowed(61, classes, Limits(61, 63)) == 61


def test_two_notes_that_become_one_key_at_once_are_struck_once() -> None:
    _, done = bent(Bent(), notes((0.0, 36, 0.5), (0.0, 48, 0.5)), Limits(60, 71))
    assert struck(done) == [60]
    assert len(done) == 2


drawn_notes = st.lists(st.tuples(st.floats(0.0, 5.0), st.integers(0, 127), st.floats(0.01, 3.0)), max_size=40)
limit_sets = st.builds(
    lambda low, more, loudest, dense, voices: Limits(low, min(low + more, 127), loudest, dense, voices),
    st.integers(0, 120),
    st.integers(0, 60),
    st.integers(1, 127),
    st.one_of(st.none(), st.integers(1, 10)),
    st.one_of(st.none(), st.integers(1, 6)),
)


@given(drawn_notes, limit_sets, st.sets(st.integers(0, 11)))
def test_whatever_is_drawn_the_limits_hold_and_nothing_hangs(
    drawn: list, limits: Limits, classes: set
) -> None:
    events = notes(*drawn)
    after, done = bent(Bent(frozenset(classes)), events, limits)
    down: dict[int, float] = {}
    onsets: list[float] = []
    for event in done:
        if isinstance(event, NoteOff):
            down.pop(event.pitch)
            continue
        assert event.pitch not in down
        down[event.pitch] = event.at
        onsets.append(event.at)
        assert limits.lowest <= event.pitch <= limits.highest
        assert event.velocity <= limits.loudest
        assert limits.voices is None or len(down) <= limits.voices
        recent = [at for at in onsets if event.at - at < 1.0]
        assert limits.notes_in_a_second is None or len(recent) <= limits.notes_in_a_second
    assert {one.pitch for one in after.down} == down.keys()


@given(drawn_notes, limit_sets)
def test_it_never_falls_silent_for_a_second_where_something_was_drawn(drawn: list, limits: Limits) -> None:
    """It bends before the music dead-ends: a note after a second without one is always struck."""
    _, done = bent(Bent(), notes(*drawn), limits)
    onsets = [event.at for event in done if isinstance(event, NoteOn)]
    for at, _, _ in drawn:
        assert any(at - 1.0 - CHORD_S <= onset <= at for onset in onsets)


def test_the_performer_plays_what_the_limits_let_be() -> None:
    performing = asking(Rules(limits=Limits(60, 72, loudest=50, keeping=Keeping.CALL)))
    performing.take(stretch(performing, (0.05, 49, 0.2), (0.5, 90, 0.2), is_over=True))
    performing.wake_until(performing.state.now + 2.0)
    played = performing.all(PlayNote)
    assert {note.pitch % 12 for note in played} <= {0, 2, 4, 5}
    assert all(60 <= note.pitch <= 72 and note.velocity <= 50 for note in played)
    assert len(played) == 2
