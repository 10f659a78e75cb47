"""When an answer takes up its call: soon, where the call does so in its beat, and again and again."""

from itertools import pairwise
from random import Random

import pytest

from music.manner.features import features_of
from music.manner.pulse import Beat
from music.notes import Note
from realtime.answerers.passages.call_time import (
    LONGEST_FOR_A_BEGINNING_S,
    LONGEST_PART_S,
    SOON_S,
    CallTime,
)

BEAT_S = 0.6
BEAT = Beat(BEAT_S, 0.0, 0.9)
# An upbeat of a quaver, crotchets, a pause, and the same again; the last note is cut short.
ONSETS = (0.3, 0.6, 1.2, 1.8, 2.4, 4.5, 4.8, 5.4, 6.0, 6.6)
CALL = [Note(at, 60 + place % 5, 60, 0.25) for place, at in enumerate(ONSETS)]
TIME = CallTime.of(CALL, BEAT)


@pytest.mark.parametrize("place", [0.0, 0.3, 0.7, 0.99])
@pytest.mark.parametrize("after", [7.0, 7.13, 7.3, 7.41, 7.55])
def test_it_is_taken_up_soon_and_where_it_lies_in_the_beat(after: float, place: float) -> None:
    chord, at = TIME.taken_up(place, after)
    assert after + SOON_S - 1e-6 <= at <= after + LONGEST_PART_S + 1e-6
    beats = (at - ONSETS[chord]) / BEAT_S
    assert beats == pytest.approx(round(beats), abs=1e-6)


def test_a_beginning_is_taken_up_if_it_comes_soon_enough() -> None:
    begins = {TIME.taken_up(place, 7.32)[0] for place in (0.0, 0.4, 0.8)}
    assert begins == {0, 5}  # on the quaver before the beat of 7.8
    from_within, at = TIME.taken_up(0.0, 7.65)
    assert from_within not in begins
    assert at == pytest.approx(7.8)


def test_nobody_waits_long_for_a_beginning_if_another_chord_comes_sooner() -> None:
    call = [Note(place * BEAT_S / 4, 60 + place % 5, 60, 0.1) for place in range(25)]
    time = CallTime.of(call, BEAT)  # in semiquavers; it begins on the beat
    for waits_s in (0.02, 0.1, LONGEST_FOR_A_BEGINNING_S - 0.01):
        assert time.taken_up(0.0, 9.0 - waits_s) == (0, pytest.approx(9.0))
    chord, at = time.taken_up(0.0, 9.0 - LONGEST_FOR_A_BEGINNING_S - 0.02)
    assert (chord, at) == (3, pytest.approx(9.0 - BEAT_S / 4))
    assert time.taken_up(0.0, 9.0 - BEAT_S / 2 - 0.08)[0] == 2  # and the soonest of them


def test_begun_again_the_call_lies_in_its_beat_as_before() -> None:
    gaps = TIME.chords.gaps
    assert list(gaps[:-1]) == pytest.approx([later - before for before, later in pairwise(ONSETS)])
    beats = sum(gaps) / BEAT_S
    assert beats == pytest.approx(round(beats), abs=1e-6)
    assert gaps[-1] > 0


def test_without_a_beat_it_is_taken_up_at_once() -> None:
    time = CallTime.of(CALL, None)
    assert time.taken_up(0.0, 7.2) == (0, 7.2 + SOON_S)
    assert time.taken_up(0.9, 7.2) == (5, 7.2 + SOON_S)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_call_of_few_chords_has_a_time(count: int) -> None:
    for beat in (None, BEAT):
        time = CallTime.of(CALL[:count], beat)
        assert time.has_rhythm == (count == 3)
        chord, at = time.taken_up(0.9, 9.0)
        assert 0 <= chord < count
        assert 9.0 < at <= 9.0 + LONGEST_PART_S + SOON_S


@pytest.mark.parametrize("seed", range(5))
def test_whatever_was_played_is_taken_up_in_time(seed: int) -> None:
    chance, at, call = Random(seed), 0.0, []
    for _ in range(30):
        at += chance.choice((0.02, 0.2, 0.41, 0.8))
        call.append(Note(at, chance.randint(40, 80), 60, chance.uniform(0.05, 0.5)))
    time = CallTime.of(call, features_of(call).beat)
    for place in (0.0, 0.5, 0.9):
        chord, begin = time.taken_up(place, at + 0.5)
        assert 0 <= chord < len(time.onsets)
        assert at + 0.5 < begin <= at + 0.5 + LONGEST_PART_S + SOON_S
    assert all(gap > 0 for gap in time.chords.gaps)
