"""Music backwards: that turning twice gives the very same phrase,
and that what is turned is what was there."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from music.beats import TempoMap
from music.notes import Note, Pedal
from music.phrase import Phrase, pedal_folded
from pieces.reversal import MICROSECONDS, reversed_in_time, settled
from tests.support.phrases import improvised, phrases

moments = st.integers(0, 40 * MICROSECONDS).map(lambda moment: moment / MICROSECONDS)
tempos = st.lists(
    st.tuples(st.floats(0, 60), st.floats(0.05, 4.0)), max_size=8
).map(lambda changes: TempoMap.of([(0.0, 0.5), *changes]))  # fmt: skip
any_note = st.builds(
    Note, st.floats(0, 5000), st.integers(0, 127), st.integers(1, 127), st.floats(0, 20), st.integers(0, 3)
)
any_phrase = st.builds(
    Phrase.of,
    st.lists(any_note, max_size=20),
    st.lists(st.builds(Pedal, st.floats(0, 5000), st.booleans()), max_size=8),
    tempos,
)


@st.composite
def phrases_on_microseconds(draw: st.DrawFn) -> Phrase:
    """Notes, voices, chords that share a key, pedal spans and a steady tempo, all on whole microseconds."""
    notes = draw(
        st.lists(
            st.builds(Note, moments, st.integers(21, 108), st.integers(1, 127), moments, st.integers(0, 2)),
            max_size=20,
        )
    )
    notes.sort(key=lambda note: (note.at, note.pitch, note.length_s, note.velocity, note.voice))
    treads = sorted(draw(st.lists(moments, unique=True, max_size=6)))
    pedals = [Pedal(at, place % 2 == 0) for place, at in enumerate(treads[: len(treads) // 2 * 2])]
    return Phrase.of(notes, pedals, TempoMap.steady(draw(st.floats(20, 300))))


@given(phrases_on_microseconds())
def test_turned_twice_a_phrase_is_the_same_to_the_last_bit(phrase: Phrase) -> None:
    assert reversed_in_time(reversed_in_time(phrase)) == phrase


@given(any_phrase)
def test_turned_twice_any_phrase_is_itself_settled(phrase: Phrase) -> None:
    turned = reversed_in_time(phrase)
    assert reversed_in_time(turned) == settled(phrase)
    assert reversed_in_time(settled(phrase)) == turned
    assert settled(turned) == turned


@given(any_phrase)
def test_settling_moves_nothing_by_more_than_half_a_microsecond(phrase: Phrase) -> None:
    half = 0.5000001 / MICROSECONDS
    forwards = settled(phrase)
    assert len(forwards.notes) == len(phrase.notes)
    before = sorted(
        phrase.notes, key=lambda note: (note.pitch, note.velocity, note.voice, note.at, note.length_s)
    )
    after = sorted(
        forwards.notes, key=lambda note: (note.pitch, note.velocity, note.voice, note.at, note.length_s)
    )
    for one, other in zip(before, after, strict=True):
        assert abs(one.at - other.at) <= half
    assert sorted(note.length_s for note in forwards.notes) == pytest.approx(
        sorted(note.length_s for note in phrase.notes), abs=half
    )


@given(any_phrase)
def test_a_turned_phrase_lasts_as_long_and_begins_when_it_began(phrase: Phrase) -> None:
    forwards, turned = settled(phrase), reversed_in_time(phrase)
    assert len(turned.notes) == len(forwards.notes)
    assert _span(turned) == pytest.approx(_span(forwards), abs=1e-5)
    for field in ("pitch", "velocity", "voice", "length_s"):
        assert sorted(getattr(note, field) for note in turned.notes) == sorted(
            getattr(note, field) for note in forwards.notes
        )


def _span(phrase: Phrase) -> tuple[float, float]:
    starts = [event.at for event in (*phrase.notes, *phrase.pedals)]
    ends = [phrase.until, *(pedal.at for pedal in phrase.pedals)]
    return (min(starts, default=0.0), max(ends) if starts else 0.0)


def test_a_cadence_is_heard_from_its_end() -> None:
    phrase = Phrase.of([Note(1.0, 67, 80, 0.5), Note(1.5, 59, 70, 0.5), Note(2.0, 60, 90, 2.0)])
    assert reversed_in_time(phrase) == Phrase.of(
        [Note(1.0, 60, 90, 2.0), Note(3.0, 59, 70, 0.5), Note(3.5, 67, 80, 0.5)]
    )


def test_the_pedal_goes_down_where_it_lifted() -> None:
    phrase = Phrase.of(
        [Note(0.0, 60, 80, 4.0)], [Pedal(0.5, True), Pedal(1.0, False), Pedal(3.0, True), Pedal(3.75, False)]
    )
    assert reversed_in_time(phrase).pedals == (
        Pedal(0.25, True),
        Pedal(1.0, False),
        Pedal(3.0, True),
        Pedal(3.5, False),
    )


def test_a_pedal_pressed_twice_stays_down_for_as_long() -> None:
    phrase = Phrase.of([Note(0.0, 60, 80, 4.0)], [Pedal(1.0, True), Pedal(2.0, True), Pedal(3.0, False)])
    turned = reversed_in_time(phrase)
    assert [(pedal.at, pedal.down) for pedal in turned.pedals] == [(1.0, True), (2.0, True), (3.0, False)]
    assert reversed_in_time(turned) == phrase


def test_a_pedal_that_never_lifts_lifts_at_the_end() -> None:
    phrase = Phrase.of([Note(0.0, 60, 80, 4.0)], [Pedal(1.0, True)])
    assert settled(phrase).pedals == (Pedal(1.0, True), Pedal(4.0, False))
    assert reversed_in_time(phrase).pedals == (Pedal(0.0, True), Pedal(3.0, False))


def test_the_slow_end_becomes_a_slow_beginning() -> None:
    phrase = Phrase.of([Note(0.0, 60, 80, 4.0)], tempo=TempoMap(((0.0, 0.5), (4.0, 1.0))))
    turned = reversed_in_time(phrase)
    assert turned.tempo == TempoMap(((0.0, 1.0), (2.0, 0.5)))
    assert reversed_in_time(turned) == phrase


@given(st.integers(0, 50), tempos)
def test_beats_between_two_moments_are_as_many_backwards(seed: int, tempo: TempoMap) -> None:
    forwards = settled(replace(improvised(seed), tempo=tempo))
    turned = reversed_in_time(forwards)
    axis = forwards.notes[0].at + forwards.until
    for note in forwards.notes:
        there = forwards.tempo.beat_at(note.until) - forwards.tempo.beat_at(note.at)
        back = turned.tempo.beat_at(axis - note.at) - turned.tempo.beat_at(axis - note.until)
        assert back == pytest.approx(there, abs=1e-6)


@given(phrases(pedal=True))
def test_with_the_pedal_folded_in_the_sound_itself_is_turned(phrase: Phrase) -> None:
    sounding = settled(pedal_folded(phrase))
    turned = reversed_in_time(sounding)
    assert turned.pedals == ()
    if not sounding.notes:
        return
    axis = min(note.at for note in sounding.notes) + sounding.until
    assert sorted((round(axis - note.until, 6), note.pitch) for note in sounding.notes) == sorted(
        (round(note.at, 6), note.pitch) for note in turned.notes
    )


def test_an_empty_phrase_is_left_as_it_is() -> None:
    phrase = Phrase(tempo=TempoMap(((0.0, 0.5), (4.0, 1.0))))
    assert reversed_in_time(phrase) == phrase


def test_a_phrase_that_begins_before_zero_is_refused_with_the_remedy() -> None:
    with pytest.raises(ValueError, match=r"begins at -1\.0 s .*move it to 0 or later"):
        reversed_in_time(Phrase.of([Note(-1.0, 60, 80, 1.0)]))


@pytest.mark.parametrize("seed", range(20))
def test_thousands_of_tempo_changes_turn_twice_exactly(seed: int) -> None:
    chance = random.Random(seed)
    beat, changes = 0.0, [(0.0, 0.5)]
    for _ in range(3000):
        beat += chance.choice([chance.random(), 1 / 480, 1e-6])
        changes.append((beat, chance.uniform(0.1, 3.0)))
    phrase = Phrase.of([Note(0.0, 60, 80, 1.0), Note(10000.0, 64, 80, 1.0)], tempo=TempoMap.of(changes))
    turned = reversed_in_time(phrase)
    assert len(turned.tempo.changes) > 2000
    assert reversed_in_time(turned) == settled(phrase)
